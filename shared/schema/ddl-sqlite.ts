/**
 * The SQLite tables of a schema. They hold no UNIQUE, CHECK or foreign key: merged rows are never refused, so
 * capture checks the rules of local writes and `_violation` lists what merged rows break.
 * Indexes on unique columns are there for those checks.
 */
import type { CellValue, ColumnKind, Schema, Table } from './table.ts';

const SQLITE_TYPES: Readonly<Record<ColumnKind, 'text' | 'integer' | 'real'>> = {
  text: 'text',
  integer: 'integer',
  real: 'real',
  boolean: 'integer',
  timestamp: 'integer',
  money: 'integer',
  quantity: 'integer',
  json: 'text',
  sharedText: 'text',
  reference: 'text',
};

/**
 * Tables of the engine itself, in the main database: they are part of the exported image. Those without rowid begin with
 * their key: SQLite before 3.41, which many systems have, else finds nulls in them that are none (integrity_check).
 */
export const SYSTEM_TABLES: readonly string[] = [
  `create table if not exists _conflict (
    table_name text not null,
    row_id text not null,
    column_name text not null, -- empty: the row was deleted by one side and edited by the other
    loser_device text not null,
    document text not null,
    winner_device text not null,
    winner_hlc integer not null,
    winner_value any,
    loser_hlc integer not null,
    loser_value any,
    policy text not null, -- manual: waits for a person; lww: only listed
    primary key (table_name, row_id, column_name, loser_device, document)
  ) strict, without rowid`,
  `create table if not exists _violation (
    kind text not null, -- unique, reference, check, not-null, append-only, sealed
    table_name text not null,
    row_id text not null,
    rule text not null, -- the column, several joined by a comma, or the checked expression
    device text not null, -- who wrote the register that is not shown; else empty
    document text not null, -- of that register; else empty
    hlc integer not null,
    key text, -- unique: the shared key as a JSON array; reference: the id that is missing; sealed: the whole of a late part
    keeper_id text, -- unique: the row that keeps the key
    primary key (kind, table_name, row_id, rule, device, document)
  ) strict, without rowid`,
  'create index if not exists _violation_key on _violation (kind, rule, key)',
  'create index if not exists _violation_row on _violation (table_name, row_id)',
  `create table if not exists _shadow (
    table_name text not null,
    row_id text not null,
    document text not null,
    cells text not null, -- JSON array, in the order of the table's columns
    primary key (table_name, row_id, document)
  ) strict, without rowid`,
  `create table if not exists _quarantine (
    id text not null primary key,
    document text not null,
    epoch integer not null,
    seq integer, -- place in the log, when it came from there
    reason text not null,
    at_ms integer not null,
    bytes blob
  ) strict`,
];

/** Everything a fresh database needs, each statement safe to run again. */
export function sqliteDdl(schema: Schema): readonly string[] {
  return [...SYSTEM_TABLES, ...schema.tables.flatMap(sqliteTableDdl)];
}

export function sqliteTableDdl(table: Table): readonly string[] {
  const columns = Object.keys(table.columns).map((name) => sqliteColumnDdl(table, name));
  return [
    `create table if not exists ${quoted(table.name)} (${['"id" text not null primary key', ...columns].join(', ')}) strict`,
    ...sqliteIndexDdl(table),
  ];
}

/** One column as `create table` and `alter table … add column` want it. */
export function sqliteColumnDdl(table: Table, name: string): string {
  const { kind, fallback } = table.columns[name]!;
  return `${quoted(name)} ${SQLITE_TYPES[kind]} default ${sqlLiteral(fallback)}`;
}

function sqliteIndexDdl(table: Table): readonly string[] {
  return indexesOf(table).map(
    (columns) =>
      `create index if not exists ${quoted(`${table.name}__${columns.join('__')}`)} on ${quoted(table.name)} (${columns.map(quoted).join(', ')})`,
  );
}

/** Every index that the table asks for, also through unique, reference and bucket; each once. */
export function indexesOf(table: Table): readonly (readonly string[])[] {
  const indexes = new Map<string, readonly string[]>();
  const add = (columns: readonly string[]) => indexes.set(columns.join(), columns);
  for (const [name, column] of Object.entries(table.columns)) {
    if (column.index || column.unique) add([name]);
  }
  if (table.bucket !== undefined && table.bucket !== 'id') add([table.bucket]);
  for (const columns of uniquesOf(table)) add(columns);
  for (const columns of table.indexes) add(columns);
  return [...indexes.values()];
}

/** Every unique key of the table: single columns first. */
export function uniquesOf(table: Table): readonly (readonly string[])[] {
  const single = Object.entries(table.columns)
    .filter(([, { unique }]) => unique)
    .map(([name]) => [name]);
  return [...single, ...table.uniques];
}

/** Every check of the table with the column it was declared on; empty for one over the whole row. */
export function checksOf(table: Table): readonly { readonly column: string; readonly sql: string }[] {
  const single = Object.entries(table.columns).flatMap(([column, { check }]) =>
    check === undefined ? [] : [{ column, sql: check }],
  );
  return [...single, ...table.checks.map((sql) => ({ column: '', sql }))];
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A value as a SQL literal, the same in SQLite and Postgres. Bytes are not supported. */
export function sqlLiteral(value: CellValue): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  throw new Error('a column default cannot be bytes');
}
