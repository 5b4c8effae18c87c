/** What a technician has to do and what their clock is on, without any price. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { joinKept } from './people.ts';

/** One job of an open order, or the order itself while it has no jobs (`job_id` null). */
export interface TaskRow extends ResultRow {
  readonly order_id: string;
  readonly number: string;
  readonly phase: string;
  readonly status_es: string;
  readonly status_en: string;
  readonly promised_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
  readonly complaint: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly technician: string;
  readonly job_id: string | null;
  readonly title: string;
  readonly job_status: string;
  readonly approval: string;
  readonly est_minutes: number;
  /** Clocked by everybody and stopped. */
  readonly spent_ms: number;
  /** Photos taken of the job, or of the order where it has no jobs. */
  readonly photos: number;
}

/** A part of a job that was asked for and is not in the vehicle yet. */
export interface AwaitedPart extends ResultRow {
  readonly id: string;
  readonly work_order_id: string;
  readonly job_id: string | null;
  readonly description: string;
  readonly qty_milli: number;
  readonly part_state: 'requested' | 'ordered' | 'arrived';
  readonly customer_supplied: number;
}

/** Of the open orders of a technician (users.id; empty: of everybody). */
export function awaitedPartsQuery(technician: string): SqlQuery {
  return sql`
    select l.id, l.work_order_id, l.job_id, l.description, l.qty_milli, l.part_state, l.customer_supplied from wo_lines l
    join work_orders o on o.id = l.work_order_id
    join wo_statuses s on s.key = o.status_key and s.phase in ('open', 'waiting', 'work', 'quality')
    left join wo_jobs j on j.id = l.job_id
    where l.part_state in ('requested', 'ordered', 'arrived')
      and (${technician === ''} or coalesce(j.technician_id, o.technician_id) = ${technician})
    order by l.created_at, l.id limit 300`;
}

export interface OrderTasks {
  /** What is the same for the whole order stands in its first job. */
  readonly order: TaskRow;
  readonly jobs: readonly TaskRow[];
}

export interface RunningEntry extends ResultRow {
  readonly id: string;
  readonly order_id: string | null;
  readonly job_id: string | null;
  readonly technician_id: string;
  readonly technician: string;
  readonly started_at: number;
  readonly number: string;
  readonly title: string;
  readonly plate: string;
  readonly plate_country: string;
}

/** Open orders of a technician (users.id; empty: of everybody), the most urgent first. */
export function tasksQuery(technician: string): SqlQuery {
  const everybody = technician === '';
  return sql`
    select o.id as order_id, o.number, s.phase, s.name_es as status_es, s.name_en as status_en,
      o.promised_at, o.ready_at, o.delivered_at, o.complaint,
      coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
      trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
      coalesce(u.display_name, '') as technician,
      j.id as job_id, coalesce(j.title, '') as title, coalesce(j.status, '') as job_status,
      coalesce(j.approval, '') as approval, coalesce(j.est_minutes, 0) as est_minutes,
      coalesce((select sum(t.stopped_at - t.started_at) from time_entries t
        where t.work_order_id = o.id and t.job_id is j.id and t.stopped_at is not null), 0) as spent_ms,
      (select count(*) from attachments a where a.entity_id = coalesce(j.id, o.id) and a.kind = 'photo') as photos
    from work_orders o
    join wo_statuses s on s.key = o.status_key and s.phase in ('open', 'waiting', 'work', 'quality')
    left join wo_jobs j on j.work_order_id = o.id and j.approval <> 'declined' and not ${IS_ALTERNATIVE}
      and (${everybody} or coalesce(j.technician_id, o.technician_id) = ${technician})
    ${joinKept('vehicles', 'v', 'o.vehicle_id')}
    left join users u on u.id = coalesce(j.technician_id, o.technician_id)
    where ${everybody} or o.technician_id = ${technician} or j.technician_id = ${technician}
    order by s.phase = 'work' desc, o.promised_at is null, o.promised_at, o.id, j.sort, j.created_at, j.id
    limit 300`;
}

/** An option that waits for an answer while another of its group counts: the one that was taken, or is recommended [OPT-1]. */
const IS_ALTERNATIVE = sql`(j.option_group <> '' and j.approval = 'proposed' and exists (
        select 1 from wo_jobs b where b.work_order_id = j.work_order_id and b.option_group = j.option_group and (
          b.approval in ('approved', 'not_needed')
          or b.approval = 'proposed' and (b.sort, b.created_at, b.id) < (j.sort, j.created_at, j.id))))`;

/** What runs now, the entry started last first. */
export function runningQuery(technician: string): SqlQuery {
  return sql`${RUNNING} and (${technician === ''} or t.technician_id = ${technician}) order by t.started_at desc, t.id`;
}

/** What runs of technicians who have more than one clock running. */
export function runningTwiceQuery(): SqlQuery {
  return sql`${RUNNING} and t.technician_id in (
      select technician_id from time_entries where stopped_at is null group by technician_id having count(*) > 1)
    order by t.technician_id, t.started_at desc, t.id`;
}

const RUNNING = sql`
    select t.id, t.work_order_id as order_id, t.job_id, t.technician_id, t.started_at,
      coalesce(u.display_name, t.technician_id) as technician, coalesce(o.number, '') as number,
      coalesce(j.title, o.complaint, '') as title,
      coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country
    from time_entries t
    left join work_orders o on o.id = t.work_order_id
    left join wo_jobs j on j.id = t.job_id
    ${joinKept('vehicles', 'v', 'o.vehicle_id')}
    left join users u on u.id = t.technician_id
    where t.stopped_at is null`;

/** Time of a technician that was stopped since `fromMs`. */
export function spentSinceQuery(technician: string, fromMs: number): SqlQuery {
  return sql`
    select coalesce(sum(stopped_at - max(started_at, ${fromMs})), 0) as spent_ms from time_entries
    where technician_id = ${technician} and stopped_at > ${fromMs}`;
}

/** What clocks that run have measured by now, of it only what came after `fromMs`. */
export function runningMs(
  entries: readonly Pick<RunningEntry, 'started_at'>[],
  nowMs: number,
  fromMs = 0,
): number {
  return entries.reduce((sum, entry) => sum + Math.max(0, nowMs - Math.max(entry.started_at, fromMs)), 0);
}

/** Rows of one order stand together, whatever order they come in. */
export function tasksByOrder(rows: readonly TaskRow[]): readonly OrderTasks[] {
  const jobsByOrder = new Map<string, TaskRow[]>();
  for (const row of rows) {
    const jobs = jobsByOrder.get(row.order_id);
    if (jobs) jobs.push(row);
    else jobsByOrder.set(row.order_id, [row]);
  }
  return [...jobsByOrder.values()].map((jobs) => ({ order: jobs[0]!, jobs }));
}
