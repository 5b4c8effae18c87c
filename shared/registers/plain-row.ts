/**
 * The short way to the cells of the rows that most are: one record, and later writes to its cells that had all seen
 * it, one to a cell. Such a row is visible, no write of it lost to another and none breaks a rule; whatever else a row
 * may be is for winner.ts, and comes to the same where both know the answer.
 */
import type { CellValue } from '../schema/table.ts';
import { type RecordValue, type Register, readCell } from './codec.ts';
import type { RowShape } from './row-shape.ts';
import { recordCell } from './winner.ts';

/** In the order of the table's columns, with null for each shared text; undefined when the row is not of that kind. */
export function plainCellsOf(shape: RowShape, registers: readonly Register[]): CellValue[] | undefined {
  const { class: kind } = shape.table;
  if (kind === 'append-only' || kind === 'sealed') return undefined;
  let record: Register | undefined;
  for (const register of registers) {
    if (register.kind === 'cell') continue;
    if (register.kind === 'flag' || record !== undefined) return undefined;
    record = register;
  }
  if (record === undefined) return undefined;
  const cells: CellValue[] = [];
  for (const column of shape.columns) {
    const cell = column.shared
      ? null
      : recordCell(column, record.value as RecordValue, record.hlc, record.device);
    if (cell === null && !column.shared && !column.column.nullable) return undefined;
    cells.push(cell === undefined ? column.column.fallback : cell);
  }
  const written: number[] = [];
  for (const register of registers) {
    if (register.kind !== 'cell') continue;
    const index = shape.indexOf.get(register.column);
    if (index === undefined || shape.columns[index]!.shared) continue;
    const { column } = shape.columns[index]!;
    const value = readCell(column, register.value);
    if (value === undefined) continue;
    if (value === null && !column.nullable) return undefined;
    if (register.hlc <= record.hlc || register.seen < record.hlc || written.includes(index)) return undefined;
    written.push(index);
    cells[index] = value;
  }
  return cells;
}
