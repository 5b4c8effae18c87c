/**
 * The typed rows of schema `report`: reads what is there, writes what changed. One statement per table, whatever the
 * number of rows, with one JSON parameter that Postgres turns into the columns' types.
 */
import type { PoolClient } from 'pg';
import { cellToPostgres, reportTable } from '../../shared/schema/ddl-postgres.ts';
import { quoted } from '../../shared/schema/ddl-sqlite.ts';
import type { CellValue, Column, Schema, Table } from '../../shared/schema/table.ts';
import { type Prepared, prepared } from './prepared.ts';
import type { ReportRow } from './report-row.ts';

export interface RowKey {
  readonly workspace: string;
  readonly table: string;
  readonly id: string;
}

export interface RowState extends RowKey {
  /** Undefined: the row is not, or no longer, there. */
  readonly row: ReportRow | undefined;
  /** It was not there when this transaction looked. */
  readonly isNew?: boolean;
}

/** Another consumer made a row that was not there: do the batch again, it will be seen then. */
export class RowTakenError extends Error {
  override name = 'RowTakenError';
}

export class Report {
  readonly #tables: ReadonlyMap<string, TableStatements>;

  constructor(schema: Schema) {
    this.#tables = new Map(schema.tables.map((table) => [table.name, statementsOf(table)]));
  }

  /** Rows that are there, by `rowKeyText`. */
  async read(client: PoolClient, keys: Iterable<RowKey>): Promise<Map<string, ReportRow>> {
    const found = new Map<string, ReportRow>();
    for (const [name, group] of groupByTable(keys)) {
      const { rows } = await client.query({
        ...this.#tables.get(name)!.select,
        values: [group.map(({ workspace }) => workspace), group.map(({ id }) => id)],
      });
      for (const { workspace, id, ...row } of rows)
        found.set(rowKeyText({ workspace, table: name, id }), row);
    }
    return found;
  }

  /** As `read`; the rows stay locked until the transaction ends. */
  async lock(client: PoolClient, keys: Iterable<RowKey>): Promise<Map<string, ReportRow>> {
    const all = [...keys];
    for (const [name, group] of [...groupByTable(all)].sort(([one], [other]) => (one < other ? -1 : 1))) {
      await client.query({
        ...this.#tables.get(name)!.lock,
        values: [group.map(({ workspace }) => workspace), group.map(({ id }) => id)],
      });
    }
    return this.read(client, all);
  }

  /** Rows of one table and workspace, `where` being a condition over `r` with parameters from $2 on. */
  async readWhere(
    client: PoolClient,
    where: { readonly workspace: string; readonly table: string; readonly condition: string },
    params: readonly unknown[] = [],
  ): Promise<Map<string, ReportRow>> {
    const { table, cells } = this.#tables.get(where.table)!;
    const { rows } = await client.query(
      `select r.id, ${cells} from ${reportTable(table.name)} r where r.workspace = $1 and (${where.condition})`,
      [where.workspace, ...params],
    );
    return new Map(rows.map(({ id, ...row }) => [id, row]));
  }

  /** Throws RowTakenError. */
  async write(client: PoolClient, states: Iterable<RowState>): Promise<void> {
    for (const [name, group] of groupByTable(states)) {
      const { table, insert, upsert, remove } = this.#tables.get(name)!;
      const fresh = group.filter(({ row, isNew }) => row !== undefined && isNew);
      const present = group.filter(({ row, isNew }) => row !== undefined && !isNew);
      const gone = group.filter(({ row }) => row === undefined);
      const parameter = (rows: readonly RowState[]) =>
        JSON.stringify(rows.map(({ workspace, id, row }) => recordOf(table, workspace, id, row!)));
      if (fresh.length > 0) {
        const { rowCount } = await client.query({ ...insert, values: [parameter(fresh)] });
        if (rowCount !== fresh.length)
          throw new RowTakenError(`a row of ${name} was made by another consumer`);
      }
      if (present.length > 0) await client.query({ ...upsert, values: [parameter(present)] });
      if (gone.length > 0) {
        await client.query({
          ...remove,
          values: [gone.map(({ workspace }) => workspace), gone.map(({ id }) => id)],
        });
      }
    }
  }
}

export function rowKeyText({ workspace, table, id }: RowKey): string {
  return `${workspace}\0${table}\0${id}`;
}

export function sameRow(one: ReportRow | undefined, other: ReportRow | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Object.keys(one).every((column) => one[column] === other[column]);
}

interface TableStatements {
  readonly table: Table;
  /** Select list that gives cells. */
  readonly cells: string;
  readonly select: Prepared;
  readonly lock: Prepared;
  readonly insert: Prepared;
  readonly upsert: Prepared;
  readonly remove: Prepared;
}

function statementsOf(table: Table): TableStatements {
  const name = reportTable(table.name);
  const columns = Object.entries(table.columns);
  const names = columns.map(([column]) => quoted(column));
  const cells = columns.map(
    ([column, of]) => `${cellExpression(of, `r.${quoted(column)}`)} as ${quoted(column)}`,
  );
  const values = columns.map(([column, of]) =>
    of.kind === 'json' ? `v.${quoted(column)}::json` : `v.${quoted(column)}`,
  );
  const types = columns.map(([column, of]) => `${quoted(column)} ${PARAMETER_TYPES[of.kind]}`);
  const insert = `insert into ${name} (workspace, id, ${names.join(', ')})
             select v.workspace, v.id, ${values.join(', ')}
               from json_to_recordset($1::json) as v (workspace text, id text, ${types.join(', ')})`;
  return {
    table,
    cells: cells.join(', '),
    select: prepared(`select r.workspace, r.id, ${cells.join(', ')}
               from unnest($1::text[], $2::text[]) as k (workspace, id)
               join ${name} r on r.workspace = k.workspace and r.id = k.id`),
    lock: prepared(`select from ${name} r
              where (r.workspace, r.id) in (select * from unnest($1::text[], $2::text[]))
              order by r.workspace, r.id for update`),
    insert: prepared(`${insert} on conflict (workspace, id) do nothing`),
    upsert: prepared(`${insert}
             on conflict (workspace, id) do update
                set ${names.map((column) => `${column} = excluded.${column}`).join(', ')}`),
    remove: prepared(`delete from ${name} r using unnest($1::text[], $2::text[]) as k (workspace, id)
              where r.workspace = k.workspace and r.id = k.id`),
  };
}

/** Types of the JSON parameter. A column of kind json travels as text, which keeps its spelling. */
const PARAMETER_TYPES: Readonly<Record<Column['kind'], string>> = {
  text: 'text',
  integer: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  money: 'bigint',
  quantity: 'bigint',
  json: 'text',
  sharedText: 'text',
  reference: 'text',
};

/** A stored column as the cell it was: the driver reads bigint as a string and timestamptz as a Date. */
export function cellExpression({ kind }: Column, column: string): string {
  switch (kind) {
    case 'boolean':
      return `${column}::int`;
    case 'timestamp':
      return `round(extract(epoch from ${column}) * 1000)::float8`;
    case 'integer':
    case 'money':
    case 'quantity':
      return `${column}::float8`;
    case 'json':
      return `${column}::text`;
    default:
      return column;
  }
}

function recordOf(table: Table, workspace: string, id: string, row: ReportRow): Record<string, unknown> {
  const record: Record<string, unknown> = { workspace, id };
  for (const [name, { kind }] of Object.entries(table.columns)) {
    record[name] = cellToPostgres(kind, row[name] as CellValue);
  }
  return record;
}

function groupByTable<T extends RowKey>(keys: Iterable<T>): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const key of keys) {
    const group = groups.get(key.table);
    if (group) group.push(key);
    else groups.set(key.table, [key]);
  }
  return groups;
}
