/** Parts that came after what they belong to was signed: listed by the engine, shown to nobody but whoever settles them. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { joinKept } from './people.ts';

/** In `_violation`: a row that is no part of the sealed whole it names. */
export const IS_LATE = sql`kind = 'sealed' and document = ''`;

export interface LatePart extends ResultRow {
  readonly table_name: 'damage_marks' | 'reception_checks' | 'inspection_items';
  readonly id: string;
  /** Of a check or a point. */
  readonly label: string;
  /** Kind of damage, or what was answered. */
  readonly answer: string;
  readonly note: string;
  readonly at: number;
  readonly who: string;
  /** Of the reception, or of the order that was inspected. */
  readonly number: string;
  readonly order_id: string | null;
  readonly plate: string;
  readonly plate_country: string;
}

export const latePartsQuery = (): SqlQuery => sql`
  select x.table_name, x.row_id as id, coalesce(k.label, p.label, '') as label,
    coalesce(m.type, k.present, p.status, '') as answer, coalesce(m.note, k.note, p.note, '') as note,
    coalesce(m.created_at, k.created_at, p.created_at) as at, coalesce(m.created_by, k.created_by, p.created_by) as who,
    coalesce(r.number, o.number, '') as number, o.id as order_id,
    coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country
  from (select table_name, row_id from _violation where ${IS_LATE}) x
  left join damage_marks m on x.table_name = 'damage_marks' and m.id = x.row_id
  left join reception_checks k on x.table_name = 'reception_checks' and k.id = x.row_id
  left join inspection_items p on x.table_name = 'inspection_items' and p.id = x.row_id
  left join receptions r on r.id = coalesce(m.reception_id, k.reception_id)
  left join inspections i on i.id = p.inspection_id
  left join work_orders o on o.id = coalesce(r.work_order_id, i.work_order_id)
  ${joinKept('vehicles', 'v', 'coalesce(r.vehicle_id, i.vehicle_id)')}
  order by at, x.row_id limit 100`;

/** Leaves out of what was signed what came after. */
export const notLate = (alias: string, table: LatePart['table_name']): SqlQuery => ({
  sql: `not exists (select 1 from _violation late where late.kind = 'sealed' and late.document = ''
    and late.table_name = '${table}' and late.row_id = ${alias}.id)`,
  params: [],
});
