/**
 * Rows that another document hides. Only a child row that two devices inserted with one id into two months is in
 * two documents: the earlier month shows it, the later one's cells wait here until the earlier row is gone, so
 * that the order of arrival does not matter [MIR-10].
 */
import type { CellValue, Table } from '../schema/table.ts';
import type { Statements } from './statements.ts';
import type { TableStatements } from './table-statements.ts';

export class Shadows {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  get isEmpty(): boolean {
    return this.#statements.get('select 1 from main._shadow limit 1').all().length === 0;
  }

  /**
   * What SQL is to show of a row, given what it shows now and what `document` says of it; notes what is hidden.
   */
  resolve(
    document: string,
    statements: TableStatements,
    id: string,
    { before, after }: { before: CellValue[] | undefined; after: CellValue[] | undefined },
  ): CellValue[] | undefined {
    const { table } = statements;
    const owner = before && statements.documentOf(id, before);
    if (owner === undefined || owner === document) {
      if (after === undefined) return this.#takeFirst(table, id);
      this.#remove(table, id, document);
      return after;
    }
    if (after === undefined) this.#remove(table, id, document);
    else if (owner < document) this.#put(table, id, document, after);
    else {
      this.#put(table, id, owner, before!);
      this.#remove(table, id, document);
      return after;
    }
    return before;
  }

  rowsOfDocument(table: Table, document: string): (readonly [id: string, cells: CellValue[]])[] {
    return this.#statements
      .get('select row_id, cells from main._shadow where table_name = ? and document = ?')
      .all([table.name, document])
      .map(([id, cells]) => [String(id), JSON.parse(String(cells)) as CellValue[]]);
  }

  #put(table: Table, id: string, document: string, cells: readonly CellValue[]): void {
    this.#statements
      .get('insert or replace into main._shadow values (?, ?, ?, ?)')
      .run([table.name, id, document, JSON.stringify(cells)]);
  }

  #remove(table: Table, id: string, document: string): void {
    this.#statements
      .get('delete from main._shadow where table_name = ? and row_id = ? and document = ?')
      .run([table.name, id, document]);
  }

  #takeFirst(table: Table, id: string): CellValue[] | undefined {
    const first = this.#statements
      .get(
        'select document, cells from main._shadow where table_name = ? and row_id = ? order by document limit 1',
      )
      .all([table.name, id])[0];
    if (first === undefined) return undefined;
    this.#remove(table, id, String(first[0]));
    return JSON.parse(String(first[1])) as CellValue[];
  }
}
