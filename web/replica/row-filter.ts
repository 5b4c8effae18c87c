/**
 * Proves that a changed row cannot matter to a query. Works on the text of simple statements only; whatever it
 * does not understand has no filter, so the query runs again: never wrong, at worst slower.
 */
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlParams } from '../../shared/mirror/sql.ts';

export interface RowFilter {
  /** False only when the row, before and after, is outside what the query can see. */
  mayMatter(change: RowChange): boolean;
}

export function rowFilterOf(_sql: string, _params: SqlParams): RowFilter | undefined {
  return undefined;
}
