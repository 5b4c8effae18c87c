import type { Pool, PoolClient } from 'pg';
import { withClient } from '../transaction.ts';

/** First key of the advisory lock of a document that is being compacted or re-created; the second is its id. */
const COMPACTION_LOCK = 7_335_215;

/**
 * Runs `run` while no other process compacts the document; undefined when one does. The lock goes with its connection,
 * which `run` may use.
 */
export function withCompactionLock<T>(
  pool: Pool,
  document: number,
  run: (client: PoolClient) => Promise<T>,
): Promise<T | undefined> {
  return withClient(pool, async (client, giveUp) => {
    const { rows } = await client.query<{ isLocked: boolean }>(
      'select pg_try_advisory_lock($1, $2) as "isLocked"',
      [COMPACTION_LOCK, document],
    );
    if (!rows[0]?.isLocked) return undefined;
    try {
      return await run(client);
    } finally {
      await client.query('select pg_advisory_unlock($1, $2)', [COMPACTION_LOCK, document]).catch(giveUp);
    }
  });
}
