/**
 * Hybrid logical clock as one number: `ms × 4096 + counter`. It fits a double until the year 2039, compares
 * with `<`, and never goes back on one device, whatever its wall clock does.
 * Kulkarni et al., "Logical Physical Clocks", 2014.
 */

/** Ticks within one millisecond. */
export const HLC_COUNTER_SPAN = 4096;

export function hlcOfMs(ms: number): number {
  return ms * HLC_COUNTER_SPAN;
}

/** Epoch milliseconds of an hlc, by the clock of the relay. */
export function msOfHlc(hlc: number): number {
  return Math.floor(hlc / HLC_COUNTER_SPAN);
}

/** True for what can be an hlc at all: a positive safe integer. */
export function isHlc(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/**
 * One device's clock. `tick` is later than every tick before it and every hlc observed, and close to
 * wall time plus the relay's offset.
 */
export class HybridClock {
  /** Relay time minus device time, in ms; measured at each connect. */
  offsetMs = 0;
  readonly #nowMs: () => number;
  #last: number;

  constructor(nowMs: () => number, last = 0) {
    this.#nowMs = nowMs;
    this.#last = last;
  }

  tick(): number {
    this.#last = Math.max(this.#last + 1, hlcOfMs(Math.floor(this.#nowMs() + this.offsetMs)));
    return this.#last;
  }

  /** After this the next tick is later than `hlc`. Call with every hlc read from a peer. */
  observe(hlc: number): void {
    if (hlc > this.#last) this.#last = hlc;
  }

  /** The last tick or observed hlc; persisted, so that a restart never reuses one. */
  get last(): number {
    return this.#last;
  }

  /** Takes back ticks that ran ahead of relay time, once everything stamped with them was re-stamped. */
  reset(last: number): void {
    this.#last = last;
  }
}
