/** Rounds of faults as tests: which seed kills what, and one line about each round. */
import { suite, type Test } from 'uvu';
import { Prng } from '../../shared/testing/prng.ts';
import { playRound, randomWeather } from './fault-round.ts';
import type { KILLS } from './faults.ts';
import { Fleet } from './fleet.ts';

const POSTGRES_EVERY = 5;
/** Rounds of a hundred commits; those behind them have half as many, and get to their end sooner. */
const LONG_ROUNDS = 20;

/** Call `run` of it. `SEED` plays one round, `FAULT_ROUNDS` as many as it says. */
export function faultSuite(rounds: number): Test {
  const test = suite('faults');
  let fleet: Fleet;
  test.before(async () => {
    fleet = await Fleet.open(new Prng(1)).catch((error: unknown) => {
      console.error(error); // uvu swallows what a hook throws
      throw error;
    });
  });
  test.after(() => fleet?.close());

  const only = process.env.SEED;
  const first = only === undefined ? Date.now() % 1_000_000_000 : Number(only);
  const count = only === undefined ? Number(process.env.FAULT_ROUNDS ?? rounds) : 1;
  for (let round = 1; round <= count; round++) {
    const seed = first + round - 1;
    test(`[AWAY-2] round ${round} of ${count}: nothing that was told stored is lost, everything arrives once`, async () => {
      const startedAtMs = Date.now();
      try {
        const random = new Prng(seed);
        const kills = killsOf(seed, random);
        const weather = randomWeather(random);
        const workspace = `round-${round}`;
        const commits = round <= LONG_ROUNDS ? 100 : 50;
        const what = await playRound({ fleet, workspace, random, commits, kills, weather });
        const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1);
        process.stdout.write(`\n» round ${round}, seed ${seed}: ${what}; ${seconds} s\n`);
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    });
  }
  return test;
}

function killsOf(seed: number, random: Prng): (keyof typeof KILLS)[] {
  const kills: (keyof typeof KILLS)[] = [random.chance(4) ? 'both relays killed' : 'a relay killed'];
  if (random.chance(3)) kills.push('the materializer killed');
  if (seed % POSTGRES_EVERY === 0) kills.push('Postgres killed');
  return kills;
}
