/** When to try again: 1, 2, 4, 8, 16, 32, 60, 60 … seconds, each ±20 % so that devices do not return in step. */
const FIRST_MS = 1_000;
const MAX_MS = 60_000;
const JITTER = 0.2;

/** `attempt` counts from 1; `random` gives 0 to 1. */
export function backoffMs(attempt: number, random: () => number): number {
  // Beyond 2^16 the power only overflows; the cap was reached long before.
  const planned = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(planned * (1 - JITTER + 2 * JITTER * random()));
}
