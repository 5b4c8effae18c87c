/** Many more histories than history.test.ts, for `npm run test:long`. */
import { test } from 'uvu';
import { assertSameEverywhere, playHistory } from '../testing/histories.ts';
import { forSeeds } from '../testing/prng.ts';
import { loadSqlJs } from './sqljs.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 20_000);

const sqlJs = await loadSqlJs();

test('[REG-8] after any of 20 000 histories every replica holds the same SQL', async () => {
  await forSeeds(HISTORIES, [], (random) => {
    const replicas = playHistory(sqlJs, random, { steps: 25 + random.int(75) });
    assertSameEverywhere(replicas);
    for (const replica of replicas) replica.close();
  });
});

test.run();
