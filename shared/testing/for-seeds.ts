/** Seeded histories: one for each seed that once failed, and as many fresh ones as asked for. */
import { Prng } from './prng.ts';

export interface PinnedSeed {
  readonly seed: number;
  /** The rule it broke once: `REG-8: a deleted row stayed in the table`. */
  readonly broke: string;
}

/**
 * Runs `history` with each seed, and names the seed of the one that failed. `SEED=123` runs that one alone. Fresh
 * seeds count up from the time, so that each run looks elsewhere.
 */
export async function forSeeds(
  count: number,
  pinned: readonly PinnedSeed[],
  history: (random: Prng, seed: number) => void | Promise<void>,
): Promise<void> {
  const only = globalThis.process?.env.SEED;
  const first = Date.now() % 1_000_000_000;
  const fresh = Array.from({ length: count }, (_, index) => first + index);
  const seeds = only === undefined ? [...pinned.map(({ seed }) => seed), ...fresh] : [Number(only)];
  for (const seed of seeds) {
    try {
      await history(new Prng(seed), seed);
    } catch (error) {
      if (error instanceof Error)
        error.message = `seed ${seed} (SEED=${seed} runs it alone): ${error.message}`;
      throw error;
    }
  }
}
