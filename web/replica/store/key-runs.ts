/**
 * Keys to delete, as ranges that hold no other key that is there. A day's acked commits are neighbours, for their ids
 * begin with the time, so that a deferred write asks for one or two deletions instead of a hundred.
 */
export type KeyRun = readonly [first: string, last: string];

/** In order. `there`: every key that the store may hold, the removed ones or not. */
export function keyRunsOf(removed: readonly string[], there: Iterable<string>): readonly KeyRun[] {
  const sorted = [...removed].sort();
  const first = sorted[0];
  if (first === undefined) return [];
  const last = sorted.at(-1)!;
  const gone = new Set(removed);
  const staying: string[] = [];
  for (const key of there) if (key > first && key < last && !gone.has(key)) staying.push(key);
  staying.sort();
  const runs: [string, string][] = [];
  let next = 0;
  let from = first;
  let before = first;
  for (const key of sorted) {
    let isCut = false;
    while (next < staying.length && staying[next]! < key) {
      next++;
      isCut = true;
    }
    if (isCut) {
      runs.push([from, before]);
      from = key;
    }
    before = key;
  }
  runs.push([from, before]);
  return runs;
}
