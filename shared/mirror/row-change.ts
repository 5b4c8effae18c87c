import type { SqlRow } from './sql.ts';

/** One row of a mirrored table that a transaction changed. Undefined before: inserted; after: gone. */
export interface RowChange {
  readonly table: string;
  readonly id: string;
  readonly before: SqlRow | undefined;
  readonly after: SqlRow | undefined;
}
