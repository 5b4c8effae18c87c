/**
 * Which snapshots are kept: all of seven days, the last of each day for thirty days, the last of each month for five
 * years. The one that the document points to is always kept. Days and months are UTC.
 */
export interface KeptSnapshot {
  readonly epoch: number;
  readonly seq: number;
  readonly madeAtMs: number;
}

const DAY_MS = 86_400_000;
const KEEP_ALL_MS = 7 * DAY_MS;
const KEEP_DAILY_MS = 30 * DAY_MS;
const KEEP_MONTHLY_MS = 5 * 366 * DAY_MS;

/** Those of one document that may go, oldest first. */
export function expiredSnapshots<T extends KeptSnapshot>(snapshots: readonly T[], nowMs: number): T[] {
  const youngestFirst = [...snapshots].sort((one, other) => other.epoch - one.epoch || other.seq - one.seq);
  const days = new Set<string>();
  const months = new Set<string>();
  const expired = youngestFirst.filter(({ madeAtMs }, index) => {
    const ageMs = nowMs - madeAtMs;
    const day = new Date(madeAtMs).toISOString().slice(0, 10);
    const month = day.slice(0, 7);
    const isLastOfDay = !days.has(day);
    const isLastOfMonth = !months.has(month);
    days.add(day);
    months.add(month);
    if (index === 0 || ageMs <= KEEP_ALL_MS) return false;
    if (ageMs <= KEEP_DAILY_MS) return !isLastOfDay;
    return ageMs > KEEP_MONTHLY_MS || !isLastOfMonth;
  });
  return expired.reverse();
}
