import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import { FaultyStore } from './store/faulty-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('withdraw');
const NO_PEOPLE = { role: 'mechanic', families: { people: 'none' }, other: 'write' } as const;
const CUSTOMER = 'insert into customers (id, name) values (?, ?)';
const ORDER = 'insert into orders (id, customer_id) values (?, ?)';

test('[PERM-5] a commit over a document that is closed now is refused whole; the others are made anew and sent', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const [a, b] = [await openTestReplica({ relay, store }), await openTestReplica({ relay })];
  const [customer, order, second] = [newId(), newId(), newId()];
  await a.execute(CUSTOMER, [customer, 'Ana']);
  await a.execute(ORDER, [order, customer]);
  await settleAll(a, b);
  a.disconnect();
  await a.transaction(
    [
      { sql: "update customers set phone = '1' where id = ?", params: [customer] },
      { sql: "update orders set status = 'both' where id = ?", params: [order] },
    ],
    { label: 'both' },
  );
  await a.execute(ORDER, [second, null], { label: 'alone' });

  relay.grants = NO_PEOPLE;
  connectTestReplica(a);
  await a.settled();

  assert.equal(a.query('select * from customers'), []);
  assert.equal(a.query('select label, state, error_code from _outbox'), [
    { label: 'both', state: 'rejected', error_code: 'not-allowed' },
  ]);
  assert.equal(a.query('select * from _violation'), [], 'a reference into what cannot be read is not judged');
  assert.equal(
    a.query('select id, status from orders order by id'),
    [order, second].sort().map((id) => ({ id, status: 'open' })),
  );
  assert.is((await a.undo()).done, false);
  // A reference into what cannot be read can still be written.
  await a.execute(ORDER, [newId(), customer]);
  await a.settled();
  const contents = contentsOf(a);
  await a.close();
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  assert.equal(
    (await store.reopen().readHead()).documents.map(({ name }) => name.split('/')[0]),
    ['work'],
  );
  await Promise.all([again.close(), b.close()]);
});

test('[PERM-5] documents that a full disk does not let go are asked for again, until they are gone', async () => {
  const relay = new MemoryRelay();
  const disk = new MemoryStore();
  let refusals = 0;
  const store = new FaultyStore(disk, (_boundary, write) =>
    write?.dropDocuments && refusals++ === 0 ? 'refuses' : undefined,
  );
  const soon = (ms: number, run: () => void) => {
    const timer = setTimeout(run, Math.min(ms, 20));
    return () => clearTimeout(timer);
  };
  const a = await openTestReplica({ relay, store, deps: { setTimer: soon } });
  await a.execute(CUSTOMER, [newId(), 'Ana']);
  await a.settled();
  a.disconnect();
  relay.grants = NO_PEOPLE;
  connectTestReplica(a);
  await a.settled();
  await until(() => refusals === 2);
  await a.settled();

  assert.equal(a.query('select * from customers'), []);
  assert.equal((await disk.reopen().readHead()).documents, []);
  await a.close();
});

test('[PERM-5] with nothing unsent, live queries follow, and the stored image goes in the same write', async () => {
  const relay = new MemoryRelay();
  const images: unknown[] = [];
  const store = new FaultyStore(new MemoryStore(), (_boundary, write) => {
    if (write?.dropDocuments) images.push(write.image);
    return undefined;
  });
  const a = await openTestReplica({ relay, store });
  await a.execute(CUSTOMER, [newId(), 'Ana']);
  await a.settled();
  await a.checkpoint();
  a.disconnect();
  const seen: unknown[] = [];
  a.watch('select count(*) as n from customers', [], ([row]) => seen.push(row!.n));

  relay.grants = NO_PEOPLE;
  connectTestReplica(a);
  await a.settled();

  assert.equal(images, ['drop']);
  await until(() => seen.at(-1) === 0);
  await a.close();
});

test('[MIR-9] a reference is judged while its target may be read, and not while it may not', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay, grants: NO_PEOPLE })];
  const everything = relay.grants;
  await b.execute(ORDER, [newId(), newId()]); // of a customer that nobody has
  await settleAll(b, a);
  const violations = () => a.query('select table_name, rule from _violation').length;
  const before = violations();

  const judged: number[] = [];
  for (const grants of [NO_PEOPLE, everything]) {
    a.disconnect();
    relay.grants = grants;
    connectTestReplica(a);
    await a.settled();
    judged.push(violations());
  }

  assert.equal([before, ...judged], [1, 0, 1]);
  await Promise.all([a.close(), b.close()]);
});

test('[RESCUE-3] what was refused travels in the rescue file, and can be sent from where it was imported', async () => {
  const relay = new MemoryRelay();
  relay.refuse = () => ({ code: 'not-allowed', message: 'no', retry: false });
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute(CUSTOMER, [id, 'Ana'], { label: 'refused' });
  await settleAll(a, b);
  const file = a.exportRescue();
  await a.close();

  assert.equal(await b.importRescue(file), { commits: 1, alreadyKnown: 0 });
  assert.equal(await b.importRescue(file), { commits: 0, alreadyKnown: 1 });
  const [entry] = b.query('select id, label, state, error from _outbox');
  assert.equal([entry!.label, entry!.state, entry!.error], ['refused', 'rejected', 'no']);
  relay.refuse = () => undefined;
  await b.resend(entry!.id as string);
  await settleAll(b);

  assert.equal(b.query('select id, name from customers'), [{ id, name: 'Ana' }]);
  assert.is(relay.head('people'), 1);
  await b.close();
});

test.run();
