/** Places between two others on the board, as text that sorts: there is always one more. */

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** The place a new order starts with: in order of its id, after every order made before it. */
export function rankOfId(id: string): string {
  return id.replaceAll('-', '');
}

/**
 * A text between two others in plain text order; undefined stands for the ends. `rankBetween(undefined, 'a')` is
 * below `a`. Never ends in `0`, so that something always fits below it. Throws when `before` is not below
 * `after`.
 */
export function rankBetween(before: string | undefined, after: string | undefined): string {
  if (before !== undefined && after !== undefined && before >= after)
    throw new RangeError(`rank "${before}" is not below "${after}"`);
  let rank = '';
  for (let place = 0; ; place++) {
    const low = digitOf(before, place, 0);
    const high = digitOf(after, place, DIGITS.length);
    if (high - low > 1) return rank + DIGITS[Math.floor((low + high) / 2)];
    rank += DIGITS[low];
  }
}

function digitOf(rank: string | undefined, place: number, missing: number): number {
  if (rank === undefined || place >= rank.length) return missing;
  // What is no digit was written by something else than this file; it counts as the lowest.
  return Math.max(0, DIGITS.indexOf(rank[place] ?? '0'));
}
