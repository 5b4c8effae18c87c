/**
 * Merging an edit of a shared text. The page edits a copy; by the time it sends `base -> next`, others may have
 * typed. The difference between base and next is one replaced span; it is carried over to what the text is now.
 */

export interface TextEdit {
  /** Counted in UTF-16 units, as Y.Text does. */
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** The one span by which `next` differs from `base`; undefined when they are equal. */
export function editBetween(base: string, next: string): TextEdit | undefined {
  if (base === next) return undefined;
  const shorter = Math.min(base.length, next.length);
  let start = 0;
  while (start < shorter && base[start] === next[start]) start++;
  let end = 0;
  while (end < shorter - start && base[base.length - 1 - end] === next[next.length - 1 - end]) end++;
  // Not between the halves of a surrogate pair: half a character would be stored.
  if (start > 0 && isHighSurrogate(base.charCodeAt(start - 1))) start--;
  if (end > 0 && isLowSurrogate(base.charCodeAt(base.length - end))) end--;
  return {
    at: start,
    remove: base.length - start - end,
    insert: next.slice(start, next.length - end),
  };
}

/**
 * The edits of `now` that carry `base -> next` over to it: what others wrote since `base` stays, also inside the
 * span, unless both removed it.
 */
export function rebaseEdit(base: string, next: string, now: string): readonly TextEdit[] {
  const mine = editBetween(base, next);
  if (!mine) return [];
  const theirs = editBetween(base, now);
  if (!theirs) return [mine];
  const shift = theirs.insert.length - theirs.remove;
  const mineEnd = mine.at + mine.remove;
  const theirsEnd = theirs.at + theirs.remove;
  if (mineEnd <= theirs.at && !(mine.at === theirs.at && mine.remove === 0)) return [mine];
  if (theirsEnd <= mine.at) return [{ ...mine, at: mine.at + shift }];
  // Overlapping: remove what only this side removed around their span, and insert beside what they wrote.
  const edits: TextEdit[] = [];
  const after = Math.max(0, mineEnd - theirsEnd);
  const theirEndNow = theirs.at + theirs.insert.length;
  if (after > 0) edits.push({ at: theirEndNow, remove: after, insert: '' });
  const before = Math.max(0, theirs.at - mine.at);
  const at = before > 0 ? mine.at : theirEndNow;
  edits.push({ at, remove: before, insert: mine.insert });
  return edits;
}

/** What the edits make of a text; they are ordered so that each leaves the positions of the next alone. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce(
    (result, { at, remove, insert }) => result.slice(0, at) + insert + result.slice(at + remove),
    text,
  );
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
