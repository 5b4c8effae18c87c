/**
 * Which document a row lives in. The bucket is a pure function of the row: a table names the column whose UUIDv7
 * decides the month, so that an order and all its lines share one document for ever.
 */
import type { CellValue, Schema, Table } from '../schema/table.ts';
import { bucketOfId } from './bucket.ts';

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
