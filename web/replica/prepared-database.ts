/**
 * A database that is made ready for writing only when the first transaction begins, or when a statement names what
 * being ready brings: reading the first results must not wait for triggers and temporary tables.
 */
import type { SqlDatabase, SqlParams, SqlRow, SqlStatement } from '../../shared/mirror/sql.ts';

export class PreparedDatabase implements SqlDatabase {
  readonly #inner: SqlDatabase;
  readonly #needsPrepared: RegExp;
  #isPrepared = false;
  #isClosed = false;
  /** Runs once, outside any transaction. */
  prepareBy: () => void = () => {};

  constructor(inner: SqlDatabase, needsPrepared: RegExp) {
    this.#inner = inner;
    this.#needsPrepared = needsPrepared;
  }

  /** Does nothing the second time, and nothing once closed. */
  prepareNow(): void {
    if (this.#isPrepared || this.#isClosed) return;
    this.#isPrepared = true;
    this.prepareBy();
  }

  exec(sql: string): void {
    if (sql === 'begin') this.prepareNow();
    else this.#prepareFor(sql);
    this.#inner.exec(sql);
  }

  run(sql: string, params?: SqlParams): void {
    this.#prepareFor(sql);
    this.#inner.run(sql, params);
  }

  rows(sql: string, params?: SqlParams): SqlRow[] {
    this.#prepareFor(sql);
    return this.#inner.rows(sql, params);
  }

  prepare(sql: string): SqlStatement {
    this.#prepareFor(sql);
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

  #prepareFor(sql: string): void {
    if (!this.#isPrepared && this.#needsPrepared.test(sql)) this.prepareNow();
  }
}
