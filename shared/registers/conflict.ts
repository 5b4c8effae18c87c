/**
 * Conflicts are derived from the registers: every replica computes the same list, nothing about them is
 * replicated, and a later write that has seen both sides ends them [REG-4].
 */
import { hlcOfMs } from '../base/hlc.ts';
import type { CellValue } from '../schema/table.ts';
import { sameCell } from './codec.ts';
import type { RowShape } from './row-shape.ts';
import { type CellWrite, deletion, isLater, type Merge, writeOf } from './winner.ts';

/** One write to a cell: what was written, by which device, when. */
export interface ConflictSide {
  readonly value: CellValue;
  readonly device: string;
  readonly hlc: number;
}

/** Two devices wrote one cell without seeing each other. Column '' is the row itself: deleted (1) or edited. */
export interface Conflict {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  readonly winner: ConflictSide;
  readonly loser: ConflictSide;
}

/** A conflict that waits for nobody is listed this long; what two devices wrote last month nobody looks at. */
const LISTED_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Of `_conflict`, what is shown and counted: all with policy `manual`, of `lww` those whose winner is later than this hlc. */
export function listedAfter(nowMs: number): number {
  return hlcOfMs((Math.floor(nowMs / DAY_MS) - LISTED_DAYS) * DAY_MS);
}

/** In order of column, then device. */
export function conflictsOf(shape: RowShape, id: string, merge: Merge): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  const table = shape.table.name;
  const rowConflict = deleteConflict(shape, merge);
  if (rowConflict) conflicts.push({ table, id, column: '', ...rowConflict });
  if (!merge.visible || merge.effective.length < 2) return conflicts;
  shape.columns.forEach(({ name, common }, index) => {
    const winner = merge.winners[index];
    if (winner === undefined || common || !mayHaveLost(shape, merge, index, winner)) return;
    for (const loser of lastWrites(shape, merge, index)) {
      if (loser.device === winner.device || winner.seen >= loser.hlc || sameCell(winner.value, loser.value))
        continue;
      conflicts.push({ table, id, column: name, winner: sideOf(winner), loser: sideOf(loser) });
    }
  });
  return conflicts;
}

/** Nearly every cell of nearly every row was written by whoever had seen the others. */
function mayHaveLost(shape: RowShape, { effective }: Merge, index: number, winner: CellWrite): boolean {
  for (const { kind, column, device, hlc } of effective) {
    if (device === winner.device || winner.seen >= hlc) continue;
    if (kind === 'record' || (kind === 'cell' && shape.indexOf.get(column) === index)) return true;
  }
  return false;
}

/** Each device's last write to a cell, in order of device. */
function lastWrites(shape: RowShape, merge: Merge, index: number): readonly CellWrite[] {
  const lastByDevice = new Map<string, CellWrite>();
  for (const register of merge.effective) {
    const write = writeOf(shape, register, index);
    if (write === undefined) continue;
    const last = lastByDevice.get(write.device);
    if (last === undefined || isLater(write, last)) lastByDevice.set(write.device, write);
  }
  return [...lastByDevice.values()].sort((a, b) => (a.device < b.device ? -1 : 1));
}

/** A delete and a write that the deleter had not seen. */
function deleteConflict(
  shape: RowShape,
  merge: Merge,
): { winner: ConflictSide; loser: ConflictSide } | undefined {
  const deleted = deletion(merge.effective);
  if (deleted?.unseen === undefined || !merge.effective.some(({ kind }) => kind === 'record'))
    return undefined;
  const deleteSide = { value: 1, device: deleted.flag.device, hlc: deleted.flag.hlc };
  const editSide = { value: null, device: deleted.unseen.device, hlc: deleted.unseen.hlc };
  return shape.table.onDeleteConflict === 'edit-wins'
    ? { winner: editSide, loser: deleteSide }
    : { winner: deleteSide, loser: editSide };
}

function sideOf({ value, device, hlc }: CellWrite): ConflictSide {
  return { value, device, hlc };
}
