/** What the first page counts, and what of it each role begins its day with. */
import { msg } from '@lit/localize';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import type { IconName } from './icons.ts';
import { orderPagePath } from './order-filter.ts';
import { joinKept } from './people.ts';

export interface DayFigures extends ResultRow {
  readonly in_shop: number;
  readonly late: number;
  readonly today: number;
  readonly waiting_approval: number;
  readonly waiting_parts: number;
  readonly ready: number;
  readonly delivered_today: number;
  /** Of the person who looks. */
  readonly my_orders: number;
  readonly my_late: number;
  readonly my_today: number;
  readonly my_waiting: number;
  readonly my_done_today: number;
  readonly drafts: number;
}

export interface Moments {
  readonly nowMs: number;
  readonly dayStartMs: number;
  readonly dayEndMs: number;
}

/** `user` is a users.id; an order is a technician's when it is assigned to them or has a job of theirs. */
export function dayQuery(user: string, { nowMs, dayStartMs, dayEndMs }: Moments): SqlQuery {
  const mine = sql`(o.technician_id = ${user} or exists (select 1 from wo_jobs j where j.work_order_id = o.id and j.technician_id = ${user}))`;
  const undone = sql`s.phase in ('open', 'waiting', 'work', 'quality')`;
  return sql`
    select
      coalesce(sum(s.phase not in ('delivered', 'cancelled', 'draft')), 0) as in_shop,
      coalesce(sum(o.promised_at < ${nowMs} and ${undone}), 0) as late,
      coalesce(sum(o.promised_at between ${nowMs} and ${dayEndMs}), 0) as today,
      coalesce(sum(o.status_key = 'waiting_approval'), 0) as waiting_approval,
      coalesce(sum(o.status_key = 'waiting_parts'), 0) as waiting_parts,
      coalesce(sum(s.phase = 'ready'), 0) as ready,
      (select count(*) from work_orders where delivered_at between ${dayStartMs} and ${dayEndMs}) as delivered_today,
      coalesce(sum(${undone} and ${mine}), 0) as my_orders,
      coalesce(sum(o.promised_at < ${nowMs} and ${undone} and ${mine}), 0) as my_late,
      coalesce(sum(o.promised_at between ${nowMs} and ${dayEndMs} and ${undone} and ${mine}), 0) as my_today,
      coalesce(sum(s.phase = 'waiting' and ${mine}), 0) as my_waiting,
      (select count(distinct j.id) from wo_jobs j join time_entries t on t.job_id = j.id
        where j.status = 'done' and t.technician_id = ${user} and t.stopped_at between ${dayStartMs} and ${dayEndMs}) as my_done_today,
      (select count(*) from receptions where status = 'draft' and work_order_id is null) as drafts
    from work_orders o join wo_statuses s on s.key = o.status_key
    where s.phase not in ('delivered', 'cancelled')`;
}

export interface Tile {
  readonly figure: keyof DayFigures & string;
  readonly icon: IconName;
  readonly name: string;
  readonly path: string;
  /** Somebody has to do something as soon as it is not zero. */
  readonly act?: true;
}

/** The tiles of a role; a role of the workshop's own gets those of the reception. */
export function tilesOf(role: string, user: string): readonly Tile[] {
  const list = (view: Parameters<typeof orderPagePath>[0]) => orderPagePath({ as: 'list', ...view });
  switch (role) {
    case 'mecanico': {
      const mine = (view: Parameters<typeof orderPagePath>[0]) => list({ technician: user, ...view });
      return [
        { figure: 'my_orders', icon: 'wrench', name: msg('Órdenes mías'), path: '/mis-trabajos' },
        {
          figure: 'my_late',
          icon: 'alert',
          name: msg('Mías, tarde'),
          path: mine({ onlyLate: true }),
          act: true,
        },
        { figure: 'my_today', icon: 'clock', name: msg('Mías para hoy'), path: '/mis-trabajos' },
        { figure: 'my_waiting', icon: 'hand', name: msg('Mías en espera'), path: mine({}) },
        {
          figure: 'waiting_parts',
          icon: 'parts',
          name: msg('Esperan piezas'),
          path: list({ status: 'waiting_parts' }),
        },
        { figure: 'my_done_today', icon: 'check', name: msg('Trabajos hechos hoy'), path: '/mis-trabajos' },
      ];
    }
    case 'caja':
      return [
        { figure: 'ready', icon: 'ready', name: msg('Listas'), path: list({ status: 'ready' }), act: true },
        {
          figure: 'delivered_today',
          icon: 'car',
          name: msg('Entregadas hoy'),
          path: list({ scope: 'all', status: 'delivered' }),
        },
        { figure: 'today', icon: 'clock', name: msg('Prometidas hoy'), path: '/ordenes' },
        { figure: 'late', icon: 'alert', name: msg('Tarde'), path: list({ onlyLate: true }) },
        {
          figure: 'waiting_approval',
          icon: 'hand',
          name: msg('Esperan aprobación'),
          path: list({ status: 'waiting_approval' }),
        },
        { figure: 'in_shop', icon: 'orders', name: msg('En el taller'), path: '/ordenes' },
      ];
    default:
      return [
        { figure: 'in_shop', icon: 'car', name: msg('En el taller'), path: '/ordenes' },
        { figure: 'late', icon: 'alert', name: msg('Tarde'), path: list({ onlyLate: true }), act: true },
        { figure: 'today', icon: 'clock', name: msg('Prometidas hoy'), path: '/ordenes' },
        {
          figure: 'waiting_approval',
          icon: 'hand',
          name: msg('Esperan aprobación'),
          path: list({ status: 'waiting_approval' }),
          act: true,
        },
        {
          figure: 'waiting_parts',
          icon: 'parts',
          name: msg('Esperan piezas'),
          path: list({ status: 'waiting_parts' }),
        },
        { figure: 'ready', icon: 'ready', name: msg('Listas'), path: list({ status: 'ready' }) },
      ];
  }
}

export interface TechnicianNow extends ResultRow {
  readonly id: string;
  readonly display_name: string;
  readonly color: string;
  readonly orders: number;
  readonly started_at: number | null;
  readonly title: string;
  readonly order_id: string | null;
  readonly plate: string;
  readonly plate_country: string;
}

/** Every technician, with what their clock is on and how many open orders they have. */
export const teamQuery = (): SqlQuery => sql`
  select u.id, u.display_name, u.color,
    (select count(*) from work_orders o join wo_statuses s on s.key = o.status_key
      where o.technician_id = u.id and s.phase in ('open', 'waiting', 'work', 'quality')) as orders,
    t.started_at, coalesce(j.title, o.complaint, '') as title, o.id as order_id,
    coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country
  from users u
  left join time_entries t on t.id = (select id from time_entries
    where technician_id = u.id and stopped_at is null order by started_at desc, id limit 1)
  left join work_orders o on o.id = t.work_order_id
  left join wo_jobs j on j.id = t.job_id
  ${joinKept('vehicles', 'v', 'o.vehicle_id')}
  where u.is_technician = 1 and u.active = 1
  order by u.display_name`;
