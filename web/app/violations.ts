/** Rules that merged rows break, by the name people have for the row and where it is mended. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { IS_LATE } from './late-parts.ts';
import { IS_TAKEN_TWICE } from './options-twice.ts';
import { joinKept } from './people.ts';
import { IS_REVIEWED } from './reviewed.ts';

/** hlc = ms × 4096 + counter. */
const HLC_PER_MS = 4096;

export interface ViolationRow extends ResultRow {
  readonly kind: string;
  readonly table_name: string;
  readonly row_id: string;
  /** The column, or several; empty where the rule is about the row. */
  readonly rule: string;
  /** Who wrote what is not shown, and when; empty and 0 where the rows alone break the rule. */
  readonly device: string;
  readonly hlc: number;
  readonly key: string;
  /** Name of that device, else of who works with it. */
  readonly who: string;
  readonly at: number | null;
  /** Number, plate or name of the row or of its order; empty when there is none. */
  readonly name: string;
  /** Where it is looked at; empty when there is no such page. */
  readonly path: string;
}

export const violationsQuery = (): SqlQuery => sql`
  select x.kind, x.table_name, x.row_id, x.rule, x.device, x.hlc, coalesce(x.key, '') as key,
    coalesce(nullif(nullif(d.name, d.id), ''), u.display_name, nullif(d.registered_by, ''), x.device) as who, case when x.hlc > 0 then x.hlc / ${HLC_PER_MS} end as at,
    coalesce(o.number, nullif(trim(r.number || ' ' || coalesce(v.plate, '')), ''), v.plate, c.name, '') as name,
    case when o.id is not null then '/ordenes/' || o.id
      when r.id is not null then '/recepcion/' || r.id
      when v.id is not null then '/vehiculos/' || v.id
      when c.id is not null then '/clientes/' || c.id else '' end as path
  from (select * from _violation where not (${IS_LATE}) and not (${IS_TAKEN_TWICE}) and not ${IS_REVIEWED}
    order by table_name, row_id limit 100) x
  left join devices d on d.id = x.device left join users u on u.id = d.registered_by
  left join receptions r on x.table_name = 'receptions' and r.id = x.row_id
  left join wo_jobs j on x.table_name = 'wo_jobs' and j.id = x.row_id
  left join wo_lines l on x.table_name = 'wo_lines' and l.id = x.row_id
  left join estimates e on x.table_name = 'estimates' and e.id = x.row_id
  left join work_orders o on o.id = case x.table_name when 'work_orders' then x.row_id
    else coalesce(j.work_order_id, l.work_order_id, e.work_order_id) end
  left join vehicles v on v.id = case x.table_name when 'vehicles' then x.row_id else r.vehicle_id end
  left join customers c on x.table_name = 'customers' and c.id = x.row_id
  order by x.table_name, name, x.row_id`;

/** What one device did to one row, or what a row does by itself: one thing to a person, whatever its columns. */
export interface BrokenRow {
  readonly key: string;
  readonly first: ViolationRow;
  readonly rules: readonly string[];
  readonly violations: readonly ViolationRow[];
}

export function brokenRows(rows: readonly ViolationRow[]): readonly BrokenRow[] {
  const byKey = new Map<string, ViolationRow[]>();
  for (const row of rows) {
    const key = [row.kind, row.table_name, row.row_id, row.device].join(' ');
    byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  return [...byKey].map(([key, violations]) => ({
    key,
    first: violations[0]!,
    rules: violations.map(({ rule }) => rule),
    violations,
  }));
}

/** One of several open orders that came of one reception. */
export interface TwiceSigned extends ResultRow {
  readonly id: string;
  readonly number: string;
  readonly reception_id: string;
  /** 1: the order that the receipt names. */
  readonly stands: number;
  readonly plate: string;
  readonly plate_country: string;
}

/** Two tablets that could not see each other signed the same reception; the order that stands comes first. */
export const twiceSignedQuery = (): SqlQuery => sql`
  with open as (select o.id, o.number, o.reception_id, o.vehicle_id from work_orders o
    join wo_statuses s on s.key = o.status_key where s.phase <> 'cancelled' and o.reception_id is not null)
  select o.id, o.number, o.reception_id, r.work_order_id = o.id as stands, coalesce(v.plate, '') as plate,
    coalesce(v.plate_country, 'ES') as plate_country
  from open o join receptions r on r.id = o.reception_id
  ${joinKept('vehicles', 'v', 'o.vehicle_id')}
  where o.reception_id in (select reception_id from open group by 1 having count(*) > 1)
  order by o.reception_id, stands desc, o.number limit 100`;
