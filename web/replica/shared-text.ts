/**
 * Merging an edit of a shared text. The page edits a copy; by the time it sends `base -> next`, others may have
 * typed. The difference between base and next is one replaced span; it is carried over to what the text is now.
 */
import diff, { type Diff } from 'fast-diff';

/** Units of changed text that are compared one by one: milliseconds; ten times as many would take seconds. */
const MAX_COMPARED = 4_000;

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
 * span; what both removed is removed once. Typed at one place, mine comes first: my caret stays before what others write
 at it, so the words of two who go on typing there stay whole.
 */
export function rebaseEdit(base: string, next: string, now: string): readonly TextEdit[] {
  const mine = editBetween(base, next);
  if (!mine) return [];
  if (base === now) return [mine];
  const edits: TextEdit[] = [];
  let insertAt: number | undefined;
  let inBase = 0;
  let inNow = 0;
  for (const [kind, { length }] of changesBetween(base, now)) {
    if (kind === diff.INSERT) {
      if (inBase >= mine.at) insertAt ??= inNow;
      inNow += length;
      continue;
    }
    if (kind === diff.EQUAL) {
      const from = Math.max(inBase, mine.at);
      const to = Math.min(inBase + length, mine.at + mine.remove);
      if (mine.at < inBase + length) insertAt ??= inNow + Math.max(0, mine.at - inBase);
      if (from < to) edits.push({ at: inNow + from - inBase, remove: to - from, insert: '' });
      inNow += length;
    }
    inBase += length;
  }
  if (mine.insert !== '') edits.push({ at: insertAt ?? inNow, remove: 0, insert: mine.insert });
  return edits.sort((a, b) => b.at - a.at);
}

/** `base` and `now` in pieces that stayed, went and came; what changed beyond measure is one piece. */
function changesBetween(base: string, now: string): Diff[] {
  const { at, remove, insert } = editBetween(base, now)!;
  const removed = base.slice(at, at + remove);
  const isLong = remove + insert.length > MAX_COMPARED;
  return [
    [diff.EQUAL, base.slice(0, at)],
    ...(isLong
      ? ([
          [diff.DELETE, removed],
          [diff.INSERT, insert],
        ] as Diff[])
      : diff(removed, insert)),
    [diff.EQUAL, base.slice(at + remove)],
  ];
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
