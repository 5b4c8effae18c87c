/**
 * SQLite keeps a journal for each statement that writes several things and may fail halfway, so that this one
 * statement can be taken back. Every insert and update with a trigger is such a statement, and the journal costs more
 * than the rows and the trigger together. Where a failure takes back the whole transaction anyway it is for nothing:
 * `or fail` says so, and changes nothing else.
 */

/** The statement without a journal of its own; only for a transaction that is rolled back when it fails. */
export function orFail(sql: string): string {
  // Behind a comment or a WITH it stays as it is, and is only slower.
  return sql.replace(/^(\s*(?:insert|update))\s+(?!or\b)/i, '$1 or fail ');
}
