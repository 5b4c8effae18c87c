/**
 * SQL text that somebody else wrote, as far as the engine must understand it before SQLite does: sql.js runs the
 * first statement of a text and tells nobody of the rest.
 */

const BETWEEN = String.raw`[\s;]|--[^\n]*(?:\n|$)|/\*[\s\S]*?(?:\*/|$)`;
const LEADING = new RegExp(`^(?:${BETWEEN})+`);
const ONLY_BETWEEN = new RegExp(`^(?:${BETWEEN})*$`);
/** Texts, quoted names and comments: what may hold a sign that means nothing. For a pattern. */
export const QUOTED = String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|\`[^\`]*\`|\[[^\]]*\]|--[^\n]*|/\*[\s\S]*?(?:\*/|$)`;
/** What may hold a semicolon that ends nothing, and the semicolon that ends the statement. */
const SEMICOLON = new RegExp(`${QUOTED}|;`, 'g');

/** The text from its first word on: SQLite passes by comments, and by semicolons that end nothing. */
export function withoutLeading(sql: string): string {
  return sql.replace(LEADING, '');
}

/** Throws for a text that holds no statement, or more than one. */
export function assertOneStatement(sql: string): void {
  const text = withoutLeading(sql);
  if (text === '') throw new Error('there is no statement in this text');
  if (!text.includes(';')) return;
  for (const match of text.matchAll(SEMICOLON)) {
    if (match[0] !== ';') continue;
    if (ONLY_BETWEEN.test(text.slice(match.index))) return;
    throw new Error('one statement at a time; pass several to transaction(), each on its own');
  }
}
