/** Histories by the ten thousand. `npm run test:long -- convergence` */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forSeeds } from '../../shared/testing/prng.ts';
import { playHistory } from './history.ts';
import { Tally } from './tally.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 20_000);

/** Of the histories, or all of them when there are fewer. Each part says where it is: an hour without a word looks hung. */
const PART = 1_000;

const tally = new Tally();

for (let done = 0; done < HISTORIES; done += PART) {
  const count = Math.min(PART, HISTORIES - done);
  test(`[REG-8] after any of very many histories every replica holds the same rows (${done + count} of ${HISTORIES})`, async () => {
    console.log(`» ${done + count} of ${HISTORIES} histories`);
    await forSeeds(count, [], async (random) => {
      const chaos = await playHistory(random, tally);
      await chaos.close();
    });
  });
}

test('the histories had some of everything', () => {
  console.log(`» ${tally}`);
  if (process.env.SEED === undefined) assert.equal(tally.rarerThan(HISTORIES / 200), []);
});

test.run();
