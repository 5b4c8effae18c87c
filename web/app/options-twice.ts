/** Options of one choice that two devices took while they could not see one another, until somebody says which holds. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { joinKept } from './people.ts';

/** In `_violation`: a second option of a group that was taken [OPT-3]. */
export const IS_TAKEN_TWICE = sql`kind = 'unique' and table_name = 'wo_jobs' and rule = 'work_order_id,chosen_option'`;

/** One of them. */
export interface TakenOption extends ResultRow {
  readonly id: string;
  readonly work_order_id: string;
  readonly title: string;
  readonly option_group: string;
  /** The one that holds for now. */
  readonly approval: string;
  readonly number: string;
  readonly plate: string;
  readonly plate_country: string;
  /** With tax, as the customer was told. */
  readonly amount_minor: number;
  readonly by_name: string;
  readonly at: number;
}

export const takenTwiceQuery = (): SqlQuery => sql`
  select j.id, j.work_order_id, j.title, j.option_group, j.approval, coalesce(o.number, '') as number,
    coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
    coalesce(a.amount_minor, 0) as amount_minor, coalesce(a.by_name, '') as by_name, coalesce(a.created_at, j.created_at) as at
  from (select row_id as id from _violation where ${IS_TAKEN_TWICE}
    union select keeper_id from _violation where ${IS_TAKEN_TWICE}) x
  join wo_jobs j on j.id = x.id
  left join work_orders o on o.id = j.work_order_id
  left join approvals a on a.id = (select id from approvals
    where entity = 'job' and entity_id = j.id and decision = 'approved' order by created_at desc, id desc limit 1)
  ${joinKept('vehicles', 'v', 'o.vehicle_id')}
  order by j.work_order_id, j.option_group, j.sort, j.created_at, j.id limit 100`;
