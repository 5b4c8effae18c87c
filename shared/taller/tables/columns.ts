/** Column shapes that many tables of the workshop share. */
import { type Column, type ColumnOptions, json, text } from '../../schema/table.ts';

/**
 * A text that is one of a few words, checked by SQL; starts as the first of them.
 * `choice('kind', ['person', 'company'])` -> check `"kind" in ('person', 'company')`.
 */
export function choice<const Word extends string>(
  column: string,
  words: readonly [Word, ...Word[]],
  options: Omit<ColumnOptions, 'check'> = {},
): Column<Word> {
  const list = words.map((word) => `'${word}'`).join(', ');
  const comment = [options.comment, `one of ${words.join(', ')}`].filter(Boolean).join('; ');
  return {
    ...text({ default: words[0], ...options, comment }),
    check: `"${column}" in (${list})`,
  } as Column<Word>;
}

/** JSON text of a list. */
export const jsonList = (options: ColumnOptions = {}): Column<string> => json({ default: '[]', ...options });
