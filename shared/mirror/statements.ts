import type { SqlDatabase, SqlStatement } from './sql.ts';

/** Statements prepared once. Their number is bounded by the schema: texts never hold values. */
export class Statements {
  readonly #sql: SqlDatabase;
  readonly #prepared = new Map<string, SqlStatement>();

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  get(sql: string): SqlStatement {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#sql.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    for (const statement of this.#prepared.values()) statement.free();
    this.#prepared.clear();
  }
}
