/** More histories than convergence.pg.test.ts has, without Postgres: the replicas and the documents alone. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forSeeds, type PinnedSeed } from '../../shared/testing/prng.ts';
import { playHistory } from './history.ts';
import { Tally } from './tally.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 700);
const PARTS = 7;

/** Seeds that once failed, and what they broke. They run first, for ever. */
const PINNED: readonly PinnedSeed[] = [
  { seed: 2101, broke: 'OUT-7: a commit whose ack was lost was made anew under its id' },
  { seed: 331917244, broke: 'WRITE-3: an image kept a row that the disk had refused' },
  { seed: 331707718, broke: 'a text waited, and its row was gone when it came to be written' },
  { seed: 700053, broke: 'STORE-2: a disk without room while opening kept the replica from opening' },
  { seed: 2253, broke: 'OUT-7: as 2101, behind a document of a new epoch' },
  { seed: 800282, broke: 'OUT-5: a disk without room kept an old epoch beside the new' },
  { seed: 902301, broke: 'OUT-8: a write waited for its rows, and the replica was closed under it' },
  { seed: 351449965, broke: 'the harness: a conflict went while its answer waited for commits made anew' },
];

const tally = new Tally();

// In parts, so that a busy machine is not taken for a hung test.
for (let part = 1; part <= PARTS; part++) {
  test(`[REG-8] after any history every replica, a newcomer and a rebuilt one hold the same rows (${part})`, () =>
    forSeeds(HISTORIES / PARTS, part === 1 ? PINNED : [], async (random) => {
      const chaos = await playHistory(random, tally);
      await chaos.close();
    }));
}

test('the histories had some of everything', () => {
  if (HISTORIES < 500 || process.env.SEED !== undefined) return; // too few for chance
  assert.equal(tally.rarerThan(3), []);
});

test.run();
