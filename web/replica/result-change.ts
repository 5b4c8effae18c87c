/** How one result became the next, small enough to post to a page after every keystroke. */
import type { SqlRow } from '../../shared/mirror/sql.ts';
import type { ResultChange } from '../client/engine-messages.ts';

/**
 * `before` and `keys` name the rows of both results; rows with equal keys are equal. Rows that were there before are
 * named by their place in the old result. Undefined before: everything.
 */
export function changeBetween(
  before: readonly string[] | undefined,
  rows: readonly SqlRow[],
  keys: readonly string[],
): ResultChange {
  if (!before) return { type: 'rows', rows };
  const placesByKey = new Map<string, number[]>();
  for (let place = before.length - 1; place >= 0; place--) {
    const known = placesByKey.get(before[place]!);
    if (known) known.push(place);
    else placesByKey.set(before[place]!, [place]);
  }
  // Equal rows are taken from the front, each once, so that every old row appears at most once.
  const order = rows.map((row, index) => placesByKey.get(keys[index]!)?.pop() ?? row);
  return { type: 'diff', order };
}
