import type { Pool, PoolClient } from 'pg';

/** Runs `run` in one Postgres transaction: all of it is stored, or what `run` threw is thrown and nothing is. */
export function inTransaction<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client, giveUp) => {
    try {
      await client.query('begin');
      const result = await run(client);
      await client.query('commit');
      return result;
    } catch (error) {
      // A rollback that fails means the connection is gone, and the transaction with it.
      await client.query('rollback').catch(giveUp);
      throw error;
    }
  });
}

/** Runs `run` with a connection of its own, which goes back to the pool unless it was lost or `giveUp` was called. */
export async function withClient<T>(
  pool: Pool,
  run: (client: PoolClient, giveUp: (because: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that ends between two statements says so by an event; unheard it would end the process. The next
  // statement fails, which is how we learn.
  const giveUp = (because: Error) => {
    broken = because;
  };
  client.on('error', giveUp);
  try {
    return await run(client, giveUp);
  } finally {
    client.off('error', giveUp);
    client.release(broken);
  }
}
