import type { Pool, PoolClient } from 'pg';

/** Runs `run` in one Postgres transaction: all of it is stored, or what `run` threw is thrown and nothing is. */
export async function inTransaction<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that ends between two statements says so by an event; unheard it would end the process. The next
  // statement fails, which is how we learn.
  const noteLoss = (error: Error) => {
    broken = error;
  };
  client.on('error', noteLoss);
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A rollback that fails means the connection is gone, and the transaction with it: do not reuse it.
    await client.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.off('error', noteLoss);
    client.release(broken);
  }
}
