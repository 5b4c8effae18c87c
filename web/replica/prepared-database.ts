/**
 * A database that is made ready for writing only when the first transaction begins: reading the first results must
 * not wait for triggers.
 */
import type { SqlDatabase, SqlParams, SqlRow, SqlStatement } from '../../shared/mirror/sql.ts';

export class PreparedDatabase implements SqlDatabase {
  readonly #inner: SqlDatabase;
  #isPrepared = false;
  #isClosed = false;
  /** Runs once, outside any transaction. */
  beforeFirstTransaction: () => void = () => {};

  constructor(inner: SqlDatabase) {
    this.#inner = inner;
  }

  /** Does nothing the second time, and nothing once closed. */
  prepareNow(): void {
    if (this.#isPrepared || this.#isClosed) return;
    this.#isPrepared = true;
    this.beforeFirstTransaction();
  }

  exec(sql: string): void {
    if (sql === 'begin') this.prepareNow();
    this.#inner.exec(sql);
  }

  run(sql: string, params?: SqlParams): void {
    this.#inner.run(sql, params);
  }

  rows(sql: string, params?: SqlParams): SqlRow[] {
    return this.#inner.rows(sql, params);
  }

  prepare(sql: string): SqlStatement {
    return this.#inner.prepare(sql);
  }

  changes(): number {
    return this.#inner.changes();
  }

  export(): Uint8Array {
    return this.#inner.export();
  }

  close(): void {
    this.#isClosed = true;
    this.#inner.close();
  }
}
