/**
 * Keeping a text field in step with a text that others write too. Pure text arithmetic: the merge itself is the
 * replica's; this decides where the caret goes and what becomes of letters typed while a merge was under way.
 */

/** The one stretch in which two texts differ: `from` has `removed` characters at `at` where `to` has `inserted`. */
export interface Splice {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

export function spliceBetween(from: string, to: string): Splice {
  let start = 0;
  const shorter = Math.min(from.length, to.length);
  while (start < shorter && from[start] === to[start]) start++;
  let end = 0;
  while (end < shorter - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  return { at: start, removed: from.length - start - end, inserted: to.slice(start, to.length - end) };
}

/**
 * Where a caret of `from` stands in `to`. A caret in a stretch that was replaced moves to its end; one at the place of an
 * insertion stays before it, because somebody else wrote it.
 */
export function mapCaret(caret: number, from: string, to: string): number {
  const { at, removed, inserted } = spliceBetween(from, to);
  if (caret <= at) return caret;
  if (caret >= at + removed) return caret + inserted.length - removed;
  return at + inserted.length;
}

/**
 * What the field shows after a merge: `typed` grew out of `sent` while the merge of `sent` gave `merged`; the letters
 * typed since are carried over.
 */
export function carryOver(sent: string, typed: string, merged: string): string {
  if (typed === sent) return merged;
  const { at, removed, inserted } = spliceBetween(sent, typed);
  const from = mapCaret(at, sent, merged);
  const to = mapCaret(at + removed, sent, merged);
  return merged.slice(0, from) + inserted + merged.slice(Math.max(from, to));
}
