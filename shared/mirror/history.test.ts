/** The law of the mirror, over seeded histories: whatever happened, every replica ends in the same rows. */
import { test } from 'uvu';
import { assertSameEverywhere, playHistory } from '../testing/histories.ts';
import { forSeeds, type PinnedSeed } from '../testing/prng.ts';
import { loadSqlJs } from './sqljs.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 300);

/** Seeds that failed once, and what they broke. */
const PINNED: readonly PinnedSeed[] = [];

const sqlJs = await loadSqlJs();

test('[REG-8] after any history every replica holds the same SQL, equal to one rebuilt from the documents', async () => {
  await forSeeds(HISTORIES, PINNED, (random) => {
    const replicas = playHistory(sqlJs, random);
    assertSameEverywhere(replicas);
    for (const replica of replicas) replica.close();
  });
});

test.run();
