import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('resolve');

for (const [choice, pick] of [
  ['the value that stands', (winner: CellValue) => winner],
  ['the value that lost', (_winner: CellValue, loser: CellValue) => loser],
  ['another value', () => 'third'],
] as const) {
  test(`[RESOLVE-1] ${choice} is kept on every device, and the conflict is gone`, async () => {
    const relay = new MemoryRelay();
    const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
    const ref = { table: 'customers', id: newId(), column: 'name' };
    await a.execute('insert into customers (id, name) values (?, ?)', [ref.id, 'first']);
    await settleAll(a, b);
    a.disconnect();
    b.disconnect();
    await a.execute('update customers set name = ? where id = ?', ['by a', ref.id]);
    await b.execute('update customers set name = ? where id = ?', ['by b', ref.id]);
    connectTestReplica(a);
    connectTestReplica(b);
    await settleAll(a, b);
    const [conflict] = a.query('select winner_value, loser_value from _conflict');
    assert.is(a.status().conflicts, 1);
    const value = pick(conflict!.winner_value!, conflict!.loser_value!);

    const { commit } = await a.resolve(ref, value);
    await settleAll(a, b);

    assert.type(commit, 'string');
    for (const replica of [a, b]) {
      assert.equal(replica.query('select name from customers'), [{ name: value }]);
      assert.is(replica.status().conflicts, 0);
    }
    assert.equal(contentsOf(a), contentsOf(b));
    const again = await a.resolve(ref, value).catch((error: Error) => error.message);
    assert.match(again as string, /no conflict/);
    await a.close();
    await b.close();
  });
}

test('[RESOLVE-2] a value that breaks a rule is refused as any write is, and the conflict stays', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const ref = { table: 'orders', id: newId(), column: 'priority' };
  await a.execute('insert into orders (id, priority) values (?, 1)', [ref.id]);
  await settleAll(a, b);
  a.disconnect();
  b.disconnect();
  await a.execute('update orders set priority = 2');
  await b.execute('update orders set priority = 3');
  connectTestReplica(a);
  connectTestReplica(b);
  await settleAll(a, b);
  const ruleOf = async (value: unknown) =>
    a.resolve(ref, value as never).catch((error: Error & { rule?: string }) => error.rule ?? error.message);

  assert.is(await ruleOf('soon'), 'type');
  assert.is(await ruleOf(99), 'check');
  assert.is(await ruleOf(null), 'not-null');
  assert.match((await ruleOf(undefined)) as string, /parameter 1 is undefined/);
  assert.is(a.status().conflicts, 1);
  assert.equal(a.query('select * from _outbox'), []);

  await a.resolve(ref, true as never);
  await settleAll(a, b);
  assert.equal(b.query('select priority from orders'), [{ priority: 1 }]);
  assert.equal(contentsOf(a), contentsOf(b));
  await a.close();
  await b.close();
});

test('[RESOLVE-3] a conflict that waits for nobody is counted for 30 days, one that is manual until it is resolved', async () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const orders = shopSchema.tables.find(({ name }) => name === 'orders')!;
  const priority = { ...orders.columns.priority!, onConflict: 'manual' as const };
  const manual = { ...orders, columns: { ...orders.columns, priority } };
  const schema = {
    ...shopSchema,
    tables: shopSchema.tables.map((table) => (table === orders ? manual : table)),
  };
  let passedMs = 0;
  const deps = { nowMs: () => Date.now() + passedMs };
  const relay = new MemoryRelay();
  const [a, b] = [
    await openTestReplica({ relay, schema, deps: { ...deps, openSocket: relay.openSocket } }),
    await openTestReplica({ relay, schema }),
  ];
  await a.execute('insert into orders (id, priority) values (?, 1)', [newId()]);
  await settleAll(a, b);
  a.disconnect();
  b.disconnect();
  await a.execute("update orders set priority = 2, status = 'new'");
  await b.execute("update orders set priority = 3, status = 'old'");
  connectTestReplica(a);
  connectTestReplica(b);
  await settleAll(a, b);

  assert.is(a.status().conflicts, 2);
  passedMs = 29 * DAY_MS;
  assert.is(a.status().conflicts, 2);
  passedMs = 32 * DAY_MS;
  assert.is(a.status().conflicts, 1);
  assert.is(a.query('select * from _conflict').length, 2, 'they are derived all the same');
  await a.close();
  await b.close();
});

test.run();
