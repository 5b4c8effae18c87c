/**
 * When commits leave. One that comes alone leaves at once. Those of a burst wait for each other, the longer it lasts
 * the longer: relay, database and disk take a group for little more than one commit, and so does this device, which
 * is busy with the next write.
 */

/** How long a group gathers: doubled from group to group while more than one commit comes together. */
const GATHER_MS = { least: 10, most: 40 } as const;

export class SendPace {
  #gatherMs: number = GATHER_MS.least;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;

  /** Milliseconds until what waits may leave; 0 for now. */
  waitMs(nowMs: number): number {
    const waitMs = this.#lastSentAtMs + this.#gatherMs - nowMs;
    return waitMs > this.#gatherMs ? 0 : Math.max(0, waitMs); // the clock was set back
  }

  /** So many left together. */
  sent(commits: number, nowMs: number): void {
    this.#lastSentAtMs = nowMs;
    this.#gatherMs = commits === 1 ? GATHER_MS.least : Math.min(GATHER_MS.most, 2 * this.#gatherMs);
  }
}
