/** Numbers, money and times as a person of this language reads them. Pure: the language comes in. */
import type { Locale } from './localisation.ts';

const LANGUAGE: Readonly<Record<Locale, string>> = { es: 'es-ES', en: 'en-GB' };

/** Minor units to text: 12345, 'EUR' -> "123,45 €". */
export function formatMoney(minor: number, currency: string, locale: Locale): string {
  return new Intl.NumberFormat(LANGUAGE[locale], { style: 'currency', currency }).format(minor / 100);
}

/** Minor units without their currency, for a field: 12345 -> "123,45". */
export function formatDecimal(minor: number, locale: Locale): string {
  return new Intl.NumberFormat(LANGUAGE[locale], { minimumFractionDigits: 2, useGrouping: false }).format(
    minor / 100,
  );
}

/** Thousandths to text: 1500 -> "1,5". */
export function formatQuantity(milli: number, locale: Locale): string {
  return new Intl.NumberFormat(LANGUAGE[locale], { maximumFractionDigits: 3 }).format(milli / 1000);
}

/** 200 -> "3 h 20 min". */
export function formatMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** Grouped from four digits on, so that odometers line up: 81250 -> "81.250". */
export function formatNumber(value: number, locale: Locale): string {
  return new Intl.NumberFormat(LANGUAGE[locale], {
    useGrouping: 'always',
  } as Intl.NumberFormatOptions).format(value);
}

/** Space on a disk: 10_400_000 -> "10 MB", 10_748_000_000 -> "10,7 GB". */
export function formatSpace(bytes: number, locale: Locale): string {
  const isLarge = bytes >= 1_000_000_000;
  const digits = isLarge ? 1 : 0;
  const format = new Intl.NumberFormat(LANGUAGE[locale], { maximumFractionDigits: digits });
  return isLarge ? `${format.format(bytes / 1_000_000_000)} GB` : `${format.format(bytes / 1_000_000)} MB`;
}

/** "22 nov, 09:30"; with the year when it is another one than now's. */
export function formatDateTime(ms: number, nowMs: number, locale: Locale): string {
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(LANGUAGE[locale], {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

export function formatDate(ms: number, locale: Locale): string {
  return new Intl.DateTimeFormat(LANGUAGE[locale], {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  }).format(ms);
}

export function formatTime(ms: number, locale: Locale): string {
  return new Intl.DateTimeFormat(LANGUAGE[locale], { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** "hoy, 17:00", "mañana, 09:00", "hace 3 días", or the date when it is further than a week away. */
export function formatDay(ms: number, nowMs: number, locale: Locale): string {
  const days = Math.round((startOfDay(ms) - startOfDay(nowMs)) / 86_400_000);
  if (Math.abs(days) > 7) return formatDate(ms, locale);
  const word = new Intl.RelativeTimeFormat(LANGUAGE[locale], { numeric: 'auto' }).format(days, 'day');
  return Math.abs(days) <= 1 ? `${word}, ${formatTime(ms, locale)}` : word;
}

/** "hace 5 min". */
export function formatAgo(ms: number, nowMs: number, locale: Locale): string {
  const minutes = Math.round((ms - nowMs) / 60_000);
  const format = new Intl.RelativeTimeFormat(LANGUAGE[locale], { numeric: 'auto', style: 'short' });
  if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
  if (Math.abs(minutes) < 24 * 60) return format.format(Math.round(minutes / 60), 'hour');
  return format.format(Math.round(minutes / 1440), 'day');
}

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** "17:00 de mañana" as `<input type="datetime-local">` wants it, in local time: 2026-11-22T17:00. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
