import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeStateAsUpdate } from 'yjs';
import { newId } from '../../shared/base/ids.ts';
import { MemoryStore } from './store/memory-store.ts';
import { ManualTime } from './testing/manual-time.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { connectTestReplica, openTestReplica, settleAll } from './testing/open-replica.ts';

const test = suite('notes');
const INSERT = 'insert into customers (id, name) values (?, ?)';
const STAGES = 'select row_id, stage, seq, stored_at is not null as is_stored from _sync order by row_id';

test('[SYNC-1] how far rows have come outlives a restart, and goes on from there', async () => {
  const relay = new MemoryRelay();
  const store = new MemoryStore();
  const a = await openTestReplica({ relay, store });
  const [first, second, third] = ['1', '2', '3'];
  await a.execute(INSERT, [first, 'Ana']);
  await a.execute(INSERT, [second, 'Eva']);
  await a.settled();
  relay.announceStages([['people', 1, 1, 0]]);
  await a.settled();
  a.disconnect();
  await a.execute(INSERT, [third, 'Luz']);
  const before = a.query(STAGES);
  await a.close();

  const again = await openTestReplica({ store: store.reopen(), deps: { openSocket: relay.openSocket } });
  assert.equal(again.query(STAGES), before);
  assert.equal(
    before.map(({ stage }) => stage),
    ['reported', 'stored', 'local'],
  );

  // What is written anew is behind again, whatever the note said.
  await again.execute("update customers set phone = '1' where id = ?", [first]);
  assert.is(again.query(STAGES)[0]!.stage, 'local');
  connectTestReplica(again);
  await again.settled();
  relay.announceStages([['people', 1, 3, 2]]);
  await again.settled();
  assert.equal(
    again.query(STAGES).map(({ row_id, stage, seq }) => [row_id, stage, seq]),
    [
      [first, 'stored', 4],
      [second, 'archived', 2],
      [third, 'reported', 3],
    ],
  );
  await again.close();
});

test('[SYNC-1] a document of a new epoch holds what was stored in the old one from its first entry on', async () => {
  const relay = new MemoryRelay();
  const a = await openTestReplica({ relay });
  for (const name of ['Ana', 'Eva', 'Luz']) await a.execute(INSERT, [newId(), name]);
  await a.settled();
  relay.recreate('people', encodeStateAsUpdate(a.core.documents.get('people')!.doc));
  a.retry();
  await a.settled();

  relay.announceStages([['people', 2, 1, 1]]);
  await a.settled();

  assert.equal(
    a.query(STAGES).map(({ stage }) => stage),
    ['archived', 'archived', 'archived'],
  );
  await a.close();
});

test('[UNDO-3] steps can be undone and done again after a reload, and are refused as before it', async () => {
  const store = new MemoryStore();
  const a = await openTestReplica({ store });
  const [first, second] = ['1', '2'];
  await a.execute(INSERT, [first, 'Ana'], { label: 'one' });
  await a.execute(INSERT, [second, 'Eva'], { label: 'two' });
  await a.execute("update customers set name = 'Ana María' where id = ?", [first], { label: 'three' });
  await a.undo();
  await a.close();

  const b = await openTestReplica({ store: store.reopen() });
  assert.equal(await labelOf(b.redo()), 'three');
  assert.equal(b.query('select name from customers order by name'), [{ name: 'Ana María' }, { name: 'Eva' }]);
  assert.equal(await labelOf(b.undo()), 'three');
  assert.equal(await labelOf(b.undo()), 'two');
  assert.equal(b.query('select name from customers'), [{ name: 'Ana' }]);
  await b.close();

  // Another device's write, which this one learns of after the reload.
  const relay = new MemoryRelay();
  const c = await openTestReplica({ relay, store: store.reopen() });
  const other = await openTestReplica({ relay });
  await settleAll(c, other);
  await other.execute("update customers set name = 'Anita' where id = ?", [first]);
  await settleAll(other, c);
  const refused = await c.undo();
  assert.is(refused.done, false);
  assert.match(refused.done ? '' : refused.because, /was changed since/);
  await Promise.all([c.close(), other.close()]);
});

test('[UNDO-3] a large step is kept for the engine’s life only, and those after it longer', async () => {
  const store = new MemoryStore();
  const a = await openTestReplica({ store });
  const many = Array.from({ length: 301 }, () => ({ sql: INSERT, params: [newId(), 'one of many'] }));
  await a.transaction(many, { label: 'many' });
  await a.execute(INSERT, [newId(), 'Ana'], { label: 'one' });
  await a.close();

  const b = await openTestReplica({ store: store.reopen() });
  assert.equal(await labelOf(b.undo()), 'one');
  assert.equal(await b.undo(), { done: false, because: 'nothing-to-undo' });
  await b.close();
});

test('[NOTE-1] no write waits for a note: it is written when the burst is over', async () => {
  const store = new MemoryStore();
  const time = new ManualTime(Date.now());
  const a = await openTestReplica({ store, deps: { nowMs: time.nowMs, setTimer: time.setTimer } });
  for (const name of ['Ana', 'Eva']) await a.execute(INSERT, [newId(), name]);
  assert.equal((await store.readHead()).notes, {});
  time.advance(200);
  await a.core.queue.idle();
  assert.is((await store.readHead()).notes.undo?.done.length, 2);
  await a.close();
});

test('[NOTE-1] a burst that does not end is noted every two seconds', async () => {
  const store = new MemoryStore();
  const time = new ManualTime(Date.now());
  const a = await openTestReplica({ store, deps: { nowMs: time.nowMs, setTimer: time.setTimer } });
  const noted: number[] = [];
  for (let turn = 1; turn <= 45; turn++) {
    await a.execute(INSERT, [newId(), 'Ana']);
    time.advance(100);
    await a.core.queue.idle();
    const { undo } = (await store.readHead()).notes;
    if (undo && undo.done.length !== noted.at(-1)) noted.push(undo.done.length);
  }
  assert.equal(noted, [20, 40]);
  await a.close();
});

test.run();

async function labelOf(
  result: Promise<{ readonly done: boolean; readonly label?: string }>,
): Promise<unknown> {
  const { done, label } = (await result) as { done: boolean; label?: string };
  return done ? label : undefined;
}
