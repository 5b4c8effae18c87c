/**
 * `report.violation`: merged rows that break a declared rule, by the same rules as the replica's `_violation`
 * (shared/mirror/violation.ts), over the rows of the whole workspace:
 *
 *   check       the touched rows themselves
 *   unique      every row that shares a key with a touched row, or shared one
 *   reference   the touched rows, and rows that point to one that appeared or vanished
 *   not-null, append-only, sealed: what the registers of the touched rows say
 *   sealed      parts that are open while their whole is sealed, of touched parts and of touched wholes
 *
 * The keeper of a unique key is the row made first, then the lower id. Two consumers could each miss what the other
 * has not committed yet, so this part of a transaction runs alone per workspace.
 */
import type { Pool, PoolClient } from 'pg';
import { msOfHlc } from '../../shared/base/hlc.ts';
import { reportTable } from '../../shared/schema/ddl-postgres.ts';
import { checksOf, quoted, sqlLiteral, uniquesOf } from '../../shared/schema/ddl-sqlite.ts';
import { type Parts, partsOf } from '../../shared/schema/parts.ts';
import type { Schema, Table } from '../../shared/schema/table.ts';
import { inTransaction } from '../transaction.ts';
import { type Prepared, prepared } from './prepared.ts';
import type { RowKey } from './report.ts';

/** First key of the advisory lock of a workspace whose violations are being settled. */
const VIOLATION_LOCK = 7_335_216;

export interface TouchedRow extends RowKey {
  /** It came or went, so what points to it is looked at too. */
  readonly cameOrWent: boolean;
}

/** A register that is not shown because it breaks the rule of its table. */
export interface BreachRow extends RowKey {
  readonly kind: 'not-null' | 'append-only' | 'sealed';
  readonly column: string;
  readonly device: string;
  readonly hlc: number;
}

export class Violations {
  readonly #schema: Schema;
  #statements: ReadonlyMap<string, TableStatements> | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /**
   * Finds out which checks Postgres can evaluate: they are written for SQLite. Answers those it cannot, as
   * `table: expression`; replicas list their violations all the same. Call once the tables of `report` are there.
   */
  async prepare(pool: Pool): Promise<readonly string[]> {
    const left: string[] = [];
    const statements = new Map<string, TableStatements>();
    for (const table of this.#schema.tables) {
      const checks: string[] = [];
      for (const { sql } of checksOf(table)) {
        if (await canEvaluate(pool, table, sql)) checks.push(sql);
        else left.push(`${table.name}: ${sql}`);
      }
      statements.set(table.name, statementsOf(this.#schema, table, checks));
    }
    this.#statements = statements;
    return left;
  }

  /** Inside the transaction that wrote the rows, after them. */
  async settle(
    client: PoolClient,
    rows: readonly TouchedRow[],
    breaches: readonly BreachRow[],
  ): Promise<void> {
    if (rows.length === 0) return;
    if (this.#statements === undefined) throw new Error('violations were not prepared');
    for (const workspace of [...new Set(rows.map(({ workspace }) => workspace))].sort()) {
      await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [VIOLATION_LOCK, workspace]);
    }
    const byTable = new Map<string, TouchedRow[]>();
    for (const row of rows) byTable.set(row.table, [...(byTable.get(row.table) ?? []), row]);
    for (const [name, touched] of byTable) {
      const { own, incoming, parts } = this.#statements.get(name)!;
      const breached = breaches.filter(({ table }) => table === name);
      await client.query({
        ...own,
        values: [keysJson(touched), JSON.stringify(breached.map(breachRecord))],
      });
      for (const one of parts) await client.query({ ...one, values: [keysJson(touched)] });
      const moved = touched.filter(({ cameOrWent }) => cameOrWent);
      if (incoming === undefined || moved.length === 0) continue;
      await client.query({ ...incoming, values: [keysJson(moved)] });
    }
  }
}

interface TableStatements {
  /** Violations of the touched rows themselves. $1: keys; $2: breaches. */
  readonly own: Prepared;
  /** Violations of rows that point to the touched ones. $1: keys. */
  readonly incoming: Prepared | undefined;
  /** Late parts of the touched rows, one for each table of parts. $1: keys. */
  readonly parts: readonly Prepared[];
}

const COLUMNS = 'workspace, kind, row_id, rule, device, written_at, key, keeper_id';

function statementsOf(schema: Schema, table: Table, checks: readonly string[]): TableStatements {
  const uniques = uniquesOf(table);
  const current = [
    `select b.workspace, b.kind, b.row_id, b.rule, b.device, to_timestamp(b.ms / 1000) as written_at,
            null::text as key, null::text as keeper_id
       from json_to_recordset($2::json)
         as b (workspace text, kind text, row_id text, rule text, device text, ms float8)`,
    ...checks.map((sql) => checkSelect(table, sql)),
    ...referencesOf(table).map(([column, target]) => referenceSelect(table, column, target)),
    ...uniques.map((columns, index) => uniqueSelect(columns, index)),
    ...partsOf(schema)
      .filter((parts) => parts.table === table)
      .map((parts) => lateSelect(parts, 't.id = r.id')),
  ];
  const name = sqlLiteral(table.name);
  const own = `
    with t as materialized (select * from json_to_recordset($1::json) as k (workspace text, id text)),
    affected as materialized (
      select workspace, id from t
      union
      select v.workspace, unnest(array[v.row_id, v.keeper_id])
        from t join report.violation v on v.workspace = t.workspace and (v.row_id = t.id or v.keeper_id = t.id)
       where v.kind = 'unique' and v.table_name = ${name}
    ),
    ${uniques.map((columns, index) => keysOf(table, columns, index)).join('')}
    now as materialized (${current.join(' union all ')}),
    gone as (
      delete from report.violation v
       where v.table_name = ${name}
         and (v.workspace, v.row_id) in (select workspace, id from t
              union select workspace, id from affected
              ${uniques.map((_, index) => `union select workspace, id from sharing${index}`).join(' ')})
         and not exists (select from now n where n.workspace = v.workspace and n.kind = v.kind
                            and n.row_id = v.row_id and n.rule = v.rule and n.device = v.device)
         and (v.kind = 'unique' or (v.workspace, v.row_id) in (select workspace, id from t))
    )
    ${insertNow(name)}`;
  const incoming = incomingStatement(schema, table);
  return {
    own: prepared(own),
    incoming: incoming === undefined ? undefined : prepared(incoming),
    parts: partsOf(schema)
      .filter(({ whole }) => whole === table)
      .map((parts) => prepared(latePartsStatement(parts))),
  };
}

function insertNow(tableLiteral: string): string {
  return `insert into report.violation (table_name, ${COLUMNS})
    select ${tableLiteral}, ${COLUMNS} from now
    on conflict (workspace, kind, table_name, row_id, rule, device) do update
       set written_at = excluded.written_at, key = excluded.key, keeper_id = excluded.keeper_id
     where (report.violation.key, report.violation.keeper_id, report.violation.written_at)
           is distinct from (excluded.key, excluded.keeper_id, excluded.written_at)`;
}

function checkSelect(table: Table, sql: string): string {
  return `select r.workspace, 'check', r.id, ${sqlLiteral(sql)}, '', null::timestamptz, null::text, null::text
            from (${sqliteView(table, 'join t on r.workspace = t.workspace and r.id = t.id')}) r where not (${sql})`;
}

function referenceSelect(table: Table, column: string, target: string): string {
  return `select r.workspace, 'reference', r.id, ${sqlLiteral(column)}, '', null::timestamptz, r.${quoted(column)}, null::text
            from t join ${reportTable(table.name)} r on r.workspace = t.workspace and r.id = t.id
           where r.${quoted(column)} is not null
             and not exists (select from ${reportTable(target)} x
                              where x.workspace = r.workspace and x.id = r.${quoted(column)})`;
}

/** Open parts of sealed wholes; `touched` joins them to `t`, the keys of touched parts or wholes. */
function lateSelect({ table, column, whole, isOpen, isSealed }: Parts, touched: string): string {
  return `select r.workspace, 'sealed', r.id, ${sqlLiteral(column)}, '', null::timestamptz, r.${quoted(column)}, null::text
            from (${sqliteView(table, `join t on r.workspace = t.workspace and ${touched}`)}) r
           where ${isOpen} and exists (select from (${sqliteView(whole, '')}) x
              where x.workspace = r.workspace and x.id = r.${quoted(column)} and (${isSealed}))`;
}

function latePartsStatement(parts: Parts): string {
  const name = sqlLiteral(parts.table.name);
  return `
    with t as materialized (select * from json_to_recordset($1::json) as k (workspace text, id text)),
    now (${COLUMNS}) as materialized (${lateSelect(parts, `t.id = r.${quoted(parts.column)}`)}),
    gone as (
      delete from report.violation v using t
       where v.workspace = t.workspace and v.key = t.id and v.kind = 'sealed' and v.device = ''
         and v.table_name = ${name} and v.rule = ${sqlLiteral(parts.column)}
         and not exists (select from now n where n.workspace = v.workspace and n.row_id = v.row_id)
    )
    ${insertNow(name)}`;
}

/** `keysN`: keys that touched rows have, or that rows tied to them by a violation have. `sharingN`: all rows with one. */
function keysOf(table: Table, columns: readonly string[], index: number): string {
  const present = columns.map((column) => `r.${quoted(column)} is not null`).join(' and ');
  const list = columns.map((column) => `r.${quoted(column)}`).join(', ');
  const same = columns.map((column) => `r.${quoted(column)} = k.${quoted(column)}`).join(' and ');
  return `keys${index} as materialized (
      select distinct r.workspace, ${list}
        from affected a join ${reportTable(table.name)} r on r.workspace = a.workspace and r.id = a.id
       where ${present}
    ),
    sharing${index} as materialized (
      select r.workspace, r.id, r.created_at, json_build_array(${list})::text as key
        from keys${index} k join ${reportTable(table.name)} r on r.workspace = k.workspace and ${same}
    ),`;
}

function uniqueSelect(columns: readonly string[], index: number): string {
  return `select s.workspace, 'unique', s.id, ${sqlLiteral(columns.join())}, '', null::timestamptz, s.key, s.keeper
            from (select workspace, id, key,
                         first_value(id) over (partition by workspace, key order by created_at, id collate "C") as keeper
                    from sharing${index}) s
           where s.id <> s.keeper`;
}

function incomingStatement(schema: Schema, target: Table): string | undefined {
  const sources = schema.tables.flatMap((table) =>
    referencesOf(table)
      .filter(([, name]) => name === target.name)
      .map(([column]) => ({ table, column })),
  );
  if (sources.length === 0) return undefined;
  const pointing = sources.map(
    ({ table, column }) => `
      select r.workspace, ${sqlLiteral(table.name)} as table_name, r.id, ${sqlLiteral(column)} as rule, t.id as key,
             t.is_there
        from t join ${reportTable(table.name)} r on r.workspace = t.workspace and r.${quoted(column)} = t.id`,
  );
  return `
    with t as materialized (
      select k.workspace, k.id, exists (select from ${reportTable(target.name)} x
                                         where x.workspace = k.workspace and x.id = k.id) as is_there
        from json_to_recordset($1::json) as k (workspace text, id text)
    ),
    pointing as materialized (${pointing.join(' union all ')}),
    gone as (
      delete from report.violation v using pointing p
       where p.is_there and v.workspace = p.workspace and v.kind = 'reference' and v.table_name = p.table_name
         and v.row_id = p.id and v.rule = p.rule and v.key = p.key
    )
    insert into report.violation (workspace, kind, table_name, row_id, rule, key)
    select workspace, 'reference', table_name, id, rule, key from pointing where not is_there
    on conflict (workspace, kind, table_name, row_id, rule, device) do update set key = excluded.key`;
}

function referencesOf(table: Table): [column: string, target: string][] {
  return Object.entries(table.columns).flatMap(([column, { references }]): [string, string][] =>
    references === undefined ? [] : [[column, references]],
  );
}

/** The rows as SQLite has them: booleans and times as numbers, JSON as text. `join` narrows `r`. */
function sqliteView(table: Table, join: string): string {
  const columns = Object.entries(table.columns).map(([name, { kind }]) => {
    const column = `r.${quoted(name)}`;
    const shown =
      kind === 'boolean'
        ? `${column}::int`
        : kind === 'timestamp'
          ? `round(extract(epoch from ${column}) * 1000)::bigint`
          : kind === 'json'
            ? `${column}::text`
            : column;
    return `${shown} as ${quoted(name)}`;
  });
  return `select r.workspace, r.id, ${columns.join(', ')} from ${reportTable(table.name)} r ${join}`;
}

async function canEvaluate(pool: Pool, table: Table, sql: string): Promise<boolean> {
  try {
    await inTransaction(pool, (client) =>
      client.query(`select 1 from (${sqliteView(table, '')}) r where not (${sql}) limit 0`),
    );
    return true;
  } catch (error) {
    // 42: what Postgres does not understand. Anything else is an outage.
    if (String((error as { code?: unknown }).code).startsWith('42')) return false;
    throw error;
  }
}

function keysJson(rows: readonly RowKey[]): string {
  return JSON.stringify(rows.map(({ workspace, id }) => ({ workspace, id })));
}

function breachRecord({ workspace, kind, id, column, device, hlc }: BreachRow): Record<string, unknown> {
  return { workspace, kind, row_id: id, rule: column, device, ms: msOfHlc(hlc) };
}
