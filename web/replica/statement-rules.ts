/**
 * Which statements a page may run in a write. Rows are free; what would end the engine's own transaction or change
 * the mirrored schema is not: tables come from the schema only.
 */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [
    /^(begin|commit|end)\b/i,
    'the engine opens and ends the transaction; pass several statements to transaction()',
  ],
  [
    /^rollback\b(?!\s+(transaction\s+)?to\b)/i,
    'throw to roll back; only "rollback to" a savepoint is allowed',
  ],
  [/^(attach|detach|vacuum|pragma|reindex)\b/i, 'this statement reaches outside the rows'],
  [/^(create|alter|drop)\b/i, 'tables, indexes and views come from the schema'],
];

/** Throws when the statement may not run as part of a write. */
export function assertMayRun(sql: string): void {
  const text = withoutLeadingComments(sql);
  for (const [pattern, why] of FORBIDDEN) {
    const match = pattern.exec(text);
    if (match) throw new Error(`"${match[0].toLowerCase()}" may not be run here: ${why}`);
  }
}

function withoutLeadingComments(sql: string): string {
  return sql.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?(\*\/|$))+/, '');
}
