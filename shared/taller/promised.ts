/** How a promised time stands: shown by word and icon beside the colour. */
import type { Phase } from './status.ts';

export type PromiseState = 'none' | 'on-time' | 'soon' | 'late' | 'kept' | 'broken';

/** From here on a promise needs action: two hours are enough to call the customer or to move a job. */
export const SOON_MS = 2 * 60 * 60_000;

/**
 * `late` once the time has passed and the work is not done; for an order that is done, whether the promise was
 * kept. `doneAtMs` is when it was ready, or delivered where nobody marked it ready.
 */
export function promiseState(
  order: {
    readonly promised_at: number | null;
    readonly ready_at: number | null;
    readonly delivered_at: number | null;
  },
  phase: Phase,
  nowMs: number,
): PromiseState {
  if (order.promised_at === null || phase === 'cancelled') return 'none';
  if (phase === 'ready' || phase === 'invoiced' || phase === 'delivered') {
    const doneAtMs = order.ready_at ?? order.delivered_at;
    return doneAtMs === null || doneAtMs <= order.promised_at ? 'kept' : 'broken';
  }
  if (nowMs > order.promised_at) return 'late';
  return order.promised_at - nowMs <= SOON_MS ? 'soon' : 'on-time';
}
