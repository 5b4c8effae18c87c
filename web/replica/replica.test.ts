import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { ReplicaDeps } from './core.ts';
import { openReplica, type Replica } from './replica.ts';
import { MemoryStore } from './store/memory-store.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('replica');

test('[WRITE-1] a write whose promise resolved is there after reopening', async () => {
  const store = new MemoryStore();
  const replica = await open(store);
  const id = newId();
  const { commit, changes } = await replica.execute('insert into customers (id, name) values (?, ?)', [
    id,
    'Ana',
  ]);
  assert.type(commit, 'string');
  assert.is(changes, 1);

  const again = await open(store.reopen());
  assert.is(again.device, replica.device);
  assert.equal(again.query('select id, name from customers'), [{ id, name: 'Ana' }]);
  assert.equal(again.query('select state, attempts from _outbox'), [{ state: 'waiting', attempts: 0 }]);
  assert.equal(again.query('select table_name, row_id, stage from _sync'), [
    { table_name: 'customers', row_id: id, stage: 'local' },
  ]);
  await again.close();
});

test('a write reaches another device, and its stages can be selected', async () => {
  const relay = new MemoryRelay();
  const a = await open(new MemoryStore(), relay);
  const b = await open(new MemoryStore(), relay);
  const id = newId();

  await a.execute('insert into customers (id, name) values (?, ?)', [id, 'Ana']);
  await a.settled();
  await b.settled();

  assert.equal(b.query('select id, name, created_device from customers'), [
    { id, name: 'Ana', created_device: a.device },
  ]);
  assert.equal(a.query('select stage, seq from _sync'), [{ stage: 'stored', seq: 1 }]);
  assert.equal(a.query('select * from _outbox'), []);
  assert.is(a.status().pending, 0);
  await a.close();
  await b.close();
});

test('two devices edit different fields offline, and both survive', async () => {
  const relay = new MemoryRelay();
  const a = await open(new MemoryStore(), relay);
  const b = await open(new MemoryStore(), relay);
  const id = newId();
  await a.execute('insert into customers (id, name) values (?, ?)', [id, 'Ana']);
  await a.settled();
  await b.settled();
  a.disconnect();
  b.disconnect();

  await a.execute('update customers set phone = ? where id = ?', ['600', id]);
  await b.execute('update customers set email = ? where id = ?', ['a@b', id]);
  connect(a);
  connect(b);
  await a.settled();
  await b.settled();
  await a.settled();

  for (const replica of [a, b])
    assert.equal(replica.query('select name, phone, email from customers'), [
      { name: 'Ana', phone: '600', email: 'a@b' },
    ]);
  await a.close();
  await b.close();
});

test('[WIRE-3] a commit over two documents is never seen by half', async () => {
  const relay = new MemoryRelay();
  const a = await open(new MemoryStore(), relay);
  const b = await open(new MemoryStore(), relay);
  const orderId = newId();
  await a.execute('insert into orders (id) values (?)', [orderId]);
  await a.settled();
  await b.settled();
  const seen: unknown[] = [];
  b.watch(
    'select (select count(*) from lines) as lines, (select count(*) from movements) as movements',
    [],
    (rows) => seen.push(rows[0]),
  );

  const { commit } = await a.transaction([
    {
      sql: 'insert into lines (id, order_id, title, qty) values (?, ?, ?, ?)',
      params: [newId(), orderId, 'Oil', 4000],
    },
    { sql: 'insert into movements (id, item, qty) values (?, ?, ?)', params: [newId(), 'oil', -4000] },
  ]);
  await a.settled();
  await b.settled();

  assert.type(commit, 'string');
  assert.equal(seen, [
    { lines: 0, movements: 0 },
    { lines: 1, movements: 1 },
  ]);
  await a.close();
  await b.close();
});

test('[OUT-3] a refused commit is visible and taken out; those behind it arrive', async () => {
  const relay = new MemoryRelay();
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no write access', retry: false } : undefined;
  const a = await open(new MemoryStore(), relay);
  const b = await open(new MemoryStore(), relay);
  await a.settled();
  const [first, bad, last] = [newId(), newId(), newId()];
  const insert = 'insert into customers (id, name) values (?, ?)';

  await Promise.all([
    a.execute(insert, [first, 'first']),
    a.execute(insert, [bad, 'bad'], { label: 'bad' }),
    a.execute(insert, [last, 'last']),
  ]);
  await a.settled();
  await b.settled();

  const names = 'select name from customers order by name';
  assert.equal(a.query(names), [{ name: 'first' }, { name: 'last' }]);
  assert.equal(b.query(names), [{ name: 'first' }, { name: 'last' }]);
  assert.equal(a.query('select state, label, error_code, error from _outbox'), [
    { state: 'rejected', label: 'bad', error_code: 'not-allowed', error: 'no write access' },
  ]);
  assert.is(a.status().rejected, 1);

  relay.refuse = () => undefined;
  await a.resend(a.query('select id from _outbox')[0]!.id as string);
  await a.settled();
  await b.settled();
  assert.is(b.query(names).length, 3);
  assert.is(a.query(names).length, 3);
  assert.equal(a.query('select * from _outbox'), []);
  await a.close();
  await b.close();
});

test('[CONN-4] what is here is as old as the moment the line was lost, not as the moment it was joined', async () => {
  const relay = new MemoryRelay();
  let nowMs = Date.now();
  const replica = await open(new MemoryStore(), relay, { nowMs: () => nowMs });
  await replica.settled();
  let age = -1;
  replica.onStatus(({ connection, lastSyncAtMs = 0 }) => {
    if (connection !== 'connected') age = nowMs - lastSyncAtMs;
  });

  nowMs += 20 * 60_000;
  assert.is(nowMs - (replica.status().lastSyncAtMs ?? 0), 0);
  nowMs += 20 * 60_000;
  relay.isDown = true;
  relay.cut();
  while (age < 0) await new Promise((resolve) => setTimeout(resolve, 1));

  assert.is(age, 0);
  nowMs += 60_000;
  assert.is(nowMs - (replica.status().lastSyncAtMs ?? 0), 60_000);
  await replica.close();
});

test('[CONN-4] the moment the line was lost is known though nobody asked then, and asking changes nothing', async () => {
  const relay = new MemoryRelay();
  let nowMs = Date.now();
  const replica = await open(new MemoryStore(), relay, { nowMs: () => nowMs });
  await replica.settled();

  nowMs += 20 * 60_000;
  const lostAtMs = nowMs;
  relay.isDown = true;
  relay.cut();
  while (replica.syncReport().lastError === undefined) await new Promise((resolve) => setTimeout(resolve, 1));

  nowMs += 60_000;
  assert.is(replica.status().lastSyncAtMs, lostAtMs);
  assert.is(replica.status().lastSyncAtMs, lostAtMs);
  await replica.close();
});

test.run();

async function open(
  store: MemoryStore,
  relay?: MemoryRelay,
  deps: Partial<ReplicaDeps> = {},
): Promise<Replica> {
  const replica = await openReplica({
    schema: shopSchema,
    store,
    user: 'ana',
    deps: { ...(relay ? { openSocket: relay.openSocket } : {}), ...deps },
  });
  if (relay) connect(replica);
  return replica;
}

function connect(replica: Replica): void {
  replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
}
