/**
 * Document numbers that two devices without a network can never both give [TALLER-10]: prefix and year, the code
 * of the device's series, and a counter that the device's own number_uses confirm. `OR26-R1-000123`.
 * Never renumbered, never reused; a duplicate that arrives is an issue, mended by another document [TALLER-12].
 */
import type { DocumentSeries } from './tables/admin.ts';

export type DocType = DocumentSeries['doc_type'];

/** A series a device may count in. */
export interface Series {
  /** document_series.id, or `auto:<type>:<year>:<device>` where the administrator set up none. */
  readonly id: string;
  /** Everything before the counter: `OR26-R1-`. */
  readonly head: string;
  /** Digits of the counter. */
  readonly pad: number;
  readonly firstNumber: number;
  /** Last number the authority allows; undefined: no limit. */
  readonly lastNumber: number | undefined;
  /** Who counts: the relay gives its numbers later, to rows that were made without one [TALLER-11]. */
  readonly countedBy?: 'server';
}

export type SeriesColumns = Pick<
  DocumentSeries,
  | 'id'
  | 'doc_type'
  | 'prefix'
  | 'year'
  | 'device_id'
  | 'pad'
  | 'next_hint'
  | 'range_from'
  | 'range_to'
  | 'valid_from'
  | 'valid_to'
  | 'mode'
  | 'active'
>;

const PREFIXES: Readonly<Record<DocType, string>> = {
  work_order: 'OR',
  reception: 'RD',
  estimate: 'P',
  invoice: 'F',
  simplified: 'S',
  credit_note: 'R',
  purchase_order: 'PC',
  stock_count: 'IN',
  cash_session: 'Z',
};
const AUTO_PAD = 5;
/** Where a device has no series code, its own id stands in; the whole of it, so that two never meet. */
const DEFAULT_PAD = 6;

/** Documents that may wait for their number: an order stays open, the others are sealed or handed over with it. */
const NUMBERED_LATER: ReadonlySet<DocType> = new Set(['work_order']);

/**
 * The device's series for a kind of document now: the active one set up for it whose validity has begun and not
 * ended, newest year first; else one that the server counts for all; else one made of its own id, so that a new
 * tablet can work before anyone set it up.
 */
export function seriesFor(
  rows: readonly SeriesColumns[],
  docType: DocType,
  device: { readonly id: string; readonly seriesCode: string },
  nowMs: number,
): Series {
  const year = new Date(nowMs).getUTCFullYear();
  const valid = rows
    .filter(
      (row) =>
        row.doc_type === docType &&
        row.active === 1 &&
        (row.year === 0 || row.year === year) &&
        (row.valid_from === null || row.valid_from <= nowMs) &&
        (row.valid_to === null || nowMs < row.valid_to),
    )
    .sort((a, b) => b.year - a.year || (a.id < b.id ? -1 : 1));
  const own = valid.find((row) => row.mode === 'device' && row.device_id === device.id);
  const shared = valid.find((row) => row.mode === 'server' && NUMBERED_LATER.has(docType));
  if (!own && shared) return serverSeriesOf(shared);
  if (!own) {
    const code = device.seriesCode === '' ? device.id : device.seriesCode;
    return {
      id: `auto:${docType}:${year}:${device.id}`,
      head: `${PREFIXES[docType]}${twoDigits(year)}-${code}-`,
      pad: AUTO_PAD,
      firstNumber: 1,
      lastNumber: undefined,
    };
  }
  return {
    id: own.id,
    head: `${own.prefix}${own.year === 0 ? '' : twoDigits(own.year)}-${device.seriesCode || device.id}-`,
    pad: own.pad || DEFAULT_PAD,
    firstNumber: Math.max(own.next_hint, own.range_from ?? 1),
    lastNumber: own.range_to ?? undefined,
  };
}

/** A series that the relay counts in, one for all devices: `OR26-000123`. */
export function serverSeriesOf(row: Pick<SeriesColumns, 'id' | 'prefix' | 'year' | 'pad'>): Series {
  return {
    id: row.id,
    head: `${row.prefix}${row.year === 0 ? '' : twoDigits(row.year)}-`,
    pad: row.pad || DEFAULT_PAD,
    firstNumber: 1,
    lastNumber: undefined,
    countedBy: 'server',
  };
}

/** `formatNumber(series, 123)` -> `OR26-R1-000123`. */
export function formatNumber(series: Series, number: number): string {
  return series.head + String(number).padStart(series.pad, '0');
}

/** Numbers left in a series; undefined when it has no end. */
export function numbersLeft(series: Series, highestUsed: number): number | undefined {
  if (series.lastNumber === undefined) return undefined;
  return Math.max(0, series.lastNumber - Math.max(highestUsed, series.firstNumber - 1));
}

/** Numbers that were used more than once in one series: each is a critical issue [TALLER-12]. */
export const DUPLICATE_NUMBERS_SQL = `select series_id, number, count(*) as uses, min(document_id) as first_document_id
from number_uses group by series_id, number having count(*) > 1`;

function twoDigits(year: number): string {
  return String(year % 100).padStart(2, '0');
}
