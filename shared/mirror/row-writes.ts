/**
 * The registers that make one row's merge equal to its SQL row. Pure: works out, writes nothing.
 *
 *   no registers, or not visible   one record; and a flag 0 when the row was deleted before
 *   visible                        one cell register for each cell that differs
 *   visible, and now sealed        one record of every cell, so that nothing written earlier shows through
 *   gone from SQL                  a flag 1
 */

import { assert } from '../base/assert.ts';
import { msOfHlc } from '../base/hlc.ts';
import type { DeviceId } from '../base/ids.ts';
import type { RecordValue, RegisterValue } from '../registers/codec.ts';
import { readCell, sameCell } from '../registers/codec.ts';
import { cellKey, flagKey, isRowId, recordKey } from '../registers/key.ts';
import type { RowShape } from '../registers/row-shape.ts';
import { deletion, type Merge } from '../registers/winner.ts';
import type { CellValue } from '../schema/table.ts';
import { RefusedWriteError, type WriteRule } from './refused-write.ts';

export interface Author {
  readonly device: DeviceId;
  readonly hlc: number;
}

export interface RegisterWrite {
  readonly key: string;
  readonly value: RegisterValue;
}

export interface RowWrites {
  readonly registers: readonly RegisterWrite[];
  /** Positions of the cells that differ from what was shown before; all of them for a new row. */
  readonly changed: readonly number[];
}

/** A row that SQL has and the registers do not show. Throws RefusedWriteError for a cell that cannot be stored. */
export function insertRow(
  shape: RowShape,
  id: string,
  cells: readonly CellValue[],
  { merge, author }: { readonly merge: Merge | undefined; readonly author: Author },
): RegisterWrite[] {
  if (!isRowId(id)) refuse(shape, 'id', 'id', id, 'an id is 1 to 200 characters without "~"');
  const seen = highestHlc(merge, author);
  for (let index = 0; index < cells.length; index++) assertCell(shape, id, index, cells[index]!);
  const record: Record<string, CellValue> = {};
  const full = isSealed(shape, cells);
  for (let index = 0; index < cells.length; index++) {
    const { name, column, shared, implicit } = shape.columns[index]!;
    const value = cells[index]!;
    if (shared) continue;
    if (implicit !== undefined) {
      if (value !== implicitCell(implicit, author)) record[name] = value;
    } else if (full || merge?.winners[index] !== undefined || !sameCell(value, column.fallback)) {
      record[name] = value;
    }
  }
  const registers = [write(recordKey(id, author.device), author.hlc, seen, record)];
  if (merge && deletion(merge.effective))
    registers.push(write(flagKey(id, author.device), author.hlc, seen, 0));
  return registers;
}

/** A row that both have. Common columns that a REPLACE emptied are for the caller to restore first. */
export function updateRow(
  shape: RowShape,
  id: string,
  cells: readonly CellValue[],
  {
    merge,
    author,
    changed,
  }: { readonly merge: Merge; readonly author: Author; readonly changed: readonly number[] },
): RegisterWrite[] {
  if (changed.length === 0) return [];
  assertMutable(shape, id, merge);
  const seen = highestHlc(merge, author);
  for (const index of changed) assertCell(shape, id, index, cells[index]!);
  const registers: RegisterWrite[] = [];
  if (isSealed(shape, cells)) {
    const record: Record<string, CellValue> = {};
    shape.columns.forEach(({ name, shared, implicit }, index) => {
      const value = cells[index]!;
      if (!shared && (implicit === undefined || value !== implicitCell(implicit, author)))
        record[name] = value;
    });
    registers.push(write(recordKey(id, author.device), author.hlc, seen, record));
  } else {
    for (const index of changed) {
      const { name, shared } = shape.columns[index]!;
      if (shared) continue;
      const cellSeen = merge.winners[index]?.hlc ?? 0;
      registers.push(write(cellKey(id, author.device, name), author.hlc, cellSeen, cells[index]!));
    }
  }
  // The row is visible because a delete had not seen an edit; whoever writes to it now has seen both.
  if (deletion(merge.effective)) registers.push(write(flagKey(id, author.device), author.hlc, seen, 0));
  return registers;
}

/** A row that only the registers show. */
export function deleteRow(
  shape: RowShape,
  id: string,
  { merge, author }: { readonly merge: Merge; readonly author: Author },
): RegisterWrite[] {
  assertMutable(shape, id, merge);
  return [write(flagKey(id, author.device), author.hlc, highestHlc(merge, author), 1)];
}

/** Positions of the cells that SQL and the merge show differently. */
export function changedCells(
  shape: RowShape,
  before: readonly CellValue[],
  after: readonly CellValue[],
): number[] {
  const changed: number[] = [];
  for (let index = 0; index < shape.columns.length; index++) {
    if (!sameCell(before[index]!, after[index]!)) changed.push(index);
  }
  return changed;
}

function write(key: string, hlc: number, seen: number, value: RecordValue | CellValue): RegisterWrite {
  return { key, value: [hlc, seen, value] };
}

function implicitCell(implicit: 'time' | 'device', { hlc, device }: Author): CellValue {
  return implicit === 'time' ? msOfHlc(hlc) : device;
}

function isSealed(shape: RowShape, cells: readonly CellValue[]): boolean {
  return shape.sealed?.((name) => cells[shape.indexOf.get(name) ?? -1] ?? null) ?? false;
}

/** Of the whole row. The commit must be later: a register with a lower hlc than one it replaces would lose. */
function highestHlc(merge: Merge | undefined, { hlc }: Author): number {
  let highest = 0;
  for (const register of merge?.all ?? []) highest = Math.max(highest, register.hlc);
  assert(
    hlc > highest,
    'a commit must be later than the registers it writes over; observe DocumentRows.maxHlc',
  );
  return highest;
}

function assertMutable(shape: RowShape, id: string, merge: Merge): void {
  if (shape.table.class === 'append-only') {
    refuse(shape, 'append-only', '', id, 'rows of this table are inserted once and never changed');
  }
  if (merge.sealed) refuse(shape, 'sealed', '', id, 'the row is sealed');
}

function assertCell(shape: RowShape, id: string, index: number, value: CellValue): void {
  const { name, column } = shape.columns[index]!;
  if (value === null) {
    if (!column.nullable) refuse(shape, 'not-null', name, id, 'null is not allowed');
    return;
  }
  if (readCell(column, value) !== undefined) return;
  refuse(shape, 'type', name, id, `the value is not ${describeKind(column.kind)}`);
}

function describeKind(kind: string): string {
  switch (kind) {
    case 'integer':
    case 'money':
    case 'quantity':
      return 'an integer within ±2^53';
    case 'timestamp':
      return 'epoch milliseconds of a year from 1 to 9999';
    case 'boolean':
      return '0 or 1';
    case 'real':
      return 'a finite number';
    case 'json':
      return 'JSON';
    default:
      return 'text without NUL';
  }
}

export function refuse(shape: RowShape, rule: WriteRule, column: string, row: string, why: string): never {
  throw new RefusedWriteError({ rule, table: shape.table.name, column, row }, why);
}
