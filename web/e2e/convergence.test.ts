/** More histories than convergence.pg.test.ts has, without Postgres: the replicas and the documents alone. */
import { test } from 'uvu';
import { forSeeds, type PinnedSeed } from '../../shared/testing/prng.ts';
import { playHistory } from './history.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 700);
const PARTS = 7;

/** Seeds that once failed, and what they broke. They run first, for ever. */
const PINNED: readonly PinnedSeed[] = [
  { seed: 1, broke: 'GATE-2: an undo of text that only deletes was stored before what it deletes' },
  { seed: 31, broke: 'OUT-3: a commit made anew had no parts left, and was sent' },
  { seed: 69, broke: 'GATE-2: text of an earlier session was refused, and what builds on it stored' },
  { seed: 76, broke: 'GATE-2: as seed 69' },
  { seed: 124, broke: 'WRITE-2: the clock had not heard the updates behind the image' },
];

// In parts, so that a busy machine is not taken for a hung test.
for (let part = 1; part <= PARTS; part++) {
  test(`[REG-8] after any history every replica, a newcomer and a rebuilt one hold the same rows (${part})`, () =>
    forSeeds(HISTORIES / PARTS, part === 1 ? PINNED : [], async (random) => {
      const chaos = await playHistory(random);
      await chaos.close();
    }));
}

test.run();
