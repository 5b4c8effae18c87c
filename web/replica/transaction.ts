import type { SqlDatabase } from '../../shared/mirror/sql.ts';

/** Runs it as one SQL transaction; whatever it throws rolls everything back. Synchronous, so nothing interleaves. */
export function inTransaction<T>(sql: SqlDatabase, run: () => T): T {
  sql.exec('begin');
  try {
    const result = run();
    sql.exec('commit');
    return result;
  } catch (error) {
    sql.exec('rollback');
    throw error;
  }
}
