import type { CellValue } from '../schema/table.ts';
import type { SqlRow } from './sql.ts';

/** One row of a mirrored table that a transaction changed. Undefined before: inserted; after: gone. */
export interface RowChange {
  readonly table: string;
  readonly id: string;
  readonly before: SqlRow | undefined;
  readonly after: SqlRow | undefined;
}

/** A change that holds cells, and makes rows of them when asked: a bulk insert is seldom looked at. */
export class CellsChange implements RowChange {
  readonly table: string;
  readonly id: string;
  readonly #columns: readonly string[];
  readonly #before: readonly CellValue[] | undefined;
  readonly #after: readonly CellValue[] | undefined;

  /** `columns` name the cells of both, without `id`. */
  constructor(
    table: string,
    id: string,
    cells: {
      readonly columns: readonly string[];
      readonly before: readonly CellValue[] | undefined;
      readonly after: readonly CellValue[] | undefined;
    },
  ) {
    this.table = table;
    this.id = id;
    this.#columns = cells.columns;
    this.#before = cells.before;
    this.#after = cells.after;
  }

  get isInsert(): boolean {
    return this.#before === undefined;
  }

  get isDelete(): boolean {
    return this.#after === undefined;
  }

  get before(): SqlRow | undefined {
    return this.#rowOf(this.#before);
  }

  get after(): SqlRow | undefined {
    return this.#rowOf(this.#after);
  }

  #rowOf(cells: readonly CellValue[] | undefined): SqlRow | undefined {
    if (cells === undefined) return undefined;
    const row: Record<string, CellValue> = { id: this.id };
    this.#columns.forEach((column, index) => {
      row[column] = cells[index]!;
    });
    return row;
  }
}
