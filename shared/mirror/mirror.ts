/** Keeps the SQL tables equal to the registers. */
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import type { Schema } from '../schema/table.ts';
import type { RowChange } from './row-change.ts';
import type { SqlDatabase } from './sql.ts';

export class Mirror {
  constructor(_sql: SqlDatabase, _schema: Schema) {}
  /** Creates what is missing: tables, columns, indexes, `_conflict`, `_violation`, `_quarantine`. */
  createTables(): void {}
  /** Makes the touched rows in SQL equal to their registers; inside the caller's transaction, capture paused. */
  project(_document: string, _rows: DocumentRows, _touched: Touched): readonly RowChange[] {
    return [];
  }
  /** After a local commit: brings `_conflict` and `_violation` up to date for rows that SQL already has. */
  settle(_document: string, _rows: DocumentRows, _touched: Touched): void {}
  /** Replaces every row of the document; inside the caller's transaction, capture paused. */
  rebuild(_document: string, _rows: DocumentRows): void {}
  /** Removes every row of the document. */
  drop(_document: string): void {}
}
