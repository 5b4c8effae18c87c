/**
 * Many small updates into few larger ones, for joins. `Y.mergeUpdates` of n updates costs n², so they are merged in
 * groups, and the event loop has a turn between groups: nobody's edit waits for somebody's join.
 */
import * as Y from 'yjs';

/** One group takes about a millisecond. */
const GROUP_UPDATES = 64;
const GROUP_BYTES = 256 * 1024;

export interface Span {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly update: Uint8Array;
}

/** Spans in order, neighbours merged. What cannot be merged is passed on as it is. */
export async function mergeSpans(spans: readonly Span[]): Promise<Span[]> {
  let current = [...spans];
  for (;;) {
    const next: Span[] = [];
    for (let at = 0; at < current.length; ) {
      const group: Span[] = [];
      let bytes = 0;
      while (at < current.length && group.length < GROUP_UPDATES) {
        const span = current[at]!;
        if (group.length > 0 && bytes + span.update.length > GROUP_BYTES) break;
        group.push(span);
        bytes += span.update.length;
        at++;
      }
      next.push(...mergeGroup(group));
      if (at < current.length) await new Promise((resolve) => setImmediate(resolve));
    }
    if (next.length === current.length) return next;
    current = next;
  }
}

function mergeGroup(group: Span[]): Span[] {
  if (group.length === 1) return group;
  try {
    const update = Y.mergeUpdates(group.map((span) => span.update));
    return [{ fromSeq: group[0]!.fromSeq, toSeq: group.at(-1)!.toSeq, update }];
  } catch {
    return group; // one of them is damaged: whoever applies them finds out which
  }
}
