import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Replica } from './replica.ts';
import { MemoryStore } from './store/memory-store.ts';
import type { StoredDocument } from './store/store.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { contentsOf, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('hydration');
const MONTHS = [Date.UTC(2026, 8, 3), Date.UTC(2026, 9, 3), Date.UTC(2026, 10, 3)];

test('[HYD-1] a document leaves memory under the budget; its rows stay and can be written again', async () => {
  const store = new MemoryStore();
  const replica = await openTestReplica({ store, maxRegisters: 50 });
  const orders = await fillMonths(replica);
  await replica.checkpoint();

  assert.ok(replica.core.documents.registerCount <= 50, `${replica.core.documents.registerCount} registers`);
  assert.is(replica.query('select * from orders').length, 120);

  await replica.transaction(
    orders.map((id) => ({ sql: "update orders set status = 'done' where id = ?", params: [id] })),
  );
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(again.query('select status, count(*) as n from orders group by status'), [
    { status: 'done', n: 3 },
    { status: 'open', n: 117 },
  ]);
  await again.close();
});

test('[HYD-2] an update for a document that is not in memory is stored and shown', async () => {
  const relay = new MemoryRelay();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay })];
  const [first] = await fillMonths(a);
  await settleAll(a, b);
  await b.checkpoint();
  b.core.documents.dropAll();

  await a.execute("update orders set status = 'done' where id = ?", [first!]);
  await settleAll(a, b);

  assert.equal(b.query('select status from orders where id = ?', [first!]), [{ status: 'done' }]);
  assert.equal(contentsOf(b), contentsOf(a));
  await a.close();
  await b.close();
});

test('many updates are folded into a snapshot once the relay has them, and open the same', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const replica = await openTestReplica({ relay, store });
  for (let index = 0; index < 120; index++)
    await replica.execute('insert into customers (id, name) values (?, ?)', [newId(), `n${index}`]);
  await replica.checkpoint();
  await replica.settled();
  await replica.checkpoint();
  const contents = contentsOf(replica);
  assert.is(replica.core.documents.tailLength('people'), 0);
  await replica.close();

  const disk = store.reopen();
  assert.equal((await disk.readHead()).updates, []);
  await disk.write({ durability: 'strict', image: 'drop' });
  const again = await openTestReplica({ store: disk });
  assert.equal(contentsOf(again), contents);
  await again.close();
});

test('a snapshot folded while a received unit waits for another document is not forgotten', async () => {
  const relay = new MemoryRelay();
  const disk = new SlowReads();
  const [a, b] = [await openTestReplica({ relay }), await openTestReplica({ relay, store: disk })];
  const order = newId();
  await a.execute('insert into orders (id) values (?)', [order]);
  for (let index = 0; index < 120; index++)
    await a.execute('insert into customers (id, name) values (?, ?)', [newId(), `n${index}`]);
  await settleAll(a, b);
  b.core.documents.dropAll();
  await b.core.documents.hydrate(['people']);
  disk.hold();
  await a.transaction([
    { sql: "update orders set status = 'done' where id = ?", params: [order] },
    { sql: "insert into customers (id, name) values (?, 'last')", params: [newId()] },
  ]);
  await a.settled();
  await b.checkpoint();
  assert.is(b.core.documents.tailLength('people'), 0);

  disk.release();
  await b.settled();
  const contents = contentsOf(a);
  assert.equal(contentsOf(b), contents);
  await b.close();
  const again = disk.reopen();
  await again.write({ durability: 'strict', image: 'drop' });
  const reopened = await openTestReplica({ store: again });
  assert.equal(contentsOf(reopened), contents);
  assert.ok(reopened.core.documents.record('people').snapshotBytes > 0);
  await a.close();
  await reopened.close();
});

test.run();

/** A disk whose documents are read only when it is told to. */
class SlowReads extends MemoryStore {
  #gate: Promise<void> = Promise.resolve();
  release: () => void = () => {};

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  override async readDocument(document: string): Promise<StoredDocument> {
    await this.#gate;
    return super.readDocument(document);
  }
}

/** Forty orders in each of three months; answers the first of each. */
async function fillMonths(replica: Replica): Promise<string[]> {
  const firsts: string[] = [];
  for (const atMs of MONTHS) {
    const ids = Array.from({ length: 40 }, () => newId(atMs));
    firsts.push(ids[0]!);
    await replica.transaction(ids.map((id) => ({ sql: 'insert into orders (id) values (?)', params: [id] })));
  }
  return firsts;
}
