/**
 * One history: devices of two builds write, are cut off, killed, taken over, refused, change their minds; then the
 * network is whole again, and every SQL database must be the same, the same as that of a device that was never there,
 * and the same as one built from the documents alone. What was promised on the way must hold.
 */
import * as assert from 'uvu/assert';
import type { Prng } from '../../shared/testing/prng.ts';
import { Chaos } from './chaos.ts';
import type { ChaosDevice } from './chaos-device.ts';
import { differences, replicaContents } from './report-rows.ts';
import type { Tally } from './tally.ts';

const STEPS = 50;

/** Throws when anything differs. Whoever calls closes what it answers. */
export async function playHistory(random: Prng, tally: Tally): Promise<Chaos> {
  const chaos = await Chaos.begin(random, tally, 2 + random.int(2), {
    refusals: random.chance(2),
    builds: random.chance(2),
    epochs: random.chance(2),
    fullDisks: random.chance(3),
  });
  for (let step = 0; step < STEPS; step++) await chaos.step();
  await chaos.settle();
  assertSame(chaos, 'after the history');
  for (const { replica } of chaos.devices) {
    const { mendedRows, text } = await replica.verify();
    assert.is(mendedRows, 0, `verify() mended rows:\n${text}`);
  }
  await chaos.newcomer();
  assertSame(chaos, 'with a newcomer');
  countUnknown(chaos, tally);
  await chaos.rebuildAll();
  assertSame(chaos, 'rebuilt from the documents, with one build');
  return chaos;
}

/** Builds of one age hold the same; what an older one does not know shows when it is updated. */
function assertSame(chaos: Chaos, when: string): void {
  for (const { replica } of chaos.devices) assert.equal(chaos.promises.brokenBy(replica), [], when);
  for (const isOlder of [true, false]) {
    const [first, ...others] = chaos.devices.filter((device) => device.isOlder === isOlder).map(allOf);
    for (const other of others) {
      assert.equal(differences(first!.rows, other.rows, [first!.name, other.name]), [], when);
      assert.equal(other.derived, first!.derived, `${when}: conflicts and violations`);
    }
  }
}

function allOf({ name, replica, schema }: ChaosDevice) {
  const list = (table: string) =>
    replica
      .query(`select * from ${table}`)
      .map((row) => JSON.stringify(row))
      .sort();
  return {
    name,
    rows: replicaContents(replica, schema),
    derived: {
      conflicts: list('_conflict'),
      violations: list('_violation'),
      quarantine: replica.query('select document, epoch, seq from _quarantine order by 1, 2, 3'),
    },
  };
}

function countUnknown({ devices }: Chaos, tally: Tally): void {
  const newer = devices.find(({ isOlder }) => !isOlder)!;
  const [{ n: unknown } = { n: 0 }] = newer.replica.query(
    `select (select count(*) from estimates) + (select count(*) from customers where vip = 1)
          + (select count(*) from orders where odometer is not null) as n`,
  );
  if (Number(unknown) > 0)
    tally.count('older-build-met-what-it-does-not-know', devices.filter(({ isOlder }) => isOlder).length);
}
