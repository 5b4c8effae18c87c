/**
 * Month buckets: the UTC month of a UUIDv7 names the document of a family that grows. A pure function of the id,
 * so a row never moves.
 */
import { timestampMsOfId } from '../base/ids.ts';

/** `2026-11` for an id made in November 2026 (UTC); undefined for text that is not a UUIDv7. */
export function bucketOfId(id: string): string | undefined {
  const ms = timestampMsOfId(id);
  return ms === undefined ? undefined : bucketOfMs(ms);
}

export function bucketOfMs(ms: number): string {
  const date = new Date(ms);
  return `${String(date.getUTCFullYear()).padStart(4, '0')}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

/**
 * The UUIDv7 texts of one month as a half-open range: `from <= id && id < to`, in SQLite's and JavaScript's order.
 * Undefined when the text is not a month.
 */
export function idRangeOfBucket(bucket: string): { readonly from: string; readonly to: string } | undefined {
  const match = /^(\d{4,6})-(0[1-9]|1[0-2])$/.exec(bucket);
  if (!match) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  return { from: idPrefixOfMs(Date.UTC(year, month - 1)), to: idPrefixOfMs(Date.UTC(year, month)) };
}

/** The first 13 characters of every UUIDv7 made at `ms`: 48 bits of time, in two groups. */
function idPrefixOfMs(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
