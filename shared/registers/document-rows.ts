/** The registers of one Y.Doc, indexed by row. */
import type * as Y from 'yjs';
import type { CellValue, Schema } from '../schema/table.ts';
import type { Conflict } from './conflict.ts';

/** Rows by table that a transaction touched. */
export type Touched = ReadonlyMap<string, ReadonlySet<string>>;

export interface Stamp {
  readonly hlc: number;
  readonly device: string;
}

export interface MergedRow {
  readonly id: string;
  readonly visible: boolean;
  /** Every column of the table, without `id`. */
  readonly cells: Readonly<Record<string, CellValue>>;
  /** Who wrote each cell; a cell that nobody wrote has none. */
  readonly stamps: Readonly<Record<string, Stamp>>;
}

export class DocumentRows {
  constructor(_doc: Y.Doc, _schema: Schema) {
    throw new Error('not written yet');
  }
  get registerCount(): number {
    return 0;
  }
  /** Highest hlc of any register: `clock.observe` it before a write. */
  get maxHlc(): number {
    return 0;
  }
  tables(): Iterable<string> {
    return [];
  }
  ids(_table: string): Iterable<string> {
    return [];
  }
  read(_table: string, _id: string): MergedRow | undefined {
    return undefined;
  }
  conflicts(_table: string, _id: string): readonly Conflict[] {
    return [];
  }
  observe(_onTouched: (touched: Touched, origin: unknown) => void): () => void {
    return () => {};
  }
  close(): void {}
}
