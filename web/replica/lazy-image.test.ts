/** The image as the browser's store hands it out: blocks that are read, and may turn out damaged, when SQL asks. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { until } from '../../shared/testing/until.ts';
import { Engine } from './engine.ts';
import type { Replica } from './replica.ts';
import { FaultyStore } from './store/faulty-store.ts';
import type { ImageManifest } from './store/store.ts';
import { awaySession } from './testing/away-session.ts';
import { LazyStore } from './testing/lazy-store.ts';
import { ManualTime } from './testing/manual-time.ts';
import { contentsOf, openTestReplica, type TestReplicaOptions } from './testing/open-replica.ts';

const test = suite('lazy image');
const CUSTOMERS = 3_000;
const ONE = "select name from customers where id = 'c00042'";
const ALL = 'select name, phone, email from customers order by id';

test('[IMG-4] the first result needs no more than some blocks, the rest follows in the background', async () => {
  const { store, manifest } = await filled();
  const time = new ManualTime(Date.now());

  const replica = await openTestReplica({ store, deps: time });
  assert.equal(replica.query(ONE), [{ name: 'n42' }]);
  assert.ok(store.read.size < manifest.blocks.length / 2, `${store.read.size} of ${manifest.blocks.length}`);

  time.advance(5_000);
  await until(() => store.read.size === manifest.blocks.length);
  await replica.close();
});

test('[IMG-4] a checkpoint after it stores what changed and reads nothing for it', async () => {
  const { store, manifest } = await filled();
  const replica = await openTestReplica({ store });
  await replica.execute("update customers set phone = 'changed' where id = 'c00042'");
  const before = new Set(store.read);

  await replica.checkpoint();

  assert.equal([...store.read], [...before]);
  const contents = contentsOf(replica);
  const after = (await store.readHead()).image!;
  const kept = manifest.blocks.filter((hash) => after.blocks.includes(hash));
  assert.is(after.generation, manifest.generation + 1);
  assert.ok(kept.length > manifest.blocks.length / 2 && kept.length < manifest.blocks.length);
  assert.ok(before.size < manifest.blocks.length);
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  assert.equal(again.core.documents.openNames(), []);
  await again.close();
});

test('[IMG-4] an image that was dropped meanwhile is stored whole again, also what was not read yet', async () => {
  const { store } = await filled();
  const replica = await openTestReplica({ store });
  await replica.core.queue.write({ durability: 'relaxed', image: 'drop' });
  await replica.execute("update customers set phone = 'changed' where id = 'c00042'");

  await replica.checkpoint();

  const contents = contentsOf(replica);
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  assert.equal(again.core.documents.openNames(), []);
  await again.close();
});

test('[IMG-4] a checkpoint that the disk refuses is made up for by the next', async () => {
  const { store: disk } = await filled();
  let refuses = true;
  const store = new FaultyStore(disk, (_, write) => (write?.image && refuses ? 'refuses' : undefined));
  const replica = await openTestReplica({ store });
  await replica.execute("update customers set phone = 'first' where id = 'c00042'");
  assert.instance(await replica.checkpoint().catch((error: unknown) => error), Error);
  refuses = false;
  await replica.execute("update customers set phone = 'second' where id = 'c02999'");

  await replica.checkpoint();

  const contents = contentsOf(replica);
  const again = await openTestReplica({ store: disk.reopen() });
  assert.equal(contentsOf(again), contents);
  assert.equal(again.core.documents.openNames(), []);
  await again.close();
});

test('[IMG-4] after a large transaction was refused the next checkpoint still has everything', async () => {
  const { store } = await filled();
  const replica = await openTestReplica({ store });
  const bulk = Array.from({ length: 30 }, () => ({
    sql: 'insert into customers (id, name) values (?, ?)',
    params: [newId(), 'x'.repeat(1_000_000)],
  }));
  const bad = { sql: 'insert into orders (id, priority) values (?, 77)', params: [newId()] };
  assert.instance(await replica.transaction([...bulk, bad]).catch((error: unknown) => error), Error);
  await replica.execute("update customers set phone = 'changed' where id = 'c00042'");

  await replica.checkpoint();

  const contents = contentsOf(replica);
  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  assert.is((contents.customers as readonly unknown[]).length, CUSTOMERS);
  assert.equal(again.core.documents.openNames(), []);
  await again.close();
});

test('[IMG-4] when the process dies while the rest is being read, everything is there afterwards', async () => {
  const { store } = await filled();
  const time = new ManualTime(Date.now());
  store.slowness = new Promise(() => {});
  const replica = await openTestReplica({ store, deps: time });
  time.advance(3_000);
  await replica.execute("update customers set phone = 'late' where id = 'c00042'");
  const contents = contentsOf(replica);

  const again = await openTestReplica({ store: store.reopen() });

  assert.equal(contentsOf(again), contents);
  await again.close();
});

for (const damage of ['torn', 'gone'] as const) {
  test(`[IMG-2] a block that is ${damage} and needed to open has the image rebuilt at once`, async () => {
    const { store, manifest, contents } = await filled();
    store.damages.set(manifest.blocks[0]!, damage);
    const progress: number[] = [];

    const replica = await openTestReplica({ store, onRebuilding: (part) => progress.push(part) });

    assert.equal(contentsOf(replica), contents);
    assert.is(progress.at(-1), 1);
    await replica.checkpoint();
    await replica.close();
  });

  test(`[IMG-2] a block that turns out ${damage} after the first result: no wrong rows, and all of them again soon`, async () => {
    const { store, manifest, contents } = await filled();
    store.damages.set(unreadBlock(manifest), damage);
    const { engine, api, opened } = await engineOver(store);
    assert.equal(await api.query(ONE), [{ name: 'n42' }]);
    const results: (readonly unknown[])[] = [];
    await api.watch(
      ALL,
      [],
      (change) => results.push(change.type === 'rows' ? change.rows : change.order),
      () => {},
    );

    const rows = await api.query(ALL);
    await until(() => opened.length === 2 && results.length > 0);

    assert.is(rows.length, CUSTOMERS);
    assert.equal(contentsOf(opened[1]!), contents);
    assert.is(results.at(-1)!.length, CUSTOMERS);
    await engine.close();
  });
}

test('[IMG-2] a single query that meets a damaged block is answered once the image is rebuilt', async () => {
  const { store, manifest } = await filled();
  store.damages.set(unreadBlock(manifest), 'torn');
  const { engine, api, opened } = await engineOver(store);

  const rows = await api.query(ALL);

  assert.is(rows.length, CUSTOMERS);
  assert.is(opened.length, 2);
  await engine.close();
});

test('[IMG-2] a query that meets a damaged block fails when the disk refuses to drop the image', async () => {
  const { store: disk, manifest } = await filled();
  disk.damages.set(unreadBlock(manifest), 'torn');
  const store = new FaultyStore(disk, (_, write) => (write?.image === 'drop' ? 'refuses' : undefined));
  const { engine, api, opened } = await engineOver(store);

  const failure = await api.query(ALL).then(
    () => 'rows',
    (error: Error) => error.message,
  );

  assert.match(failure, /malformed/);
  assert.is(opened.length, 1);
  await engine.close();
});

test('[IMG-2] a block that turns out torn in the background has the image rebuilt as well', async () => {
  const { store, manifest, contents } = await filled();
  store.damages.set(unreadBlock(manifest), 'torn');
  const time = new ManualTime(Date.now());
  const { engine, api, opened } = await engineOver(store, { deps: time });
  assert.equal(await api.query(ONE), [{ name: 'n42' }]);

  time.advance(5_000);
  await until(() => opened.length === 2);

  assert.equal(contentsOf(opened[1]!), contents);
  await engine.close();
});

test('[IMG-2] a write that meets a damaged block is refused and leaves nothing; after the rebuild it works', async () => {
  const { store, manifest, contents } = await filled();
  store.damages.set(unreadBlock(manifest), 'torn');
  const { engine, api, opened } = await engineOver(store);
  const write = () => api.execute("update customers set phone = 'x' where name >= 'n'");

  const failure = await write().then(
    () => undefined,
    (error: unknown) => error,
  );
  await until(() => opened.length === 2);

  assert.instance(failure, Error);
  assert.equal(contentsOf(opened[1]!), contents);
  assert.is((await write()).changes, CUSTOMERS);
  await engine.close();
});

test('[IMG-2] an image that an older build stored in another form is rebuilt, and its blocks are dropped', async () => {
  const { store, manifest, contents } = await filled();
  const older = { ...manifest, schemaHash: manifest.schemaHash.replace(/^\d+/, '1') };
  await store.write({ durability: 'strict', image: { manifest: older, put: new Map(), drop: [] } });

  const replica = await openTestReplica({ store });

  assert.equal(contentsOf(replica), contents);
  await replica.core.queue.idle();
  assert.is(await store.openImageBlocks(manifest.blocks), undefined);
  await replica.close();
});

test.run();

async function filled(): Promise<{ store: LazyStore; manifest: ImageManifest; contents: unknown }> {
  const store = new LazyStore();
  const replica = await openTestReplica({ store });
  const customers = Array.from({ length: CUSTOMERS }, (_, index) => ({
    sql: 'insert into customers (id, name, phone) values (?, ?, ?)',
    params: [`c${String(index).padStart(5, '0')}`, `n${index}`, newId()],
  }));
  await replica.transaction(customers);
  await replica.checkpoint();
  const contents = contentsOf(replica);
  const manifest = (await store.readHead()).image!;
  await replica.close();
  return { store: store.reopen(), manifest, contents };
}

/** Of rows in the middle: no first query needs it. */
function unreadBlock({ blocks }: ImageManifest): string {
  return blocks[Math.floor(blocks.length / 2)]!;
}

/** Opened anew, it has what a new process would find. */
async function engineOver(given: LazyStore | FaultyStore, options: TestReplicaOptions = {}) {
  const opened: Replica[] = [];
  let store = given;
  const engine = new Engine({
    open: async (_, onImageDamaged) => {
      if (opened.length > 0 && store instanceof LazyStore) store = store.reopen();
      const replica = await openTestReplica({ ...options, store, onImageDamaged });
      opened.push(replica);
      return replica;
    },
    sessions: { read: async () => undefined, write: async () => {} },
    renewal: { fetch: () => Promise.reject(new Error('offline')), setTimer: () => () => {} },
    nowMs: Date.now,
  });
  const { api } = engine.forPage();
  await api.openSession(awaySession);
  return { engine, api, opened };
}
