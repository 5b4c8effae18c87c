/**
 * A seeded source of chance: the same seed gives the same history, so a failure is its seed. mulberry32, by
 * Tommy Ettinger, public domain.
 */
export class Prng {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** True once in `oneIn` times. */
  chance(oneIn: number): boolean {
    return this.int(oneIn) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.int(list.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.int(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
    }
    return shuffled;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.int(256));
  }
}

export interface PinnedSeed {
  readonly seed: number;
  /** The rule it broke once: `REG-8: a deleted row stayed in the table`. */
  readonly broke: string;
}

let nextSeed = Number(globalThis.process?.env.SEEDS_FROM ?? 1);

/**
 * Runs a history for each pinned seed and for `count` fresh ones, and names the seed of the one that failed.
 * `SEED=123` runs that one alone. Fresh seeds count up from 1, so that a run can be repeated, or from SEEDS_FROM: the
 * long tests count from the time, so that each run looks elsewhere.
 */
export async function forSeeds(
  count: number,
  pinned: readonly PinnedSeed[],
  history: (random: Prng) => void | Promise<void>,
): Promise<void> {
  const only = globalThis.process?.env.SEED;
  const fresh = Array.from({ length: count }, () => nextSeed++);
  const seeds = only === undefined ? [...pinned.map(({ seed }) => seed), ...fresh] : [Number(only)];
  for (const seed of seeds) {
    try {
      await history(new Prng(seed));
    } catch (error) {
      if (error instanceof Error)
        error.message = `seed ${seed} (SEED=${seed} runs it alone): ${error.message}`;
      throw error;
    }
  }
}
