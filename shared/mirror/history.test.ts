/** The law of the mirror, over seeded histories: whatever happened, every replica ends in the same rows. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeClock } from '../testing/fake-clock.ts';
import { Workshop } from '../testing/histories.ts';
import { forSeeds, type PinnedSeed, type Prng } from '../testing/prng.ts';
import { TestNetwork, TestReplica } from '../testing/replicas.ts';
import { testSchema } from '../testing/test-schema.ts';
import { loadSqlJs } from './sqljs.ts';

const HISTORIES = Number(process.env.HISTORIES ?? 300);
const STEPS = 25;

/** Seeds that failed once, and what they broke. */
const PINNED: readonly PinnedSeed[] = [];

const sqlJs = await loadSqlJs();

test('[REG-8] after any history every replica holds the same SQL, equal to one rebuilt from the documents', async () => {
  await forSeeds(HISTORIES, PINNED, (random) => {
    const replicas = playHistory(random);
    const dumps = replicas.map((replica) => replica.dump());

    for (const [index, replica] of replicas.entries()) {
      assert.is(replica.waiting, 0, 'every update found what it builds on');
      assert.is(dumps[index], replica.dumpAfresh(), `replica ${index} equals one rebuilt from its documents`);
      assert.is(dumps[index], dumps[0], `replica ${index} equals replica 0`);
    }
    for (const replica of replicas) replica.close();
  });
});

test.run();

function playHistory(random: Prng): TestReplica[] {
  const workshop = new Workshop(random);
  const replicas = Array.from({ length: 2 + random.int(3) }, () => {
    // Clocks differ by up to some minutes, as those of tablets do.
    const clock = new FakeClock(Date.UTC(2026, 10, 15, 12) + random.int(300_000));
    return new TestReplica({ sqlJs, schema: testSchema, random, clock });
  });
  const network = new TestNetwork(replicas, random);
  if (!random.chance(4)) {
    network.send(0, replicas[0]!.write(...workshop.opening()));
    if (random.chance(2)) network.settle();
  }
  for (let step = 0; step < STEPS; step++) {
    const index = random.int(replicas.length);
    const replica = replicas[index]!;
    replica.wall.advance(random.int(5_000));
    switch (random.int(10)) {
      case 0:
        network.cut(index, random.chance(2));
        break;
      case 1:
        if (random.chance(3)) replica.restart({ keepImage: random.chance(2) });
        break;
      case 2:
      case 3:
      case 4:
        network.deliverSome(index);
        break;
      default:
        network.send(index, replica.tryWrite(...workshop.transaction()));
    }
  }
  network.settle();
  return replicas;
}
