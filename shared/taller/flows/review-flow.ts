/** A rule that merged rows break and that cannot or need not be mended: somebody looked at it and says why it stays. */
import type { ViolationReview } from '../tables/reception.ts';
import { type Actor, idFor, insert, type Statement } from './statement.ts';

/** An entry of `_violation`, by what tells it from a later one. */
export type ReviewedViolation = Pick<
  ViolationReview,
  'kind' | 'table_name' | 'row_id' | 'rule' | 'device' | 'hlc' | 'key'
>;

export function reviewViolations(
  actor: Actor,
  violations: readonly ReviewedViolation[],
  reason: string,
): { ids: string[]; statements: Statement[] } {
  const rows = violations.map(({ kind, table_name, row_id, rule, device, hlc, key }) => {
    const id = idFor(actor);
    const cells = { kind, table_name, row_id, rule, device, hlc, key, reason };
    return { id, statement: insert('violation_reviews', id, cells) };
  });
  return { ids: rows.map(({ id }) => id), statements: rows.map(({ statement }) => statement) };
}

/** They are to be looked at again. */
export function reopenViolations(ids: readonly string[]): Statement[] {
  return ids.map((id) => ({ sql: 'delete from violation_reviews where id = ?', params: [id] }));
}
