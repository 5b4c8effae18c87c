/**
 * Lets others on the event loop have their turn: long work calls `take` at each step, which waits one turn
 * whenever the loop was held for longer than the budget.
 */
export class Breath {
  readonly #holdMs: number;
  readonly #nowMs: () => number;
  #sinceMs: number;

  /** `holdMs`: longest time the loop is held. */
  constructor(holdMs: number, nowMs: () => number = () => performance.now()) {
    this.#holdMs = holdMs;
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  take(): Promise<void> | undefined {
    if (this.#nowMs() - this.#sinceMs < this.#holdMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#sinceMs = this.#nowMs();
        resolve();
      }),
    );
  }
}
