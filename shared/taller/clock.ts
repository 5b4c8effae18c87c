/** The time clock: one running entry per technician; two, from two devices, are for a person to resolve. */
import type { TimeEntry } from './tables/orders.ts';

const MINUTE_MS = 60_000;

/** Technicians with more than one running entry, with the ids of the entries. */
export const RUNNING_TWICE_SQL = `select technician_id, count(*) as running, json_group_array(id) as entry_ids_json
from (select technician_id, id from time_entries where stopped_at is null order by started_at, id)
group by technician_id having count(*) > 1`;

/** Of several running entries, which one goes on: the one started last. The others end where it began. */
export function resolveRunning(
  running: readonly Pick<TimeEntry, 'id' | 'started_at'>[],
): readonly { readonly id: string; readonly stoppedAtMs: number }[] {
  const sorted = [...running].sort((a, b) => a.started_at - b.started_at || (a.id < b.id ? -1 : 1));
  const last = sorted.at(-1);
  return sorted.slice(0, -1).map(({ id }) => ({ id, stoppedAtMs: last?.started_at ?? 0 }));
}

/** Whole minutes of an entry, a running one until now; never negative, whatever the clocks say. */
export function minutesOf(entry: Pick<TimeEntry, 'started_at' | 'stopped_at'>, nowMs: number): number {
  return Math.max(0, Math.floor(((entry.stopped_at ?? nowMs) - entry.started_at) / MINUTE_MS));
}
