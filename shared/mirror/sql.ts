/**
 * The small SQL interface that mirror and capture work over. sql.js implements it in the worker and in Node
 * (sqljs.ts); nothing else of sql.js is visible to the engine.
 */
import type { CellValue } from '../schema/table.ts';

export type SqlParams = readonly CellValue[];
export type SqlRow = Readonly<Record<string, CellValue>>;

export interface SqlStatement {
  /** Runs it to the end, once. */
  run(params?: SqlParams): void;
  /** Every row as an array of cells, in column order. */
  all(params?: SqlParams): CellValue[][];
  /** Names of the result's columns. */
  columns(): string[];
  free(): void;
}

export interface SqlDatabase {
  /** Runs one or more statements without parameters or results. */
  exec(sql: string): void;
  /** Runs one statement with parameters. Throws SQLite's own message, and for a text with more than one statement. */
  run(sql: string, params?: SqlParams): void;
  rows(sql: string, params?: SqlParams): SqlRow[];
  prepare(sql: string): SqlStatement;
  /** Rows changed by the last statement. */
  changes(): number;
  /** The database as one image. Refuses inside a write transaction. */
  export(): Uint8Array;
  close(): void;
}
