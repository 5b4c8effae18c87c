/** Turns SQL writes into registers. */
import type { DeviceId } from '../base/ids.ts';
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import type { Schema } from '../schema/table.ts';
import type { RowChange } from './row-change.ts';
import type { SqlDatabase } from './sql.ts';

export interface CaptureContext {
  readonly user: string;
  readonly device: DeviceId;
  /** Of the commit; later than every register of the documents written (DocumentRows.maxHlc). */
  readonly hlc: number;
  /** Undefined: not in memory. A document that nobody wrote yet is an empty one. */
  documentRows(document: string): DocumentRows | undefined;
}

export interface CaptureResult {
  /** Documents that the transaction writes, in order of name. Empty: nothing changed, no commit. */
  readonly documents: readonly string[];
  /** Documents not in memory: roll back, hydrate them, run the transaction again. `apply` must not be called then. */
  readonly missing: readonly string[];
  readonly changes: readonly RowChange[];
  /** The written rows of each document, for Mirror.settle. */
  readonly touched: ReadonlyMap<string, Touched>;
  /** Writes the registers: one `Y.transact` per document, with this origin. */
  apply(origin: unknown): void;
}

export class Capture {
  constructor(_sql: SqlDatabase, _schema: Schema) {}
  /** Creates the TEMP table and the TEMP triggers; after Mirror.createTables, once per connection. */
  install(): void {}
  /** Runs it with capture off: what the mirror writes is not a user's write. */
  pause<T>(run: () => T): T {
    return run();
  }
  /** Rows written since the last `write`, by table. */
  touched(): Touched {
    return new Map();
  }
  /**
   * Checks every rule on the touched rows and works out their registers. Call once, at the end of the SQL
   * transaction and inside it. Throws RefusedWriteError when a rule is broken.
   */
  write(_context: CaptureContext): CaptureResult {
    throw new Error('not written yet');
  }
}
