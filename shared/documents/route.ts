/**
 * Which document a row lives in. The bucket is a pure function of the row: a table names the column whose UUIDv7
 * decides the month, so that an order and all its lines share one document for ever.
 */
import { isUuidV7 } from '../base/ids.ts';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import { bucketOfId, idRangeOfBucket } from './bucket.ts';

/** What route needs of a row: its id and, for a child table, the column that routes it. */
export type RoutedRow = Readonly<Record<string, CellValue>>;

/**
 * `people`, or `work/2026-11`. Undefined when the row cannot be routed: its bucket column holds no UUIDv7.
 * `row` has at least `id` and the table's bucket column.
 */
export function routeOf(table: Table, row: RoutedRow): string | undefined {
  if (table.bucket === undefined) return table.family;
  const value = row[table.bucket];
  return typeof value === 'string' ? documentOfBucketValue(table, value) : undefined;
}

/** The document of a bucketed table for one value of its bucket column. */
export function documentOfBucketValue(table: Table, value: string): string | undefined {
  const bucket = bucketOfId(value);
  return bucket === undefined ? undefined : `${table.family}/${bucket}`;
}

/** Routes many rows of one table: those of one month stand together, and a range is quicker than a date. */
export class Router {
  /** Position of the column that routes, among the table's columns; -1 when the id does, or nothing. */
  readonly bucketIndex: number;
  readonly #table: Table;
  #last: { readonly document: string; readonly from: string; readonly to: string } | undefined;

  constructor(table: Table) {
    this.#table = table;
    this.bucketIndex = table.bucket === undefined ? -1 : Object.keys(table.columns).indexOf(table.bucket);
  }

  /** `cell` is what the routing column holds; of no account where there is none. */
  documentOf(id: string, cell: CellValue): string | undefined {
    const table = this.#table;
    if (table.bucket === undefined) return table.family;
    const value = table.bucket === 'id' ? id : cell;
    if (typeof value !== 'string') return undefined;
    const last = this.#last;
    if (last && value >= last.from && value < last.to && isUuidV7(value)) return last.document;
    const document = documentOfBucketValue(table, value);
    const range = document && idRangeOfBucket(document.slice(document.indexOf('/') + 1));
    if (document && range) this.#last = { document, ...range };
    return document;
  }
}

/** Like `routeOf`, by table name. Throws for an unknown table and for a row that cannot be routed. */
export function documentOf(schema: Schema, tableName: string, row: RoutedRow): string {
  const table = schema.tables.find(({ name }) => name === tableName);
  if (!table) throw new Error(`table "${tableName}" is not in the schema`);
  const document = routeOf(table, row);
  if (document === undefined) {
    throw new Error(`row of "${tableName}" has no document: "${table.bucket}" must be a UUIDv7`);
  }
  return document;
}

/** Tables whose rows may live in a document: those of its family. */
export function tablesOfDocument(schema: Schema, document: string): readonly Table[] {
  const slash = document.indexOf('/');
  const family = slash < 0 ? document : document.slice(0, slash);
  return schema.tables.filter(
    (table) => table.family === family && (table.bucket !== undefined) === slash >= 0,
  );
}
