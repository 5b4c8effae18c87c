/** The demo workspace as a script: who did what, when and on which device. relay/demo.ts plays it through the engine. */
import type { Actor, Statement } from '../flows/statement.ts';
import { DEFAULT_CALENDAR, dateOfMs, isWorkingDay, nextDate, startOfDateMs } from '../working-days.ts';
import type { Random } from './random.ts';

/** One commit of the demo workspace. */
export interface DemoCommit {
  readonly atMs: number;
  /** users.id */
  readonly user: string;
  readonly device: string;
  readonly label: string;
  readonly statements: readonly Statement[];
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OPENS_HOUR = 8.5;
const CLOSES_HOUR = 18;

/** An actor whose ids come from the seed. */
export function actorAt(random: Random, user: string, device: string, nowMs: number): Actor {
  return { user, device, nowMs, newId: (atMs) => random.newId(atMs) };
}

/** Working days that end at `nowMs`, oldest first, as the first millisecond of each morning. */
export function workingMornings(nowMs: number, days: number): number[] {
  const mornings: number[] = [];
  for (let atMs = nowMs; mornings.length < days; atMs -= DAY_MS) {
    const date = dateOfMs(atMs, DEFAULT_CALENDAR.timeZone);
    if (!isWorkingDay(date, DEFAULT_CALENDAR)) continue;
    const morningMs = startOfDateMs(date, DEFAULT_CALENDAR.timeZone) + OPENS_HOUR * HOUR_MS;
    if (morningMs < nowMs) mornings.unshift(morningMs);
  }
  return mornings;
}

/** When the demo workshop is open; remembers each day, because a large script asks a hundred thousand times. */
export class WorkingHours {
  readonly #byDate = new Map<string, readonly [opensMs: number, closesMs: number, nextMorningMs: number]>();

  /** The moment that many working hours later: nights, weekends and holidays do not count. */
  after(fromMs: number, hours: number): number {
    let atMs = fromMs;
    let leftMs = hours * HOUR_MS;
    for (;;) {
      const [opensMs, closesMs, nextMorningMs] = this.#hoursOf(atMs);
      if (atMs < opensMs) atMs = opensMs;
      if (atMs < closesMs && atMs + leftMs <= closesMs) return Math.floor(atMs + leftMs);
      if (atMs < closesMs) leftMs -= closesMs - atMs;
      atMs = nextMorningMs;
    }
  }

  #hoursOf(atMs: number): readonly [opensMs: number, closesMs: number, nextMorningMs: number] {
    const date = dateOfMs(atMs, DEFAULT_CALENDAR.timeZone);
    let hours = this.#byDate.get(date);
    if (!hours) {
      const midnightMs = startOfDateMs(date, DEFAULT_CALENDAR.timeZone);
      const nextMs = startOfDateMs(nextDate(date), DEFAULT_CALENDAR.timeZone) + OPENS_HOUR * HOUR_MS;
      const opensMs = midnightMs + OPENS_HOUR * HOUR_MS;
      const closesMs = isWorkingDay(date, DEFAULT_CALENDAR) ? midnightMs + CLOSES_HOUR * HOUR_MS : 0;
      hours = [opensMs, closesMs, nextMs];
      this.#byDate.set(date, hours);
    }
    return hours;
  }
}
