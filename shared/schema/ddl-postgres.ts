/**
 * The schema `report` in Postgres: one table per table of the schema, with real types, comments and indexes, for
 * any BI tool. Rows of every workspace share a table; nothing is unique but (workspace, id), because merged rows
 * are never refused.
 */
import { indexesOf, quoted, sqlLiteral } from './ddl-sqlite.ts';
import type { CellValue, Column, ColumnKind, Schema, Table } from './table.ts';

const REPORT_SCHEMA = 'report';

const POSTGRES_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  integer: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  money: 'bigint',
  quantity: 'bigint',
  // Not jsonb: it would lose the order of keys and the spelling of numbers, and the report equals the SQL rows.
  json: 'json',
  sharedText: 'text',
  reference: 'text',
};

const UNIT_COMMENTS: Partial<Readonly<Record<ColumnKind, string>>> = {
  money: 'minor units of the currency (cents)',
  quantity: 'thousandths',
};

const MAX_POSTGRES_NAME_BYTES = 63;

/**
 * Statements that bring `report` to this schema; each is safe to run again. A column that is gone stays, one
 * that is new is added with its fallback.
 */
export function postgresDdl(schema: Schema): readonly string[] {
  return [`create schema if not exists ${REPORT_SCHEMA}`, ...schema.tables.flatMap(postgresTableDdl)];
}

function postgresTableDdl(table: Table): readonly string[] {
  const name = reportTable(table.name);
  const columns = Object.entries(table.columns);
  return [
    `create table if not exists ${name} (workspace text not null, id text not null, ${columns
      .map(([column, of]) => `${quoted(column)} ${postgresColumnType(of)}`)
      .join(', ')}, primary key (workspace, id))`,
    ...columns.map(
      ([column, of]) =>
        `alter table ${name} add column if not exists ${quoted(column)} ${postgresColumnType(of)}`,
    ),
    ...indexesOf(table).map(
      (index) =>
        `create index if not exists ${indexName(table.name, index)} on ${name} (workspace, ${index.map(quoted).join(', ')})`,
    ),
    `comment on table ${name} is ${sqlLiteral(table.comment)}`,
    `comment on column ${name}.workspace is 'the workshop the row belongs to'`,
    `comment on column ${name}.id is 'made on the device that inserted the row; unique within its workspace'`,
    ...columns.map(
      ([column, of]) => `comment on column ${name}.${quoted(column)} is ${sqlLiteral(commentOf(of))}`,
    ),
  ];
}

/** `report."work_orders"` */
export function reportTable(table: string): string {
  return `${REPORT_SCHEMA}.${quoted(table)}`;
}

function postgresColumnType({ kind, nullable, fallback }: Column): string {
  const literal = postgresLiteral(kind, fallback);
  return `${POSTGRES_TYPES[kind]}${nullable ? '' : ' not null'} default ${literal}`;
}

function postgresLiteral(kind: ColumnKind, fallback: CellValue): string {
  if (fallback === null) return 'null';
  if (kind === 'boolean') return fallback === 0 ? 'false' : 'true';
  if (kind === 'timestamp') return `to_timestamp(${Number(fallback)} / 1000.0)`;
  return sqlLiteral(fallback);
}

function commentOf({ kind, comment, references }: Column): string {
  const parts = [comment, UNIT_COMMENTS[kind], references === undefined ? undefined : `id in ${references}`];
  return parts.filter((part) => part).join('; ');
}

/** Postgres cuts longer names silently, and two of them could become one. */
function indexName(table: string, columns: readonly string[]): string {
  const name = `${table}__${columns.join('__')}`;
  if (name.length <= MAX_POSTGRES_NAME_BYTES) return quoted(name);
  let hash = 5381;
  for (let index = 0; index < name.length; index++) hash = ((hash * 33) ^ name.charCodeAt(index)) >>> 0;
  const suffix = `_${hash.toString(36)}`;
  return quoted(name.slice(0, MAX_POSTGRES_NAME_BYTES - suffix.length) + suffix);
}

/** A cell as a parameter of `pg`: booleans as booleans, timestamps as ISO text, the rest as it is. */
export function cellToPostgres(
  kind: ColumnKind,
  value: CellValue,
): null | boolean | number | string | Uint8Array {
  if (value === null) return null;
  if (kind === 'boolean') return value !== 0;
  if (kind === 'timestamp') return postgresTimestamp(Number(value));
  return value;
}

/** What `pg` read (bigint as text, timestamptz as Date, json as parsed or text) back as a cell. */
export function cellOfPostgres(kind: ColumnKind, value: unknown): CellValue {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'boolean':
      return value ? 1 : 0;
    case 'timestamp':
      return value instanceof Date ? value.getTime() : Date.parse(String(value));
    case 'integer':
    case 'money':
    case 'quantity':
    case 'real':
      return Number(value);
    case 'json':
      return typeof value === 'string' ? value : JSON.stringify(value);
    default:
      return String(value);
  }
}

/** Years are 1 to 9999 (registers/codec.ts), so ISO text has four digits of year. */
function postgresTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}
