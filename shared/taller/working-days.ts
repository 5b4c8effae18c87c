/**
 * Working days as Spanish law counts them: not Saturdays, Sundays and holidays, from the day after [TALLER-17].
 * Days are those of the workshop's time zone.
 */

/** A day without a time: `2026-11-22`. */
export type IsoDate = string;

const DAY_MS = 86_400_000;
/** Holidays of all Spain on a fixed date, month-day; those of the region and the town come from the settings. */
const SPANISH_HOLIDAYS = ['01-01', '01-06', '05-01', '08-15', '10-12', '11-01', '12-06', '12-08', '12-25'];

export interface Calendar {
  /** IANA name, e.g. `Europe/Madrid`. */
  readonly timeZone: string;
  /** ISO 3166; `ES` adds the national holidays. */
  readonly country: string;
  /** Further days off, ISO dates. */
  readonly holidays: readonly IsoDate[];
}

export const DEFAULT_CALENDAR: Calendar = { timeZone: 'Europe/Madrid', country: 'ES', holidays: [] };

export function isWorkingDay(date: IsoDate, calendar: Calendar): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6) return false;
  if (calendar.holidays.includes(date)) return false;
  if (calendar.country !== 'ES') return true;
  return !SPANISH_HOLIDAYS.includes(date.slice(5)) && date !== goodFriday(Number(date.slice(0, 4)));
}

/** The day that many working days after a date: the first one counted is the next working day. */
export function addWorkingDays(date: IsoDate, days: number, calendar: Calendar): IsoDate {
  let day = date;
  for (let left = days; left > 0; ) {
    day = nextDate(day);
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return day;
}

/** Last millisecond of the last valid day of something given at `atMs` for so many working days. */
export function endOfWorkingDays(atMs: number, days: number, calendar: Calendar): number {
  const last = addWorkingDays(dateOfMs(atMs, calendar.timeZone), days, calendar);
  return startOfDateMs(nextDate(last), calendar.timeZone) - 1;
}

/** Day of a moment in a time zone. */
export function dateOfMs(atMs: number, timeZone: string): IsoDate {
  return new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(0, 10);
}

/** First millisecond of a day in a time zone. */
export function startOfDateMs(date: IsoDate, timeZone: string): number {
  const utc = Date.parse(`${date}T00:00:00Z`);
  // Twice, because the offset is that of the moment looked for, which the first guess may miss by a clock change.
  const guess = utc - offsetMs(utc, timeZone);
  return utc - offsetMs(guess, timeZone);
}

export function nextDate(date: IsoDate): IsoDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
}

function offsetMs(atMs: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return wall - Math.floor(atMs / 1000) * 1000;
}

/** Making a format costs 30 µs and a board asks for thousands; there are as many as time zones in use: one. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Two days before Easter, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8). */
function goodFriday(year: number): IsoDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return new Date(Date.UTC(year, month - 1, day) - 2 * DAY_MS).toISOString().slice(0, 10);
}
