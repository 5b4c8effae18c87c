/**
 * Registers of one row -> the row. A pure function of the set: the order of arrival cannot matter [REG-1].
 *
 *   cell     highest hlc of its registers, then highest device                        [REG-1] [REG-2]
 *   visible  has a record and is not deleted                                          [REG-3]
 *
 * A delete's `seen` is the highest hlc of the whole row that the deleter had seen; a register later than that is
 * one the deleter had not seen, and with `edit-wins` it revives the row.
 * An append-only table is its records: later writes to a cell and deletes are breaches. A sealed row is what it
 * was when the first write sealed it: everything later is a breach.
 */
import { msOfHlc } from '../base/hlc.ts';
import type { CellValue } from '../schema/table.ts';
import { type RecordValue, type Register, readCell } from './codec.ts';
import type { RowShape, ShapeColumn } from './row-shape.ts';

/** One device's last word on one cell. */
export interface CellWrite {
  readonly device: string;
  readonly hlc: number;
  readonly seen: number;
  readonly value: CellValue;
}

/** A register that breaks the rule of its table: kept in the document, not shown. */
export interface Breach {
  readonly rule: 'append-only' | 'sealed' | 'not-null';
  /** Empty for a delete and for a whole record. */
  readonly column: string;
  readonly device: string;
  readonly hlc: number;
}

export interface Merge {
  readonly visible: boolean;
  /** The last write of each cell, in order of the shape's columns; undefined where nobody wrote. */
  readonly winners: readonly (CellWrite | undefined)[];
  readonly sealed: boolean;
  readonly all: readonly Register[];
  /** Registers that count, after breaches are taken out. */
  readonly effective: readonly Register[];
  readonly breaches: readonly Breach[];
}

export function mergeRegisters(shape: RowShape, registers: readonly Register[]): Merge {
  const { effective, breaches, sealed } = effectiveRegisters(shape, registers);
  const winners: (CellWrite | undefined)[] = new Array(shape.columns.length).fill(undefined);
  for (const register of effective) putWrites(shape, register, winners);
  shape.columns.forEach(({ name, column }, index) => {
    const winner = winners[index];
    if (winner?.value === null && !column.nullable) {
      breaches.push({ rule: 'not-null', column: name, device: winner.device, hlc: winner.hlc });
    }
  });
  return { visible: isVisible(shape, effective), winners, sealed, all: registers, effective, breaches };
}

/** The cell as SQL shows it: null in a column that may not be null reads as the column's fallback. */
export function shownCell({ column }: ShapeColumn, winner: CellWrite | undefined): CellValue {
  if (winner === undefined || (winner.value === null && !column.nullable)) return column.fallback;
  return winner.value;
}

/** What one record says of one column, its engine-made cells included; undefined when it says nothing. */
export function recordCell(
  { names, column, implicit }: ShapeColumn,
  record: RecordValue,
  hlc: number,
  device: string,
): CellValue | undefined {
  for (const name of names) {
    if (!Object.hasOwn(record, name)) continue;
    const value = readCell(column, record[name]);
    if (value !== undefined) return value;
  }
  if (implicit === undefined) return undefined;
  return implicit === 'time' ? msOfHlc(hlc) : device;
}

/** What one register says of one column; undefined when it says nothing. */
export function writeOf(shape: RowShape, register: Register, index: number): CellWrite | undefined {
  const column = shape.columns[index]!;
  const { kind, device, hlc, seen } = register;
  if (kind === 'flag' || column.shared) return undefined;
  const value =
    kind === 'record'
      ? recordCell(column, register.value as RecordValue, hlc, device)
      : shape.indexOf.get(register.column) === index
        ? readCell(column.column, register.value)
        : undefined;
  return value === undefined ? undefined : { device, hlc, seen, value };
}

/** True when `a` is the later of two writes. On a tie of one device, which only one commit can make, `a`. */
export function isLater(
  a: { readonly hlc: number; readonly device: string },
  b: { readonly hlc: number; readonly device: string },
): boolean {
  return a.hlc !== b.hlc ? a.hlc > b.hlc : a.device >= b.device;
}

/** The row's last delete or restore. */
function lastFlag(registers: readonly Register[]): Register | undefined {
  let last: Register | undefined;
  for (const register of registers) {
    if (register.kind === 'flag' && (last === undefined || isLater(register, last))) last = register;
  }
  return last;
}

/**
 * The delete in force, if any: how much of the row its deleters had seen, and the latest write that none of them
 * had. Undefined when the row is not deleted or was restored.
 */
export function deletion(
  registers: readonly Register[],
): { readonly flag: Register; readonly unseen: Register | undefined } | undefined {
  const flag = lastFlag(registers);
  if (flag === undefined || flag.value !== 1) return undefined;
  let restore: Register | undefined;
  for (const register of registers) {
    if (register.kind === 'flag' && register.value === 0 && (!restore || isLater(register, restore)))
      restore = register;
  }
  let seen = 0;
  for (const register of registers) {
    if (register.kind === 'flag' && register.value === 1 && (!restore || isLater(register, restore)))
      seen = Math.max(seen, register.seen);
  }
  let unseen: Register | undefined;
  for (const register of registers) {
    if (register.kind !== 'flag' && register.hlc > seen && (!unseen || isLater(register, unseen)))
      unseen = register;
  }
  return { flag, unseen };
}

function isVisible(shape: RowShape, registers: readonly Register[]): boolean {
  if (!registers.some(({ kind }) => kind === 'record')) return false;
  const deleted = deletion(registers);
  if (deleted === undefined) return true;
  return shape.table.onDeleteConflict === 'edit-wins' && deleted.unseen !== undefined;
}

function putWrites(shape: RowShape, register: Register, winners: (CellWrite | undefined)[]): void {
  if (register.kind === 'flag') return;
  if (register.kind === 'cell') {
    const index = shape.indexOf.get(register.column);
    if (index !== undefined) putWrite(writeOf(shape, register, index), index, winners);
    return;
  }
  for (let index = 0; index < shape.columns.length; index++) {
    putWrite(writeOf(shape, register, index), index, winners);
  }
}

function putWrite(write: CellWrite | undefined, index: number, winners: (CellWrite | undefined)[]): void {
  if (write === undefined) return;
  const winner = winners[index];
  if (winner === undefined || isLater(write, winner)) winners[index] = write;
}

/** Takes out what the table's class forbids. Registers of one device and hlc are in order: record before cell. */
function effectiveRegisters(
  shape: RowShape,
  registers: readonly Register[],
): { effective: readonly Register[]; breaches: Breach[]; sealed: boolean } {
  const breaches: Breach[] = [];
  const breach = (rule: 'append-only' | 'sealed', { column, device, hlc }: Register) =>
    breaches.push({ rule, column, device, hlc });
  if (shape.table.class === 'append-only') {
    const effective = registers.filter(({ kind }) => kind === 'record');
    for (const register of registers) if (register.kind !== 'record') breach('append-only', register);
    return { effective, breaches, sealed: false };
  }
  if (shape.table.class !== 'sealed' || shape.sealed === undefined) {
    return { effective: registers, breaches, sealed: false };
  }
  // The writes again in their order: the first commit after which the row is sealed is the last that counts.
  const inOrder = [...registers].sort((a, b) => a.hlc - b.hlc || compareText(a.device, b.device));
  const winners: (CellWrite | undefined)[] = new Array(shape.columns.length).fill(undefined);
  const cells = (name: string): CellValue => {
    const index = shape.indexOf.get(name);
    return index === undefined ? null : shownCell(shape.columns[index]!, winners[index]);
  };
  let hasRecord = false;
  for (let index = 0; index < inOrder.length; index++) {
    const register = inOrder[index]!;
    const next = inOrder[index + 1];
    hasRecord ||= register.kind === 'record';
    putWrites(shape, register, winners);
    const commitEnds = next === undefined || next.hlc !== register.hlc || next.device !== register.device;
    if (!commitEnds || !hasRecord || !shape.sealed(cells)) continue;
    for (const late of inOrder.slice(index + 1)) breach('sealed', late);
    return { effective: inOrder.slice(0, index + 1), breaches, sealed: true };
  }
  return { effective: registers, breaches, sealed: false };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
