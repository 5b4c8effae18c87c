/**
 * One history: replicas write, are cut off, killed, refused, change their minds; then the network is whole again, and
 * every SQL database must be the same, the same as that of a device that was never there, and the same as one built
 * from the documents alone.
 */
import * as assert from 'uvu/assert';
import type { Prng } from '../../shared/testing/prng.ts';
import { testSchema } from '../../shared/testing/test-schema.ts';
import type { Replica } from '../replica/replica.ts';
import { Chaos } from './chaos.ts';
import { differences, replicaContents } from './report-rows.ts';

const STEPS = 60;

/** Throws when anything differs. Whoever calls closes what it answers. */
export async function playHistory(random: Prng): Promise<Chaos> {
  const chaos = await Chaos.begin(random, 2 + random.int(2), { refusals: random.chance(2) });
  for (let step = 0; step < STEPS; step++) await chaos.step();
  await chaos.settle();
  assertSame(chaos.replicas, 'after the history');
  for (const replica of chaos.replicas) {
    const { mendedRows, tables } = await replica.verify();
    assert.is(mendedRows, 0, `verify() mended rows: ${JSON.stringify(tables)}`);
  }
  await chaos.newcomer();
  assertSame(chaos.replicas, 'with a newcomer');
  await chaos.rebuildAll();
  assertSame(chaos.replicas, 'rebuilt from the documents');
  return chaos;
}

function assertSame(replicas: readonly Replica[], when: string): void {
  const [first, ...others] = replicas.map(allOf);
  for (const other of others) {
    assert.equal(differences(first!.rows, other.rows, [first!.name, other.name]), [], when);
    assert.equal(other.derived, first!.derived, `${when}: conflicts and violations`);
  }
}

function allOf(replica: Replica) {
  const list = (table: string) =>
    replica
      .query(`select * from ${table}`)
      .map((row) => JSON.stringify(row))
      .sort();
  return {
    name: replica.user,
    rows: replicaContents(replica, testSchema),
    derived: {
      conflicts: list('_conflict'),
      violations: list('_violation'),
      quarantine: replica.query('select document, epoch, seq from _quarantine order by 1, 2, 3'),
    },
  };
}
