/** Histories by the ten thousand. `npm run test:long -- convergence` */
import { test } from 'uvu';
import { forSeeds } from '../../shared/testing/prng.ts';
import { playHistory } from './history.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 20_000);

test('[REG-8] after any of very many histories every replica holds the same rows', () =>
  forSeeds(HISTORIES, [], async (random) => {
    const chaos = await playHistory(random);
    await chaos.close();
  }));

test.run();
