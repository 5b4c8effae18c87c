import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { SqlRow } from '../../shared/mirror/sql.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { forSeeds, type Prng } from '../../shared/testing/prng.ts';
import { applyChange } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { openReplica, type Replica } from './replica.ts';
import { changeBetween } from './result-change.ts';
import { MemoryStore } from './store/memory-store.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('live-queries');
const MONTH_MS = Date.UTC(2026, 10, 5);

const QUERIES: readonly (readonly [string, CellValue[]])[] = [
  ['select * from customers where id = ?', ['c1']],
  ['select name from customers where phone is null order by name', []],
  ['select * from orders where status = ? order by id limit 3', ['open']],
  ["select count(*) as n, sum(priority) as p from orders where status in ('open', 'done')", []],
  [
    'select o.id, c.name from orders o join customers c on c.id = o.customer_id where c.id = ? order by o.id',
    ['c2'],
  ],
  [
    'select o.id, count(l.id) as n from orders o left join lines l on l.order_id = o.id group by o.id order by o.id',
    [],
  ],
  [
    'select c.id, o.id as o from customers c left join orders o on o.customer_id = c.id and o.status = ? order by 1, 2',
    ['done'],
  ],
  [
    'with busy as (select customer_id, count(*) as n from orders group by 1) select * from busy order by n desc, 1',
    [],
  ],
  [
    'select id from orders where customer_id in (select id from customers where name = ?) order by id',
    ['n1'],
  ],
  [
    'select a.id, b.id as b from orders a, orders b where a.status = ? and b.status = ? order by 1, 2',
    ['open', 'done'],
  ],
  ['select * from customers where id = ? or name = ?', ['c1', 'n2']],
  ["select item, sum(qty) as qty from movements where item = 'oil' group by item", []],
];

test('[LIVE-1] every live result equals the query run afresh, after each local and remote transaction', () =>
  forSeeds(12, [], async (random) => {
    const relay = new MemoryRelay();
    const [here, there] = [await open(relay), await open(relay)];
    const live: (readonly ResultRow[])[] = QUERIES.map(() => []);
    QUERIES.forEach(([sql, params], index) => {
      let before: readonly string[] | undefined;
      here.watch(sql, params, (rows, keys) => {
        live[index] = applyChange(live[index]!, changeBetween(before, rows, keys));
        before = keys;
      });
    });

    for (let step = 0; step < 40; step++) {
      const replica = random.chance(3) ? there : here;
      await randomWrite(replica, random).catch(() => {}); // a rule was broken: nothing changed
      if (replica === there) {
        await there.settled();
        await here.settled();
      } else await Promise.resolve();

      QUERIES.forEach(([sql, params], index) => {
        assert.equal(live[index], here.query(sql, params), `step ${step}: ${sql}`);
      });
    }
    assert.ok(here.liveQueries().some(({ skipped }) => skipped > 0));
    await here.close();
    await there.close();
  }));

test('[LIVE-2] a write that cannot match the predicate does not run the query', async () => {
  const replica = await open();
  await replica.execute("insert into customers (id, name) values ('c1', 'a'), ('c2', 'b')");
  const seen: (readonly SqlRow[])[] = [];
  replica.watch('select name from customers where id = ?', ['c1'], (rows) => seen.push(rows));

  await replica.execute("update customers set name = 'x' where id = 'c2'");
  await replica.execute("update customers set name = 'y' where id = 'c1'");

  assert.equal(seen, [[{ name: 'a' }], [{ name: 'y' }]]);
  assert.is(replica.liveQueries()[0]!.runs, 2);
  assert.is(replica.liveQueries()[0]!.skipped, 1);
  await replica.close();
});

test('one transaction is one notification, and a result that is the same is none', async () => {
  const replica = await open();
  const seen: unknown[] = [];
  const stop = replica.watch('select count(*) as n from customers', [], (rows) => seen.push(rows[0]!.n));
  await Promise.resolve();

  await replica.transaction([
    { sql: "insert into customers (id, name) values ('c1', 'a')" },
    { sql: "insert into customers (id, name) values ('c2', 'b')" },
  ]);
  await replica.execute("update customers set name = 'z'");
  stop();
  await replica.execute("delete from customers where id = 'c1'");

  assert.equal(seen, [0, 2]);
  assert.equal(replica.liveQueries(), []);
  await replica.close();
});

test('a statement that fails or would write tells its watcher, and nobody else', async () => {
  const replica = await open();
  const errors: string[] = [];
  replica.watch(
    'select * from nowhere',
    [],
    () => assert.unreachable(),
    (error) => errors.push((error as Error).message),
  );
  replica.watch(
    'delete from customers',
    [],
    () => assert.unreachable(),
    (error) => errors.push((error as Error).message),
  );
  await Promise.resolve();

  assert.is(errors.length, 2, errors.join());
  assert.match(errors[0]!, /no such table/);
  assert.match(errors[1]!, /may not write/);
  assert.throws(() => replica.query('delete from customers'), /may not write/);
  await replica.close();
});

test('[LIVE-1] a bigint is a parameter as any other', async () => {
  const replica = await open();
  await replica.execute("insert into customers (id, name) values ('c1', 'Ana')");
  const told: (readonly SqlRow[])[] = [];
  const three = 3n as unknown as CellValue;

  replica.watch('select id from customers where length(name) = ?', [three], (rows) => told.push(rows));
  await replica.execute("insert into customers (id, name) values ('c2', 'Eva')");

  assert.equal(told.at(-1), [{ id: 'c1' }, { id: 'c2' }]);
  await replica.close();
});

test.run();

async function randomWrite(replica: Replica, random: Prng): Promise<unknown> {
  const customer = () => `c${random.int(4)}`;
  const statuses = ['open', 'done', 'new'];
  const order = () => replica.query('select id from orders order by id').at(random.int(5))?.id ?? 'none';
  switch (random.int(7)) {
    case 0:
      return replica.execute(
        'insert into customers (id, name) values (?, ?) on conflict (id) do update set name = excluded.name',
        [customer(), `n${random.int(4)}`],
      );
    case 1:
      return replica.execute('update customers set phone = ? where id = ?', [
        random.chance(2) ? null : '600',
        customer(),
      ]);
    case 2:
      return replica.execute('insert into orders (id, customer_id, status, priority) values (?, ?, ?, ?)', [
        newId(MONTH_MS + random.int(1_000_000)),
        replica.query('select id from customers').at(0)?.id ?? null,
        random.pick(statuses),
        random.int(10),
      ]);
    case 3:
      return replica.execute('update orders set status = ?, customer_id = customer_id where id = ?', [
        random.pick(statuses),
        order(),
      ]);
    case 4: {
      const id = order();
      return replica.transaction([
        {
          sql: 'insert into lines (id, order_id, title, qty) values (?, ?, ?, 1000)',
          params: [newId(MONTH_MS), id, 'x'],
        },
        {
          sql: 'insert into movements (id, item, qty) values (?, ?, ?)',
          params: [newId(MONTH_MS), 'oil', -1],
        },
      ]);
    }
    case 5:
      return replica.execute('delete from lines where order_id = ?', [order()]);
    default:
      return replica.execute('delete from orders where id = ? and status = ?', [order(), 'done']);
  }
}

async function open(relay?: MemoryRelay): Promise<Replica> {
  const replica = await openReplica({
    schema: shopSchema,
    store: new MemoryStore(),
    user: 'ana',
    ...(relay ? { deps: { openSocket: relay.openSocket } } : {}),
  });
  replica.core.grants = undefined;
  if (relay) replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
  return replica;
}
