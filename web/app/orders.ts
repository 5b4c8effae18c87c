/** Orders as lists and boards show them: one row per order with what is known of vehicle, customer and technician. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { joinKept, type PeopleTable, sameIds } from './people.ts';
import type { MovableOrder } from './statuses.ts';

export interface OrderSummary extends ResultRow, MovableOrder {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly promised_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
  readonly complaint: string;
  readonly hold: string;
  readonly technician_id: string | null;
  readonly technician: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly customer: string;
}

export interface OrderFilter {
  readonly scope: 'open' | 'all';
  /** users.id; empty: everyone's. */
  readonly technician: string;
  /** wo_statuses.key; empty: every state. */
  readonly status: string;
  readonly onlyLate: boolean;
  /** For `onlyLate`. A minute's precision keeps the statement, and so the watch, the same for a minute. */
  readonly nowMs: number;
}

const COLUMNS = sql`
  o.id, o.number, o.status_key, o.locked_at, o.unlocked_at, o.promised_at, o.ready_at, o.delivered_at, o.complaint, o.hold,
  o.technician_id, coalesce(u.display_name, '') as technician,
  coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
  trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(c.name, '') as customer`;

const JOINS = sql`
  ${joinKept('vehicles', 'v', 'o.vehicle_id')}
  ${joinKept('customers', 'c', 'o.customer_id')}
  left join users u on u.id = o.technician_id`;

/**
 * Every state that an order is in and that is no end of it, also one that nobody describes. From one key of the index to the
 * next: most orders were delivered long ago, and none of those is looked at.
 */
const OPEN_STATES = sql`
  with recursive used(key) as (
    select min(status_key) from work_orders
    union all select (select min(status_key) from work_orders where status_key > used.key) from used where used.key is not null)
  select used.key from used
    where used.key not in (select key from wo_statuses where phase in ('delivered', 'cancelled'))`;

/** Only the conditions that hold something back, so that an index can answer for the rest. */
function where({ scope, technician, status, onlyLate, nowMs }: OrderFilter): SqlQuery {
  return [
    scope === 'all' ? undefined : sql`o.status_key in (${OPEN_STATES})`,
    technician === '' ? undefined : sql`o.technician_id = ${technician}`,
    status === '' ? undefined : sql`o.status_key = ${status}`,
    onlyLate ? sql`o.promised_at < ${nowMs} and o.ready_at is null and o.delivered_at is null` : undefined,
  ].reduce((all: SqlQuery, one) => (one ? sql`${all} and ${one}` : all), sql`true`);
}

/** A row of the long list. */
export interface ListedOrder extends OrderSummary {
  /** Place in the whole list of the first row that was read with it. */
  readonly first: number;
}

/** `count` rows of the list from place `first` on, newest first. Only what is shown is joined. */
export function orderListQuery(filter: OrderFilter, first: number, count: number): SqlQuery {
  return sql`
    select ${COLUMNS}, ${first} as first from (
      select id from work_orders o where ${where(filter)} order by o.opened_at desc, o.id desc limit ${count} offset ${first}) as top
    join work_orders o on o.id = top.id ${JOINS}
    order by o.opened_at desc, o.id desc`;
}

export function orderCountQuery(filter: OrderFilter): SqlQuery {
  return sql`select count(*) as orders from work_orders o where ${where(filter)}`;
}

/** The most urgent of each state first, at most `perState` of each, or as many as `more` says for a state. */
export function boardQuery(
  filter: OrderFilter,
  perState: number,
  more: Readonly<Record<string, number>> = {},
): SqlQuery {
  const limit = Object.entries(more).reduce(
    (rest, [status, cards]) => sql`iif(top.status_key = ${status}, ${cards}, ${rest})`,
    sql`${perState}`,
  );
  return sql`
    select ${COLUMNS} from (
      select id, status_key, row_number() over (partition by status_key order by promised_at is null, promised_at, id) as place
      from work_orders o where ${where(filter)}) as top
    join work_orders o on o.id = top.id ${JOINS}
    where top.place <= ${limit}
    order by top.place`;
}

export interface StatusCount extends ResultRow {
  readonly status_key: string;
  readonly orders: number;
}

export function boardCountsQuery(filter: OrderFilter): SqlQuery {
  return sql`select o.status_key, count(*) as orders from work_orders o where ${where(filter)} group by o.status_key`;
}

/** The latest orders of one customer or one vehicle, and of those that were merged into it. */
export function ordersOfQuery(table: PeopleTable, id: string): SqlQuery {
  const of = { sql: table === 'customers' ? 'o.customer_id' : 'o.vehicle_id', params: [] };
  return sql`select ${COLUMNS} from work_orders o ${JOINS} where ${of} in (${sameIds(table, id)}) order by o.opened_at desc limit 50`;
}

/** Open orders promised up to a time and not ready yet, the most overdue first; of one technician or of everybody (''). */
export function urgentOrdersQuery(untilMs: number, technician: string): SqlQuery {
  return sql`
    select ${COLUMNS} from work_orders o ${JOINS}
    where o.promised_at <= ${untilMs}
      and (${technician === ''} or o.technician_id = ${technician}
        or exists (select 1 from wo_jobs j where j.work_order_id = o.id and j.technician_id = ${technician}))
      and o.status_key in (select key from wo_statuses where phase in ('draft', 'open', 'waiting', 'work', 'quality'))
    order by o.promised_at limit 25`;
}

/** Orders that can be fetched, the one that waits longest first. */
export const readyOrdersQuery = (): SqlQuery => sql`
  select ${COLUMNS} from work_orders o ${JOINS}
  where o.status_key in (select key from wo_statuses where phase in ('ready', 'invoiced'))
  order by o.ready_at, o.promised_at limit 25`;
