/**
 * The value of a register: `[hlc, seen, value]`. What a peer wrote is never trusted and never throws: a value of
 * a shape that this build does not know is not there [REG-6].
 */
import { isHlc } from '../base/hlc.ts';
import type { CellValue, Column } from '../schema/table.ts';
import type { RegisterKind } from './key.ts';

/** Cells of a record by column name, as a peer wrote them. */
export type RecordValue = Readonly<Record<string, unknown>>;

/** One register of one row, read and found to be of a known shape. */
export interface Register {
  readonly kind: RegisterKind;
  readonly device: string;
  /** Empty for a record and a flag. */
  readonly column: string;
  readonly hlc: number;
  /** Highest hlc of the same cell that the writer had seen; for a record or flag, of the whole row. */
  readonly seen: number;
  /** A record's cells, a cell's value, 1 (deleted) or 0 (restored). */
  readonly value: unknown;
}

/** The years 1 to 9999: what every database and every calendar can hold. */
const MIN_TIMESTAMP_MS = -62_135_596_800_000;
const MAX_TIMESTAMP_MS = 253_402_300_799_999;

export type RegisterValue = readonly [hlc: number, seen: number, value: unknown];

/** True for `[hlc, seen, value]` with a value that fits the kind. */
export function isRegisterValue(kind: RegisterKind, value: unknown): value is RegisterValue {
  if (!Array.isArray(value) || value.length < 3 || !isHlc(value[0])) return false;
  const seen: unknown = value[1];
  if (typeof seen !== 'number' || !Number.isSafeInteger(seen) || seen < 0) return false;
  const content: unknown = value[2];
  if (kind === 'flag') return content === 0 || content === 1;
  if (kind === 'cell') return content !== undefined;
  return (
    typeof content === 'object' &&
    content !== null &&
    !Array.isArray(content) &&
    !(content instanceof Uint8Array)
  );
}

/**
 * A cell as its column reads it; undefined when the value is of a kind that the column cannot hold, and the
 * register counts as not written. Null passes whether the column is nullable or not: the caller decides.
 */
export function readCell(column: Column, value: unknown): CellValue | undefined {
  if (value === null) return null;
  switch (column.kind) {
    case 'text':
    case 'sharedText':
    case 'reference':
      return typeof value === 'string' && !value.includes('\0') ? value : undefined;
    case 'json':
      return typeof value === 'string' && isJson(value) ? value : undefined;
    case 'integer':
    case 'money':
    case 'quantity':
      return Number.isSafeInteger(value) ? (value as number) : undefined;
    case 'timestamp':
      return Number.isSafeInteger(value) &&
        (value as number) >= MIN_TIMESTAMP_MS &&
        (value as number) <= MAX_TIMESTAMP_MS
        ? (value as number)
        : undefined;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      return value === 0 || value === 1 ? value : undefined;
    case 'real':
      return Number.isFinite(value) ? (value as number) : undefined;
  }
}

export function sameCell(a: CellValue, b: CellValue): boolean {
  if (a === b) return true;
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array) || a.length !== b.length) return false;
  return a.every((byte, index) => byte === b[index]);
}

function isJson(text: string): boolean {
  if (text.includes('\0')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
