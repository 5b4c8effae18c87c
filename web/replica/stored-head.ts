/** What a replica goes on from: the last number and the highest clock of what is stored. */
import type { StoreHead } from './store/store.ts';

/** The next store write that carries updates has the one after it. */
export function lastNumberOf(head: StoreHead): number {
  let last = head.image?.number ?? 0;
  for (const [, number] of head.updates) last = Math.max(last, number);
  for (const { snapshotNumber } of head.documents) last = Math.max(last, snapshotNumber);
  for (const { number } of head.outbox) last = Math.max(last, number);
  return last;
}

export function highestHlcOf(head: StoreHead): number {
  return head.outbox.reduce((highest, { commit }) => Math.max(highest, commit.hlc), head.meta.hlc ?? 0);
}
