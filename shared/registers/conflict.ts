import type { CellValue } from '../schema/table.ts';

/** One write to a cell: what was written, by which device, when. */
export interface ConflictSide {
  readonly value: CellValue;
  readonly device: string;
  readonly hlc: number;
}

/** Two devices wrote one cell without seeing each other [REG-4]. Column '' is the row itself: deleted or edited. */
export interface Conflict {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  readonly winner: ConflictSide;
  readonly loser: ConflictSide;
}
