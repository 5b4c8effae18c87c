/**
 * The key of a register in its table's Y.Map. The only file that knows its layout:
 *
 *   '<rowId>~<device>'            the record, by whoever inserted the row
 *   '<rowId>~<device>~odometer'   a later write to one cell
 *   '<rowId>~<device>~'           deleted (1) or restored (0)
 *
 * and of the root Y.Text of a shared text: '<table>~<rowId>~<column>'.
 */
import { DEVICE_ID_LENGTH } from '../base/ids.ts';

/** Longest row id; natural keys are ids too. */
const MAX_ROW_ID_LENGTH = 200;

export type RegisterKind = 'record' | 'cell' | 'flag';

export interface RegisterKey {
  readonly kind: RegisterKind;
  readonly id: string;
  readonly device: string;
  /** Empty for a record and a flag. */
  readonly column: string;
}

export function recordKey(id: string, device: string): string {
  return `${id}~${device}`;
}

export function cellKey(id: string, device: string, column: string): string {
  return `${id}~${device}~${column}`;
}

export function flagKey(id: string, device: string): string {
  return `${id}~${device}~`;
}

/** Undefined for a key of a shape that this build does not know; it is ignored [REG-6]. */
export function parseKey(key: string): RegisterKey | undefined {
  const split = key.indexOf('~');
  if (!isRegisterKey(key, split)) return undefined;
  const id = key.slice(0, split);
  const device = key.slice(split + 1, split + 1 + DEVICE_ID_LENGTH);
  const column = key.slice(split + 2 + DEVICE_ID_LENGTH);
  const kind = key.length === split + 1 + DEVICE_ID_LENGTH ? 'record' : column === '' ? 'flag' : 'cell';
  return { kind, id, device, column };
}

/** Whether `parseKey` would read it, without making anything; `split` is the place of its first `~`. */
export function isRegisterKey(key: string, split: number): boolean {
  if (split <= 0 || split > MAX_ROW_ID_LENGTH) return false;
  const end = split + 1 + DEVICE_ID_LENGTH;
  for (let index = split + 1; index < end; index++) {
    if (!isBase62(key.charCodeAt(index))) return false;
  }
  return key.length === end || (key[end] === '~' && key.indexOf('~', end + 1) < 0);
}

function isBase62(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122);
}

/** A row id may be any text of 1 to 200 characters without `~` and NUL. */
export function isRowId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_ROW_ID_LENGTH &&
    !value.includes('~') &&
    !value.includes('\0')
  );
}

/** Name of the root Y.Text that holds a shared text. */
export function textName(table: string, id: string, column: string): string {
  return `${table}~${id}~${column}`;
}

/** The row and column of a shared text; undefined for a root type that is none. */
export function parseTextName(
  name: string,
): { readonly table: string; readonly id: string; readonly column: string } | undefined {
  const parts = name.split('~');
  const [table, id, column] = parts;
  if (parts.length !== 3 || !table || !id || !column || !isRowId(id)) return undefined;
  return { table, id, column };
}
