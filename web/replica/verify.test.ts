import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import type { Replica } from './replica.ts';
import { MemoryStore } from './store/memory-store.ts';
import { ManualTime } from './testing/manual-time.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { contentsOf, openTestReplica } from './testing/open-replica.ts';
import { inTransaction } from './transaction.ts';

const test = suite('verify');
const HOUR_MS = 3_600_000;
const STEP_MS = 15_000;

test('[VERIFY-1] a row changed behind the mirror is found and mended, and only its range; unsent work stays', async () => {
  const replica = await openTestReplica();
  const ids = await writeCustomers(replica, 200);
  const before = contentsOf(replica);
  const unsent = replica.query('select id, bytes from _outbox order by id');
  const seen: unknown[] = [];
  const stop = replica.watch('select name from customers where id = ?', [ids[7]!], (rows) =>
    seen.push(rows[0]?.name),
  );
  damage(replica, "update customers set name = 'torn' where id = ?", ids[7]!);
  damage(replica, 'delete from customers where id = ?', ids[9]!);
  damage(replica, "insert into customers (id, name) values (?, 'invented')", 'invented');
  assert.not.equal(contentsOf(replica), before);

  const proof = await replica.verify();

  const customers = proof.tables.find(({ table }) => table === 'customers')!;
  assert.is(proof.mendedRows, 3);
  assert.equal([...customers.mendedIds].sort(), [ids[7]!, ids[9]!, 'invented'].sort());
  assert.ok(customers.differingRanges.length <= 3);
  assert.is.not(customers.registerHash, customers.sqlHash);
  assert.match(proof.text, /customers +200 rows .* DIFFERED in [123] of 64 ranges, rows mended: 3/);
  assert.equal(contentsOf(replica), before);
  assert.equal(replica.query('select id, bytes from _outbox order by id'), unsent);
  await Promise.resolve();
  assert.is(seen.at(-1), 'customer 7');
  stop();
  await replica.close();
});

test('[VERIFY-2] a database in order is left alone, and told table by table, documents out of memory included', async () => {
  const replica = await openTestReplica();
  await writeCustomers(replica, 20);
  const order = newId();
  await replica.transaction([
    { sql: 'insert into orders (id) values (?)', params: [order] },
    { sql: "insert into lines (id, order_id, title) values (?, ?, 'oil')", params: [newId(), order] },
  ]);
  replica.core.documents.dropAll();
  let changes = 0;
  const stop = replica.watch('select * from customers', [], () => changes++);
  await Promise.resolve();

  const proof = await replica.verify();

  assert.is(proof.mendedRows, 0);
  assert.is(proof.unsentCommits, 2);
  for (const { registerHash, sqlHash, table } of proof.tables) assert.is(registerHash, sqlHash, table);
  assert.is(proof.tables.find(({ table }) => table === 'lines')?.rows, 1);
  assert.match(proof.text, /SQL equals the registers in all 2 documents\./);
  assert.is(changes, 1);
  stop();
  await replica.close();
});

test('[VERIFY-5] level and quiet for a minute, it proves by itself, and again hours later, over a restart too', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const time = new ManualTime(Date.now());
  let asked = 0;
  const deps = {
    nowMs: time.nowMs,
    setTimer: time.setTimer,
    random: () => 0,
    fetch: async () => {
      asked++;
      return new Response('{"documents":[]}');
    },
  };
  const replica = await openTestReplica({ relay, store, deps });
  const [damaged] = await writeCustomers(replica, 3);
  await replica.settled();
  damage(replica, "update customers set name = 'torn' where id = ?", damaged!);
  time.advance(30_000);
  await writeCustomers(replica, 1);
  await replica.settled();
  time.advance(29_000);
  assert.is(replica.lastProof(), undefined);

  time.advance(1_000);
  time.advance(5_000);
  await until(() => replica.lastProof() !== undefined);
  assert.is(replica.lastProof()!.mendedRows, 1);
  assert.equal([replica.lastProof()!.relay.state, asked], ['compared', 1]);
  await replica.core.queue.idle();
  await replica.close();

  const again = await openTestReplica({ relay, store: store.reopen(), deps });
  await again.settled();
  await pass(time, 5 * HOUR_MS + 5_000);
  // Turns enough for a proof that had begun to end.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.is(again.lastProof(), undefined);
  await pass(time, HOUR_MS + 5_000);
  await until(() => again.lastProof() !== undefined);
  assert.is(asked, 2);
  await again.close();
});

test.run();

/** In steps in which the relay answers: a line that is silent for long is given up. */
async function pass(time: ManualTime, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
    time.advance(Math.min(STEP_MS, leftMs));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function writeCustomers(replica: Replica, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId());
  await replica.transaction(
    ids.map((id, index) => ({
      sql: 'insert into customers (id, name) values (?, ?)',
      params: [id, `customer ${index}`],
    })),
  );
  return ids;
}

/** As a fault of the engine or a torn image would: SQL changes and no register does. */
function damage({ core }: Replica, sql: string, id: string): void {
  inTransaction(core.sql, () => core.capture.pause(() => core.sql.run(sql, [id])));
}
