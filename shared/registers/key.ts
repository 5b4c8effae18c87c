/**
 * The key of a register in its table's Y.Map. The only file that knows its layout:
 *
 *   '<rowId>~<device>'            the record, by whoever inserted the row
 *   '<rowId>~<device>~odometer'   a later write to one cell
 *   '<rowId>~<device>~'           deleted (1) or restored (0)
 *
 * and of the root Y.Text of a shared text: '<table>~<rowId>~<column>'.
 */
import { isDeviceId } from '../base/ids.ts';

/** Longest row id; natural keys are ids too. */
export const MAX_ROW_ID_LENGTH = 200;

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
  const first = key.indexOf('~');
  if (first <= 0 || first > MAX_ROW_ID_LENGTH) return undefined;
  const id = key.slice(0, first);
  const second = key.indexOf('~', first + 1);
  const device = second < 0 ? key.slice(first + 1) : key.slice(first + 1, second);
  if (!isDeviceId(device)) return undefined;
  if (second < 0) return { kind: 'record', id, device, column: '' };
  const column = key.slice(second + 1);
  if (column === '') return { kind: 'flag', id, device, column };
  return column.includes('~') ? undefined : { kind: 'cell', id, device, column };
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
