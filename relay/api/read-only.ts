import type { Pool, PoolClient } from 'pg';

/** A report that takes longer is a job for a BI tool on a replica of the database. */
const STATEMENT_TIMEOUT_MS = 15_000;

export interface ReadOnlyClient {
  readonly client: PoolClient;
  /** Ends the transaction and gives the connection back. Call it whatever happens. */
  close(): Promise<void>;
}

/** A connection that sees the data of one moment, cannot write, and has a time limit on each statement. */
export async function openReadOnly(pool: Pool): Promise<ReadOnlyClient> {
  const client = await pool.connect();
  const close = async () => {
    let broken: Error | undefined;
    await client.query('rollback').catch((lost: Error) => {
      broken = lost; // the connection is gone: do not reuse it
    });
    client.release(broken);
  };
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query(`set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { client, close };
}
