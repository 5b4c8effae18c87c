/** A local write that breaks a declared rule. Nothing of its transaction is kept. */

export type WriteRule =
  | 'not-null'
  | 'type'
  | 'check'
  | 'unique'
  | 'reference'
  | 'append-only'
  | 'sealed'
  | 'id'
  | 'bucket';

export interface BrokenRule {
  readonly rule: WriteRule;
  readonly table: string;
  /** The column, or several joined by a comma; empty when the rule is about the whole row. */
  readonly column: string;
  /** Empty when the statement does not tell. */
  readonly row: string;
}

/** The caller rolls the SQL transaction back. `message` names table, column and row. */
export class RefusedWriteError extends Error implements BrokenRule {
  override name = 'RefusedWriteError';
  readonly rule: WriteRule;
  readonly table: string;
  readonly column: string;
  readonly row: string;

  constructor(broken: BrokenRule, why: string) {
    const column = broken.column === '' ? '' : `.${broken.column}`;
    const row = broken.row === '' ? '' : `, row ${broken.row}`;
    super(`${broken.table}${column}${row}: ${why}`);
    this.rule = broken.rule;
    this.table = broken.table;
    this.column = broken.column;
    this.row = broken.row;
  }
}
