/** A token bucket: `perSecond` on average, ten times as many at once. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#tokens = perSecond * BURST_SECONDS;
    this.#atMs = nowMs();
  }

  /** False when there was no token left. */
  take(): boolean {
    if (this.#tokens < 1) {
      const now = this.#nowMs();
      const earned = (Math.max(0, now - this.#atMs) / 1000) * this.#perSecond;
      this.#atMs = now;
      this.#tokens = Math.min(this.#perSecond * BURST_SECONDS, this.#tokens + earned);
      if (this.#tokens < 1) return false;
    }
    this.#tokens--;
    return true;
  }
}

/** A page that opens every document at once says a few things about each. */
const BURST_SECONDS = 10;
