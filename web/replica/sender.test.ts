import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import { FaultyStore } from './store/faulty-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import type { StoreWrite } from './store/store.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('sender');
const HOUR_MS = 3_600_000;
const INSERT = 'insert into customers (id, name) values (?, ?)';

test('[OUT-1] a commit whose ack was lost is sent again and stored once', async () => {
  const relay = new MemoryRelay();
  const replica = await openTestReplica({ relay });
  await replica.settled();
  relay.dropAcks = true;
  await replica.execute(INSERT, [newId(), 'Ana']);
  await until(() => relay.commits.size === 1);
  relay.dropAcks = false;
  replica.retry();
  await replica.settled();

  assert.is(relay.head('people'), 1);
  assert.equal(replica.query('select * from _outbox'), []);
  await replica.close();
});

test('[OUT-4] what was written with a clock three hours ahead is stamped anew, and loses to later writes', async () => {
  const relay = new MemoryRelay();
  const ahead = await openTestReplica({ relay, deps: { nowMs: () => Date.now() + 3 * HOUR_MS } });
  const right = await openTestReplica({ relay });
  const id = newId();
  await right.execute(INSERT, [id, 'first']);
  await settleAll(right, ahead);
  ahead.disconnect();
  ahead.core.clock.offsetMs = 0;
  await ahead.execute("update customers set name = 'ahead' where id = ?", [id]);
  connectTestReplica(ahead);
  await settleAll(ahead, right);
  assert.equal(right.query('select name from customers'), [{ name: 'ahead' }]);

  await new Promise((resolve) => setTimeout(resolve, 5));
  await right.execute("update customers set name = 'later' where id = ?", [id]);
  await settleAll(right, ahead);

  assert.is(ahead.status().rejected, 0);
  assert.ok(Math.abs(ahead.status().clockOffsetMs + 3 * HOUR_MS) < 10_000);
  for (const replica of [ahead, right])
    assert.equal(replica.query('select name from customers'), [{ name: 'later' }]);
  await ahead.close();
  await right.close();
});

test('[OUT-3] discarding a commit takes its rows back and leaves the others', async () => {
  const replica = await openTestReplica();
  const [kept, dropped] = [newId(), newId()];
  await replica.execute(INSERT, [kept, 'kept']);
  const { commit } = await replica.execute(INSERT, [dropped, 'dropped']);
  await replica.execute("update customers set phone = '1' where id = ?", [kept]);

  await replica.discard(commit!);

  assert.equal(replica.query('select name, phone from customers'), [{ name: 'kept', phone: '1' }]);
  assert.is(replica.query('select * from _outbox').length, 2);
  await replica.close();
});

test('[OUT-3] a commit is discarded only once those on their way were answered', async () => {
  const relay = new MemoryRelay();
  relay.refuse = ({ label }) =>
    label === 'later' ? { code: 'storage-away', message: 'come back', retry: true } : undefined;
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  const [order, customer] = [newId(), newId()];
  const { commit } = await a.execute('insert into orders (id) values (?)', [order], { label: 'later' });
  await until(() => a.query("select * from _outbox where state = 'waiting' and attempts = 1").length === 1);
  relay.holdAcks = true;
  const { commit: sent } = await a.execute(INSERT, [customer, 'Ana']);
  await until(() => relay.commits.has(sent!));
  assert.is(a.core.outbox.inFlightCount, 1);

  const discarded = a.discard(commit!);
  relay.holdAcks = false;
  relay.say({ type: 'ack', id: sent!, seqs: relay.commits.get(sent!)! });
  await discarded;
  await settleAll(a, b);
  await a.execute("update customers set phone = '1' where id = ?", [customer]);
  await settleAll(a, b);

  assert.equal(contentsOf(b), contentsOf(a));
  assert.equal(b.query('select name, phone from customers'), [{ name: 'Ana', phone: '1' }]);
  assert.is(b.query('select * from orders').length, 0);
  await a.close();
  await b.close();
});

test('a commit that says nothing any more, once what it undid was refused, is not sent', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute('insert into orders (id) values (?)', [id]);
  await settleAll(a, b);
  a.disconnect();
  await a.execute("update orders set status = 'bad' where id = ?", [id], { label: 'bad' });
  await a.editText({ table: 'orders', id, column: 'notes' }, '', 'x');
  await a.editText({ table: 'orders', id, column: 'notes' }, 'x', '');
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  connectTestReplica(a);
  await settleAll(a, b);

  assert.equal(contentsOf(b), contentsOf(a));
  assert.equal(b.query('select * from _quarantine'), []);
  assert.equal(a.query('select label from _outbox'), [{ label: 'bad' }]);
  await a.close();
  await b.close();
});

test('[OUT-8] while commits are made anew, writes wait for their rows and live queries stay as they are', async () => {
  const a = await openTestReplica();
  await a.execute(INSERT, ['c1', 'Ana']);
  const shown: unknown[] = [];
  const stop = a.watch('select phone from customers', [], (rows) => shown.push(rows[0]?.phone));
  await until(() => shown.length === 1);

  const makeWhole = a.core.whole.break();
  let isWritten = false;
  const writing = a.execute("update customers set phone = '1' where id = 'c1'").then((result) => {
    isWritten = true;
    return result;
  });
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.not(isWritten);
  assert.equal(a.query('select phone from customers'), [{ phone: null }]);
  makeWhole();
  const { changes } = await writing;
  await until(() => shown.length === 2);

  assert.is(changes, 1);
  assert.equal(shown, [null, '1']);
  stop();
  await a.close();
});

test('[OUT-8] a row that the disk has no room to put back is not written past: the write is refused with the reason', async () => {
  const relay = new MemoryRelay();
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  let isFull = false;
  // What is made anew is put as waiting, with updates.
  const store = new FaultyStore(new MemoryStore(), (_boundary, write) =>
    isFull && write?.updates ? 'refuses' : undefined,
  );
  const setTimer = (ms: number, run: () => void) => {
    const timer = setTimeout(run, Math.min(ms, 20));
    return () => clearTimeout(timer);
  };
  const a = await openTestReplica({ store, deps: { openSocket: relay.openSocket, setTimer } });
  await a.execute(INSERT, ['c1', 'bad'], { label: 'bad' });
  await a.execute(INSERT, ['c2', 'good']);
  isFull = true;
  connectTestReplica(a);
  await until(() => a.query('select * from customers').length === 0);
  const update = () => a.execute("update customers set phone = '1' where id = 'c2'");
  let refusal: unknown;
  await update().catch((error: unknown) => {
    refusal = error;
  });
  isFull = false;
  await a.settled();

  assert.match(String(refusal), /no room/);
  assert.is((await update()).changes, 1);
  assert.equal(a.query('select id, phone from customers'), [{ id: 'c2', phone: '1' }]);
  await a.close();
});

test('[OUT-8] a write that waits while the replica is closed is refused, and says so', async () => {
  const a = await openTestReplica();
  await a.execute(INSERT, ['c1', 'Ana']);
  a.core.whole.break();
  const outcome = a
    .execute("update customers set phone = '1' where id = 'c1'")
    .catch((error: unknown) => error);
  await a.close();

  assert.match(String(await outcome), /the database was closed, and nothing of this was written/);
});

test('[OUT-5] a document of a new epoch replaces the old, and what was not sent is made anew on it', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const [a, b] = [await openTestReplica({ relay, store }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute(INSERT, [id, 'Ana']);
  await a.execute("update customers set phone = '1' where id = ?", [id]);
  await settleAll(a, b);
  a.disconnect();
  await a.execute("update customers set email = 'a@b' where id = ?", [id]);

  relay.recreate('people', encodeStateAsUpdate(b.core.documents.get('people')!.doc));
  b.retry();
  connectTestReplica(a);
  await settleAll(a, b);

  assert.is(relay.documents.get('people')!.epoch, 2);
  for (const replica of [a, b])
    assert.equal(replica.query('select name, phone, email from customers'), [
      { name: 'Ana', phone: '1', email: 'a@b' },
    ]);
  const contents = contentsOf(a);
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  await again.close();
  await b.close();
});

test('[OUT-7] a commit whose ack was lost is asked about before it would be made anew, and never is', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await a.execute(INSERT, ['c1', 'Ana']);
  await settleAll(a, b);
  relay.dropAcks = true;
  await a.execute(INSERT, ['c2', 'Eva']);
  await until(() => relay.commits.size === 2);
  a.disconnect();
  relay.dropAcks = false;
  relay.recreate('people', copyOfPeople(relay)); // what waits for this document is made anew
  await a.execute(INSERT, ['c3', 'Luz']);
  connectTestReplica(a);
  b.retry();
  await settleAll(a, b);

  assert.is(relay.commits.size, 3);
  assert.equal(b.query('select * from _quarantine'), []);
  assert.equal(contentsOf(b), contentsOf(a));
  await a.close();
  await b.close();
});

test('[OUT-7] a commit that the storage may have is asked about before another refusal makes it anew', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  relay.awayAfterStoring = true;
  await a.execute(INSERT, ['c1', 'Ana']);
  await until(() => a.query('select error_code from _outbox')[0]?.error_code === 'storage-away');
  relay.awayAfterStoring = false;
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  await a.execute(INSERT, ['c3', 'Luz']);
  await a.execute("insert into movements (id, item, qty) values (?, 'oil', 1)", [newId()], { label: 'bad' });
  await until(() => a.query("select 1 from _outbox where state = 'rejected'").length === 1);
  a.retry();
  await settleAll(a, b);

  assert.is(relay.commits.size, 2);
  assert.equal(b.query('select * from _quarantine'), []);
  assert.equal(
    b.query('select id from customers order by 1').map(({ id }) => id),
    ['c1', 'c3'],
  );
  assert.equal(contentsOf(b), contentsOf(a));
  await a.close();
  await b.close();
});

test('[OUT-4] a clock that is set while connected is noticed with the first refusal, and nothing is left', async () => {
  const relay = new MemoryRelay();
  let aheadMs = 0;
  const a = await openTestReplica({ relay, deps: { nowMs: () => Date.now() + aheadMs } });
  const b = await openTestReplica({ relay });
  await a.execute(INSERT, ['c1', 'Ana']);
  await settleAll(a, b);

  aheadMs = 3 * HOUR_MS;
  await a.execute("update customers set name = 'ahead'");
  await a.execute("update customers set phone = '1'");
  await until(() => a.status().clockOffsetMs < -HOUR_MS);
  a.retry();
  await settleAll(a, b);

  assert.equal(a.query('select * from _outbox'), []);
  assert.equal(b.query('select name, phone from customers'), [{ name: 'ahead', phone: '1' }]);
  assert.ok(a.core.clock.last < hlcOfMs(Date.now() + HOUR_MS));
  await a.close();
  await b.close();
});

test('[OUT-5] a document that is re-created before this device heard of it is taken as it is now', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  relay.dropAcks = true; // stored, but the device never learns at which position
  await a.execute(INSERT, ['c1', 'Ana']);
  await until(() => relay.commits.size === 1);
  a.disconnect();
  relay.dropAcks = false;
  relay.recreate('people', copyOfPeople(relay));
  connectTestReplica(a);
  b.retry();
  await settleAll(a, b);
  await a.execute("update customers set phone = '1'");
  await settleAll(a, b);

  assert.equal(b.query('select * from _quarantine'), []);
  assert.equal(b.query('select name, phone from customers'), [{ name: 'Ana', phone: '1' }]);
  assert.equal(contentsOf(b), contentsOf(a));
  await a.close();
  await b.close();
});

test('[OUT-9] what an older build left unsent is taken, after the update, by a relay that refuses that build', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const older = await openTestReplica({ relay, store });
  await older.settled();
  relay.minSchema = shopSchema.version + 1;
  relay.cut();
  older.retry();
  await older.execute(INSERT, ['c1', 'Ana']);
  await until(() => older.status().stopped === 'update-required');
  await older.close();

  const newer = await openTestReplica({
    relay,
    store: store.reopen(),
    schema: { ...shopSchema, version: shopSchema.version + 1 },
  });
  await until(() => newer.status().pending === 0);

  assert.is(newer.status().stopped, undefined);
  assert.is(relay.head('people'), 1);
  await newer.close();
});

for (const [step, isIt] of [
  ['taken out', (write: StoreWrite) => write.dropUpdates !== undefined],
  ['put back', (write: StoreWrite) => write.updates !== undefined && write.outboxPut?.[0]?.attempts === 1],
] as const) {
  test(`[WRITE-3] a disk that refuses while commits are ${step}: all is as before, and it is tried again`, async () => {
    const relay = new MemoryRelay();
    relay.refuse = ({ label }) =>
      label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
    let refusals = 0;
    const store = new FaultyStore(new MemoryStore(), (_boundary, write) =>
      write && isIt(write) && ++refusals === 1 ? 'refuses' : undefined,
    );
    const setTimer = (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms === 5_000 ? 10 : ms);
      return () => clearTimeout(timer);
    };
    const [a, b] = [
      await openTestReplica({ relay, store, deps: { setTimer } }),
      await openTestReplica({ relay }),
    ];
    const id = newId();
    await a.execute(INSERT, [id, 'Ana']);
    await settleAll(a, b);
    a.disconnect();
    await a.execute("update customers set phone = 'bad' where id = ?", [id], { label: 'bad' });
    await a.execute("update customers set email = 'a@b' where id = ?", [id]);
    connectTestReplica(a);
    await settleAll(a, b);

    assert.ok(refusals > 0, 'the disk was never asked');
    assert.is(a.status().rejected, 1);
    for (const replica of [a, b])
      assert.equal(replica.query('select name, phone, email from customers'), [
        { name: 'Ana', phone: null, email: 'a@b' },
      ]);
    assert.equal(contentsOf(b), contentsOf(a));
    await a.close();
    await b.close();
  });
}

test('[OUT-3] an edit of a text that is stored, made anew behind a refused commit, adds what it added and no more', async () => {
  const relay = new MemoryRelay();
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  const notes = { table: 'orders', id, column: 'notes' };
  await a.execute('insert into orders (id) values (?)', [id]);
  await a.editText(notes, '', 'brakes');
  await settleAll(a, b);
  a.disconnect();
  await a.execute("update orders set status = 'bad' where id = ?", [id], { label: 'bad' });
  await a.editText(notes, 'brakes', 'brakes, oil');
  connectTestReplica(a);
  await settleAll(a, b);

  for (const replica of [a, b])
    assert.equal(replica.query('select notes from orders'), [{ notes: 'brakes, oil' }]);
  await a.close();
  await b.close();
});

test('[OUT-3] a refused commit and one behind it over a shared text: the text of the second stays', async () => {
  const relay = new MemoryRelay();
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const id = newId();
  await a.execute('insert into orders (id) values (?)', [id]);
  await settleAll(a, b);
  a.disconnect();
  await a.execute("update orders set status = 'bad' where id = ?", [id], { label: 'bad' });
  await a.editText({ table: 'orders', id, column: 'notes' }, '', 'brakes');
  connectTestReplica(a);
  await settleAll(a, b);

  for (const replica of [a, b])
    assert.equal(replica.query('select status, notes from orders'), [{ status: 'open', notes: 'brakes' }]);
  await a.close();
  await b.close();
});

const REFUSED = { type: 'reject', code: 'not-allowed', message: 'no', retry: false } as const;

test('[OUT-6] a refusal said again changes nothing, whatever became of the commit since', async () => {
  const relay = new MemoryRelay();
  relay.refuse = () => REFUSED;
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  const id = newId();
  const { commit } = await a.execute(INSERT, [id, 'Ana']);
  await until(() => a.status().rejected === 1);
  await a.settled();
  const rejected = a.query('select * from _outbox');

  relay.say({ ...REFUSED, id: commit! });
  relay.say({ ...REFUSED, id: commit!, code: 'after-rejected', retry: true });
  await a.settled();
  assert.equal(a.query('select * from _outbox'), rejected);

  relay.refuse = () => undefined;
  await a.resend(commit!);
  await settleAll(a, b);
  relay.say({ ...REFUSED, id: commit! });
  await settleAll(a, b);
  assert.is(relay.head('people'), 1);
  assert.equal(a.query('select * from _outbox'), []);
  for (const replica of [a, b]) assert.equal(replica.query('select id from customers'), [{ id }]);
  await a.close();
  await b.close();
});

test('[OUT-6] stored after all, though a refusal was heard first: its rows come back from the relay', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  await settleAll(a, b);
  relay.holdAcks = true;
  const id = newId();
  const { commit } = await a.execute(INSERT, [id, 'Ana']);
  await until(() => relay.commits.size === 1);

  relay.say({ ...REFUSED, id: commit! });
  await until(() => a.query('select * from customers').length === 0);
  await a.core.queue.idle();
  relay.holdAcks = false;
  relay.say({ type: 'ack', id: commit!, seqs: relay.commits.get(commit!)! });
  await until(() => a.query('select * from _outbox').length === 0);
  await settleAll(a, b);

  assert.is(relay.head('people'), 1);
  assert.equal(contentsOf(a), contentsOf(b));
  assert.equal(a.query('select id from customers'), [{ id }]);
  await a.close();
  await b.close();
});

test('[WRITE-2] dead between the own update and its ack: nothing is lost, and nothing sent as something new', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const [a, b] = [await openTestReplica({ relay, store }), await openTestReplica({ relay })];
  await settleAll(a, b);
  relay.holdAcks = true;
  const [first, second] = [newId(), newId()];
  await a.execute(INSERT, [first, 'Ana']);
  await until(() => a.core.documents.record('people').seq === 1);
  await a.core.queue.idle();
  const disk = store.reopen(); // as after a power cut: what comes later is not on this disk
  relay.cut();
  relay.holdAcks = false;

  const again = await openTestReplica({ relay, store: disk });
  assert.is(again.status().pending, 1);
  await again.execute("update customers set phone = '1' where id = ?", [first]);
  await again.execute(INSERT, [second, 'Eva']);
  await settleAll(again, b);

  assert.is(relay.head('people'), 3);
  assert.is(relay.commits.size, 3);
  assert.equal(again.query('select * from _outbox'), []);
  assert.equal(contentsOf(again), contentsOf(b));
  assert.equal(b.query('select name, phone from customers order by name'), [
    { name: 'Ana', phone: '1' },
    { name: 'Eva', phone: null },
  ]);
  await again.close();
  await b.close();
});

test.run();

/** The rows of customers in a document that one other client wrote. */
function copyOfPeople(relay: MemoryRelay): Uint8Array {
  const [from, to] = [new Doc(), new Doc()];
  for (const { update } of relay.documents.get('people')!.entries) applyUpdate(from, update);
  for (const [key, value] of from.getMap('customers')) to.getMap('customers').set(key, value);
  return encodeStateAsUpdate(to);
}
