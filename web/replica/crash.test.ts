/** The process dies at every boundary of the store, before and after the disk has it, and opens again. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeStateVector, encodeStateAsUpdate, encodeStateVector } from 'yjs';
import { newId } from '../../shared/base/ids.ts';
import { openReplica, type Replica } from './replica.ts';
import { type Fault, FaultyStore } from './store/faulty-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';
import { StoreState } from './store/store-state.ts';
import { MemoryRelay } from './testing/memory-relay.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('crash');

for (const fault of ['dies-before', 'dies-after'] as const) {
  test(`[WRITE-2] at every boundary where the process ${fault} the disk has it, what resolved survives, once`, async () => {
    const start = async () => ({ disk: new StoreState(), relay: new MemoryRelay() });
    const boundaries = await playUntil(undefined, fault, { start, play });
    assert.ok(boundaries > 12, `${boundaries} boundaries`);
    for (let boundary = 0; boundary < boundaries; boundary++)
      await playUntil(boundary, fault, { start, play });
  });

  test(`[WRITE-2] the same where it ${fault} while documents are folded, leave memory and come back`, async () => {
    const grown = await grow();
    const start = async () => copyOf(grown);
    const boundaries = await playUntil(undefined, fault, { start, play: playMemory });
    assert.ok(boundaries > 12, `${boundaries} boundaries`);
    for (let boundary = 0; boundary < boundaries; boundary++)
      await playUntil(boundary, fault, { start, play: playMemory });
  });

  test(`[WRITE-2] [OUT-5] the same where it ${fault} while a document gives way to its next epoch`, async () => {
    const start = async () => ({ disk: new StoreState(), relay: new MemoryRelay() });
    const boundaries = await playUntil(undefined, fault, { start, play: playNewEpoch });
    assert.ok(boundaries > 8, `${boundaries} boundaries`);
    for (let boundary = 0; boundary < boundaries; boundary++)
      await playUntil(boundary, fault, { start, play: playNewEpoch });
  });
}

test('[WRITE-3] a disk that refuses takes the write back, says why, and the next write works', async () => {
  const disk = new MemoryStore();
  let refusing = false;
  const store = new FaultyStore(disk, (_boundary, write) =>
    refusing && write?.outboxPut ? 'refuses' : undefined,
  );
  const replica = await open(store);
  const [kept, refused, later] = [newId(), newId(), newId()];
  await insert(replica, kept);
  const seen: number[] = [];
  replica.watch('select count(*) as n from customers', [], (rows) => seen.push(rows[0]!.n as number));

  refusing = true;
  const outcomes = await Promise.allSettled([insert(replica, refused), insert(replica, newId())]);
  refusing = false;
  assert.match(replica.status().storage.failure ?? '', /no room/);
  await insert(replica, later);

  assert.equal(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.match((outcomes[0] as PromiseRejectedResult).reason.message, /no room/);
  assert.is(replica.status().storage.failure, undefined);
  assert.equal(ids(replica), [kept, later].sort());
  assert.is(seen.at(-1), 2);
  const again = await open(disk.reopen());
  assert.equal(ids(again), [kept, later].sort());
  assert.is(again.query('select * from _outbox').length, 2);
  await again.close();
});

test('[WRITE-3] whoever hears that the disk refused finds what is stored', async () => {
  let refusing = false;
  const store = new FaultyStore(new MemoryStore(), (_boundary, write) =>
    refusing && write?.outboxPut ? 'refuses' : undefined,
  );
  const read = store.readDocument.bind(store);
  store.readDocument = async (name) => {
    await new Promise((resolve) => setImmediate(resolve)); // as a disk that is read in another process
    return read(name);
  };
  const replica = await open(store);
  const kept = newId();
  await insert(replica, kept);

  refusing = true;
  const found = await insert(replica, newId()).catch(() => ids(replica));

  assert.equal(found, [kept]);
  refusing = false;
  await replica.close();
});

test('[WRITE-3] [OUT-5] a disk that refuses while a document gives way to its next epoch leaves nothing of the old in the new', async () => {
  let refusals = 0;
  for (let boundary = 0; ; boundary++) {
    const relay = new MemoryRelay();
    const other = await open(new MemoryStore(), relay);
    connect(other);
    let countdown = Number.POSITIVE_INFINITY;
    const disk = new MemoryStore();
    const store = new FaultyStore(disk, (_boundary, write) =>
      write && countdown-- === 0 ? 'refuses' : undefined,
    );
    const replica = await openReplica({
      schema: shopSchema,
      store,
      user: 'ana',
      deps: { openSocket: relay.openSocket, setTimer: soon },
    });
    const [kept, unsent] = [newId(), newId()];
    await writeAcrossEpochs(replica, relay, other, { kept, unsent }, () => {
      countdown = boundary;
    });
    await settle(replica, other);

    const newcomer = await open(new MemoryStore(), relay);
    connect(newcomer);
    await newcomer.settled();
    assert.equal(newcomer.query('select * from _quarantine'), [], `boundary ${boundary}`);
    const again = await open(disk.reopen());
    for (const one of [replica, other, newcomer, again])
      assert.equal(
        one.query('select id, phone from customers order by id'),
        [kept, unsent].sort().map((id) => ({ id, phone: id === kept ? '2' : null })),
        `boundary ${boundary}`,
      );
    await again.core.documents.hydrate(['people']);
    assert.equal(structsOf(again), structsOf(newcomer), `boundary ${boundary}`);
    for (const one of [replica, other, newcomer, again]) await one.close();
    if (countdown >= 0) break; // past the last write
    refusals++;
  }
  assert.ok(refusals >= 3, `${refusals} refusals`);
});

test.run();

interface World {
  readonly disk: StoreState;
  readonly relay: MemoryRelay;
}

interface Life {
  readonly start: () => Promise<World>;
  readonly play: (store: Store, relay: MemoryRelay, other: Replica, resolved: string[]) => Promise<void>;
}

/** One life of a replica until it dies at the boundary, then a second one; answers how many boundaries it passed. */
async function playUntil(boundary: number | undefined, fault: Fault, { start, play }: Life): Promise<number> {
  const { disk: state, relay } = await start();
  const other = await open(new MemoryStore(), relay);
  connect(other);
  const disk = new MemoryStore(state);
  const store = new FaultyStore(disk, (at) => (at === boundary ? fault : undefined));
  const resolved: string[] = [];
  await Promise.race([store.died, play(store, relay, other, resolved)]);
  // The dead process holds no line any more.
  relay.cut();

  const again = await open(disk.reopen(), relay);
  const known = ids(again);
  for (const id of resolved) assert.ok(known.includes(id), `boundary ${boundary}: ${id} is gone`);
  assert.is(new Set(known).size, known.length);
  connect(again);
  other.retry();
  await again.settled();
  await other.settled();
  assert.equal(ids(other), ids(again), `boundary ${boundary}: the replicas differ`);
  for (const id of resolved) assert.ok(ids(other).includes(id), `boundary ${boundary}: ${id} never arrived`);
  assert.equal(
    again.query('select item, qty from movements order by item'),
    other.query('select item, qty from movements order by item'),
  );
  await again.close();
  await other.close();
  return store.boundaries;
}

async function play(store: Store, relay: MemoryRelay, other: Replica, resolved: string[]): Promise<void> {
  const replica = await open(store, relay);
  const write = async (run: (id: string) => Promise<unknown>) => {
    const id = newId();
    await run(id);
    resolved.push(id);
    return id;
  };
  const first = await write((id) => insert(replica, id));
  await replica.checkpoint();
  const order = newId();
  await write((id) =>
    replica.transaction([
      { sql: 'insert into customers (id, name) values (?, ?)', params: [id, 'two documents'] },
      { sql: 'insert into orders (id, customer_id) values (?, ?)', params: [order, id] },
      { sql: 'insert into movements (id, item, qty) values (?, ?, 1)', params: [newId(), 'oil'] },
    ]),
  );
  await replica.execute('update customers set phone = ? where id = ?', ['600', first]);
  await replica.checkpoint();
  replica.core.documents.dropAll();
  await write((id) => insert(replica, id));
  connect(replica);
  await replica.settled();
  await insert(other, newId());
  await other.settled();
  await replica.settled();
  await replica.editText({ table: 'orders', id: order, column: 'notes' }, '', 'brakes');
  await replica.checkpoint();
  relay.refuse = ({ label }) =>
    label === 'bad' ? { code: 'not-allowed', message: 'no', retry: false } : undefined;
  await replica.execute('update customers set phone = ? where id = ?', ['bad', first], { label: 'bad' });
  await write((id) => insert(replica, id));
  await replica.settled();
  await replica.close();
}

/** Documents that are worth folding, and a memory that is too small for them. */
async function playMemory(
  store: Store,
  relay: MemoryRelay,
  other: Replica,
  resolved: string[],
): Promise<void> {
  const replica = await open(store, relay, SMALL_MEMORY);
  const write = async () => {
    const id = newId();
    await insert(replica, id);
    resolved.push(id);
  };
  connect(replica);
  await replica.settled();
  await write();
  await replica.settled();
  await replica.checkpoint();
  assert.ok(replica.core.documents.record('people').snapshotBytes > 0, 'people was not folded');
  assert.not(replica.core.documents.isOpen('people'), 'people is still in memory');
  // For a document that is not in memory; then a write to it, when it has left again.
  await insert(other, newId());
  await other.settled();
  await replica.settled();
  await replica.checkpoint();
  await write();
  await replica.settled();
  await other.settled();
  await replica.checkpoint();
  await replica.close();
}

/** What is not sent when `people` is made anew by the server. */
async function playNewEpoch(
  store: Store,
  relay: MemoryRelay,
  other: Replica,
  resolved: string[],
): Promise<void> {
  const replica = await open(store, relay);
  const [kept, unsent] = [newId(), newId()];
  await writeAcrossEpochs(replica, relay, other, { kept, unsent }, () => resolved.push(kept, unsent));
  await replica.settled();
  await replica.checkpoint();
  await replica.close();
}

/** Two rows, one of them and a change of the other unsent; `armed` before the device hears of the new epoch. */
async function writeAcrossEpochs(
  replica: Replica,
  relay: MemoryRelay,
  other: Replica,
  { kept, unsent }: { readonly kept: string; readonly unsent: string },
  armed: () => void,
): Promise<void> {
  connect(replica);
  await insert(replica, kept);
  await replica.execute('update customers set phone = ? where id = ?', ['1', kept]);
  await replica.settled();
  await other.settled();
  replica.disconnect();
  await replica.execute('update customers set phone = ? where id = ?', ['2', kept]);
  await insert(replica, unsent);
  relay.recreate('people', encodeStateAsUpdate(other.core.documents.get('people')!.doc));
  armed();
  connect(replica);
}

/** Commits enough of one document that it is folded at the next checkpoint. */
async function grow(): Promise<World> {
  const [disk, relay] = [new StoreState(), new MemoryRelay()];
  const replica = await open(new MemoryStore(disk), relay);
  connect(replica);
  const id = newId();
  await insert(replica, id);
  for (let odd = 0; odd < 110; odd++)
    await replica.execute('update customers set phone = ? where id = ?', [`${odd}`, id]);
  await replica.settled();
  await replica.close();
  return { disk, relay };
}

function copyOf({ disk, relay }: World): World {
  const copy = { disk: new StoreState(), relay: new MemoryRelay() };
  for (const write of disk.asWrites()) copy.disk.apply(structuredClone(write));
  for (const [name, { epoch, entries }] of relay.documents)
    copy.relay.documents.set(name, { epoch, entries: [...entries] });
  for (const [id, seqs] of relay.commits) copy.relay.commits.set(id, seqs);
  return copy;
}

const SMALL_MEMORY = 1;

function open(store: Store, relay = new MemoryRelay(), maxRegisters?: number): Promise<Replica> {
  return openReplica({
    schema: shopSchema,
    store,
    user: 'ana',
    deps: { openSocket: relay.openSocket },
    ...(maxRegisters === undefined ? {} : { maxRegisters }),
  });
}

function connect(replica: Replica): void {
  replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
}

/** Waits that would take seconds are over at once. */
function soon(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(ms, 20));
  return () => clearTimeout(timer);
}

async function settle(...replicas: readonly Replica[]): Promise<void> {
  for (const replica of [...replicas, ...replicas]) {
    replica.retry();
    await replica.settled();
  }
}

/** Who wrote how much of the document, in Yjs' terms. */
function structsOf(replica: Replica): unknown {
  return [...decodeStateVector(encodeStateVector(replica.core.documents.get('people')!.doc))].sort();
}

function insert(replica: Replica, id: string): Promise<unknown> {
  return replica.execute('insert into customers (id, name) values (?, ?)', [id, 'Ana']);
}

function ids(replica: Replica): string[] {
  return replica.query('select id from customers order by id').map(({ id }) => id as string);
}
