/** Reading and writing the rows of one mirrored table, cells in the order of its columns. */

import { idRangeOfBucket } from '../documents/bucket.ts';
import { documentOfBucketValue } from '../documents/route.ts';
import { quoted } from '../schema/ddl-sqlite.ts';
import type { CellValue, Table } from '../schema/table.ts';
import type { SqlStatement } from './sql.ts';
import type { Statements } from './statements.ts';

export class TableStatements {
  readonly table: Table;
  /** Without `id`. */
  readonly columns: readonly string[];
  readonly #name: string;
  readonly #selectSql: string;
  readonly #selectManySql: string;
  readonly #insertSql: string;
  readonly #deleteSql: string;
  #insert: SqlStatement | undefined;
  #select: SqlStatement | undefined;
  /** By the positions that they write. */
  readonly #updates = new Map<string, SqlStatement>();
  readonly #bucketIndex: number;
  readonly #statements: Statements;

  constructor(table: Table, statements: Statements) {
    this.table = table;
    this.columns = Object.keys(table.columns);
    this.#name = quoted(table.name);
    this.#bucketIndex = table.bucket === undefined ? -1 : this.columns.indexOf(table.bucket);
    this.#statements = statements;
    const list = this.columns.map(quoted).join(', ');
    const cells = this.columns.map((column) => `r.${quoted(column)}, `).join('');
    this.#selectManySql = `select ${cells}j.key from json_each(?) j cross join main.${this.#name} r on r.id = j.value`;
    const places = this.columns.map(() => ', ?').join('');
    this.#selectSql = `select ${list} from main.${this.#name} where id = ?`;
    // "or fail": see or-fail.ts.
    this.#insertSql = `insert or fail into main.${this.#name} ("id", ${list}) values (?${places})`;
    this.#deleteSql = `delete from main.${this.#name} where id = ?`;
  }

  select(id: string): CellValue[] | undefined {
    this.#select ??= this.#statements.get(this.#selectSql);
    return this.#select.all([id])[0];
  }

  /** Rows by id, in one statement: for thousands a fraction of thousands of statements. */
  selectMany(ids: Iterable<string>): ReadonlyMap<string, CellValue[]> {
    const asked = [...ids];
    const found = this.#statements.get(this.#selectManySql).all([JSON.stringify(asked)]);
    // By place: a text takes longer to come out of SQLite than the rest of a row.
    return new Map(found.map((cells) => [asked[cells.pop() as number]!, cells]));
  }

  insert(id: string, cells: readonly CellValue[]): void {
    this.#insert ??= this.#statements.get(this.#insertSql);
    this.#insert.run([id, ...cells]);
  }

  /** Writes the cells at these positions. */
  update(id: string, cells: readonly CellValue[], changed: readonly number[]): void {
    const key = changed.join();
    let statement = this.#updates.get(key);
    if (!statement) {
      const list = changed.map((index) => `${quoted(this.columns[index]!)} = ?`).join(', ');
      statement = this.#statements.get(`update or fail main.${this.#name} set ${list} where id = ?`);
      this.#updates.set(key, statement);
    }
    statement.run([...changed.map((index) => cells[index]!), id]);
  }

  delete(id: string): void {
    this.#statements.get(this.#deleteSql).run([id]);
  }

  /** The document that a row with these cells lives in; undefined when it cannot be routed. */
  documentOf(id: string, cells: readonly CellValue[]): string | undefined {
    const { bucket, family } = this.table;
    if (bucket === undefined) return family;
    const value = bucket === 'id' ? id : cells[this.#bucketIndex];
    return typeof value === 'string' ? documentOfBucketValue(this.table, value) : undefined;
  }

  idsOfDocument(document: string): string[] {
    const { where, params } = this.#whereDocument(document);
    return this.#statements
      .get(`select id from main.${this.#name} ${where}`)
      .all(params)
      .map(([id]) => String(id));
  }

  deleteDocument(document: string): void {
    const { where, params } = this.#whereDocument(document);
    this.#statements.get(`delete from main.${this.#name} ${where}`).run(params);
  }

  /** Rows of a document as [id, …cells], in order of id. */
  rowsOfDocument(document: string): CellValue[][] {
    const { where, params } = this.#whereDocument(document);
    const list = ['id', ...this.columns].map(quoted).join(', ');
    return this.#statements.get(`select ${list} from main.${this.#name} ${where} order by id`).all(params);
  }

  #whereDocument(document: string): { where: string; params: readonly CellValue[] } {
    const { bucket } = this.table;
    if (bucket === undefined) return { where: '', params: [] };
    const range = idRangeOfBucket(document.slice(document.indexOf('/') + 1));
    const column = quoted(bucket);
    // The range alone would also take texts that only begin like a UUIDv7: no row of this table has one.
    return range === undefined
      ? { where: 'where false', params: [] }
      : { where: `where ${column} >= ? and ${column} < ?`, params: [range.from, range.to] };
  }
}
