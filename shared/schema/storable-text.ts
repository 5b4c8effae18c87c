/** Postgres keeps no U+0000, and JSON on the way to it no lone surrogate: what the report holds instead. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
