/**
 * What of schema `report` a seat may read. Grants are by family: a table is its family's; a view is read by whoever
 * may read every table below it, found in Postgres' own catalogue, so that no view can be forgotten; relations
 * about rows of many tables (history, conflict, violation) are cut down to the tables one may read.
 */
import type { Pool } from 'pg';
import { mayRead } from '../../shared/permissions/grants.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { Seat } from '../identity/seat.ts';

export interface ReportRelation {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly comment: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string }[];
  /** Its rows name the table they are about in `table_name`: only those of `readableTables` are shown. */
  readonly isAboutTables: boolean;
}

/** Relations that the seat may read, by name. Anything without a `workspace` column is left out. */
export async function readableReports(
  pool: Pool,
  schema: Schema,
  seat: Seat,
): Promise<ReadonlyMap<string, ReportRelation>> {
  const [{ rows }, below] = await Promise.all([pool.query<RelationRow>(RELATIONS), tablesBelowViews(pool)]);
  const readable = new Set(readableTables(schema, seat));
  const known = new Set(schema.tables.map(({ name }) => name));
  const mayReadAll = schema.families.every(({ name }) => mayRead(seat.grants, name));
  const reports = new Map<string, ReportRelation>();
  for (const row of rows) {
    const names = row.columns.map(({ name }) => name);
    if (!names.includes('workspace')) continue;
    const isView = row.kind !== 'r';
    const isAboutTables = !isView && !known.has(row.name) && names.includes('table_name');
    const isAllowed = isView
      ? [...(below.get(row.name) ?? [])].every(
          (table) => readable.has(table) || (!known.has(table) && mayReadAll),
        )
      : readable.has(row.name) || (isAboutTables && readable.size > 0);
    if (!isAllowed) continue;
    const { name, comment, columns } = row;
    reports.set(name, { name, kind: isView ? 'view' : 'table', comment, columns, isAboutTables });
  }
  return reports;
}

/** Names of the application's tables whose family the seat may read. */
export function readableTables(schema: Schema, seat: Seat): string[] {
  return schema.tables.filter(({ family }) => mayRead(seat.grants, family)).map(({ name }) => name);
}

interface RelationRow {
  name: string;
  kind: string;
  comment: string;
  columns: { name: string; type: string; comment: string }[];
}

const RELATIONS = `
  select c.relname as name, c.relkind as kind, coalesce(obj_description(c.oid), '') as comment,
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
              'comment', coalesce(col_description(c.oid, a.attnum), '')) order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'report' and c.relkind in ('r', 'v', 'm') order by c.relname`;

const VIEW_EDGES = `
  select distinct v.relname as view, t.relname as uses, t.relkind as kind
  from pg_rewrite r
  join pg_class v on v.oid = r.ev_class join pg_namespace n on n.oid = v.relnamespace
  join pg_depend d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
  join pg_class t on t.oid = d.refobjid
  where n.nspname = 'report' and t.oid <> v.oid`;

/** The tables that each view reads, through other views too. */
async function tablesBelowViews(pool: Pool): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { rows } = await pool.query<{ view: string; uses: string; kind: string }>(VIEW_EDGES);
  const edges = new Map<string, typeof rows>();
  for (const row of rows) edges.set(row.view, [...(edges.get(row.view) ?? []), row]);
  const below = new Map<string, Set<string>>();
  for (const view of edges.keys()) {
    const tables = new Set<string>();
    const open = [view];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const { uses, kind } of edges.get(next) ?? []) {
        if (kind === 'r') tables.add(uses);
        else open.push(uses);
      }
    }
    below.set(view, tables);
  }
  return below;
}
