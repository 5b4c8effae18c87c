/** Two builds of a schema side by side: the older one keeps what it does not know, the newer one reads what it finds. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineSchema, defineTable, integer, type Schema, text } from '../schema/table.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { TestNetwork } from '../testing/network.ts';
import { forSeeds, type Prng } from '../testing/prng.ts';
import { type Statement, TestReplica } from '../testing/replicas.ts';
import { loadSqlJs } from './sqljs.ts';

const sqlJs = await loadSqlJs();
const HISTORIES = 40;
const STEPS = 25;

const OLDER = schemaOf(1, [
  defineTable(
    'clients',
    { family: 'people', onDeleteConflict: 'edit-wins' },
    { name: text(), points: integer() },
  ),
]);
const NEWER = schemaOf(2, [
  defineTable(
    'customers',
    { family: 'people', onDeleteConflict: 'edit-wins', renamedFrom: ['clients'] },
    { full_name: text({ renamedFrom: ['name'] }), points: integer(), city: text({ default: 'Lima' }) },
  ),
  defineTable('pets', { family: 'people' }, { name: text() }),
]);

test('[REG-6] [REG-8] with two builds each equals itself rebuilt, and the older one loses nothing of the newer', async () => {
  await forSeeds(HISTORIES, [], (random) => {
    const replicas = [OLDER, NEWER, OLDER, NEWER].map(
      (schema) => new TestReplica({ sqlJs, schema, random, clock: new FakeClock() }),
    );
    const network = new TestNetwork(replicas, random);
    for (let step = 0; step < STEPS; step++) {
      const index = random.int(replicas.length);
      replicas[index]!.wall.advance(random.int(5_000));
      if (random.chance(3)) network.deliverSome(index);
      else network.send(index, replicas[index]!.tryWrite(statement(random, index % 2 === 1)));
    }
    network.settle();

    const [older, newer, otherOlder, otherNewer] = replicas as [
      TestReplica,
      TestReplica,
      TestReplica,
      TestReplica,
    ];
    assert.is(older.dump(), otherOlder.dump());
    assert.is(newer.dump(), otherNewer.dump());
    assert.is(older.dump(), older.dumpAfresh());
    assert.is(newer.dump(), newer.dumpAfresh());
    assert.is(older.dumpAfresh(NEWER), newer.dump(), 'an update of the older build shows all');
    for (const replica of replicas) replica.close();
  });
});

test.run();

function statement(random: Prng, isNewer: boolean): Statement {
  const id = random.pick(['c1', 'c2', 'c3']);
  const word = random.pick(['Ana', 'Eva', '']);
  const [table, name] = isNewer ? ['customers', 'full_name'] : ['clients', 'name'];
  const of = (sql: string, ...params: (string | number)[]): Statement => ({ sql, params });
  const both = [
    () =>
      of(`insert or ignore into ${table} (id, ${name}, points) values (?, ?, ?)`, id, word, random.int(5)),
    () => of(`update ${table} set ${name} = ? where id = ?`, word, id),
    () => of(`update ${table} set points = points + 1 where id = ?`, id),
    () => of(`replace into ${table} (id, ${name}) values (?, ?)`, id, word),
    () => of(`delete from ${table} where id = ?`, id),
  ];
  const newer = [
    () => of('update customers set city = ? where id = ?', word, id),
    () => of('insert or ignore into pets (id, name) values (?, ?)', id, word),
    () => of('delete from pets where id = ?', id),
  ];
  return random.pick(isNewer ? [...both, ...newer] : both)();
}

function schemaOf(version: number, tables: Schema['tables']): Schema {
  return defineSchema({ version, minVersion: 1, families: [{ name: 'people', bucketed: false }], tables });
}
