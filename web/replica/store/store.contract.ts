/**
 * What every store promises. Call it with a way to open a fresh store and to open the same one again, and run the
 * suite it gives.
 */
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type DeviceId, newId } from '../../../shared/base/ids.ts';
import { type DocumentRecord, type OutboxEntry, type Store, StoreError } from './store.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Ends this store as a crash or restart would, and opens its contents again. */
  reopen(): Promise<StoreUnderTest>;
  dispose(): Promise<void>;
}

export function testStoreContract(name: string, create: () => Promise<StoreUnderTest>): Test {
  const test = suite(`store: ${name}`);

  const withStore = (work: (under: StoreUnderTest) => Promise<StoreUnderTest | undefined>) => async () => {
    const under = await create();
    await under.store.readHead();
    const last = await work(under);
    await (last ?? under).dispose();
  };

  test(
    '[STORE-1] a commit, its outbox entry, positions and clock are stored by one write',
    withStore(async (under) => {
      await under.store.write({
        durability: 'strict',
        meta: { hlc: 42, device: 'AAAAAAAA' as DeviceId },
        documents: [record('people', 7)],
        updates: [update('people', 1, 'x'), update('work/2026-11', 1, 'y')],
        outboxPut: [entry(1)],
      });

      const again = await under.reopen();
      const head = await again.store.readHead();
      assert.is(head.meta.hlc, 42);
      assert.is(head.meta.device, 'AAAAAAAA');
      assert.equal(head.documents, [record('people', 7)]);
      assert.equal(head.updates, [
        ['people', 1],
        ['work/2026-11', 1],
      ]);
      assert.is(head.outbox.length, 1);
      assert.equal(head.outbox[0]!.commit.parts[0]!.update, bytes('part'));
      assert.is(head.image, undefined);
      return again;
    }),
  );

  test(
    '[NOTE-1] a note replaces the one of its name, and only that',
    withStore(async (under) => {
      assert.equal((await under.store.readHead()).notes, {});
      const undo = { schemaVersion: 1, done: [], undone: [] };
      await under.store.write({ durability: 'relaxed', notes: { undo, sync: [{ row_id: 'a' }] } });
      await under.store.write({ durability: 'strict', notes: { sync: [{ row_id: 'b', seq: 3 }] } });

      const again = await under.reopen();
      assert.equal((await again.store.readHead()).notes, { undo, sync: [{ row_id: 'b', seq: 3 }] });
      return again;
    }),
  );

  test(
    '[STORE-2] every write that resolved is there after reopening, in the order of writing',
    withStore(async (under) => {
      const writes = Array.from({ length: 20 }, (_, index) =>
        under.store.write({
          durability: 'strict',
          meta: { hlc: index },
          updates: [update('people', index + 1, `${index}`)],
        }),
      );
      await Promise.all(writes);

      const again = await under.reopen();
      assert.is((await again.store.readHead()).meta.hlc, 19);
      const { updates } = await again.store.readDocument('people');
      assert.equal(
        updates.map(({ number }) => number),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      assert.equal(updates[19]!.update, bytes('19'));
      return again;
    }),
  );

  test(
    'keys of meta that a write does not name stay',
    withStore(async (under) => {
      await under.store.write({ durability: 'strict', meta: { user: 'ana' } });
      await under.store.write({ durability: 'relaxed', meta: { hlc: 3 } });

      assert.equal((await under.store.readHead()).meta, { user: 'ana', hlc: 3 });
      return undefined;
    }),
  );

  test(
    'a snapshot replaces the updates up to its number, of its document only',
    withStore(async (under) => {
      await under.store.write({
        durability: 'strict',
        updates: [
          update('people', 1, 'a'),
          update('people', 2, 'b'),
          update('people', 3, 'c'),
          update('people-2', 1, 'z'),
        ],
      });
      await under.store.write({
        durability: 'strict',
        snapshots: [{ document: 'people', number: 2, snapshot: bytes('ab') }],
      });

      const again = await under.reopen();
      const people = await again.store.readDocument('people');
      assert.equal(people.snapshot, bytes('ab'));
      assert.equal(
        people.updates.map(({ number }) => number),
        [3],
      );
      assert.is((await again.store.readDocument('people-2')).updates.length, 1);
      return again;
    }),
  );

  test(
    'outbox entries are replaced by id, removed by id, and read in order of number',
    withStore(async (under) => {
      const [first, second, third] = [entry(3), entry(1), entry(2)];
      await under.store.write({ durability: 'strict', outboxPut: [first, second, third] });
      await under.store.write({
        durability: 'strict',
        outboxRemove: [third.commit.id],
        outboxPut: [{ ...first, attempts: 5 }],
      });

      const again = await under.reopen();
      const { outbox } = await again.store.readHead();
      assert.equal(
        outbox.map(({ number, attempts }) => [number, attempts]),
        [
          [1, 0],
          [3, 5],
        ],
      );
      return again;
    }),
  );

  test(
    'entries between those that are removed stay, whenever they came',
    withStore(async (under) => {
      const entries = Array.from({ length: 9 }, (_, index) => entry(index + 1));
      // By id, which is not the order of their numbers.
      const ids = entries.map(({ commit }) => commit.id).sort();
      await under.store.write({ durability: 'strict', outboxPut: entries.slice(0, 6) });
      const again = await under.reopen();
      await again.store.readHead();
      await again.store.write({ durability: 'strict', outboxPut: entries.slice(6) });
      const removed = ids.filter((_, index) => index !== 2 && index !== 5);
      await again.store.write({ durability: 'relaxed', outboxRemove: removed });

      const { outbox } = await again.store.readHead();
      assert.equal(outbox.map(({ commit }) => commit.id).sort(), [ids[2], ids[5]]);
      return again;
    }),
  );

  test(
    'an outbox entry has its bytes again, whether its updates were stored with it or not',
    withStore(async (under) => {
      const parts = [
        { document: 'people', epoch: 2, update: bytes('of people') },
        { document: 'work/2026-11', epoch: 1, update: bytes('of work') },
      ];
      const both = { ...entry(1), commit: { ...entry(1).commit, parts } };
      const alone = entry(2);
      // Taken out of its document: not the bytes of the update that has its number.
      const detached = {
        ...entry(3),
        commit: { ...entry(3).commit, parts: [{ ...parts[0]!, update: bytes('') }] },
      };
      await under.store.write({
        durability: 'strict',
        updates: [
          ...parts.map(({ document, update }) => ({ document, number: 1, update, commit: both.commit.id })),
          update('people', 2, 'of another'),
          update('people', 3, 'of another'),
        ],
        outboxPut: [both, alone, detached],
      });

      const again = await under.reopen();
      const { outbox } = await again.store.readHead();
      assert.equal(outbox, [both, alone, detached]);
      await again.store.write({ durability: 'strict', outboxPut: [{ ...outbox[0]!, attempts: 1 }] });
      const last = await again.reopen();
      assert.equal((await last.store.readHead()).outbox[0], { ...both, attempts: 1 });
      return last;
    }),
  );

  test(
    'a dropped update is gone, the others stay and remember their commit',
    withStore(async (under) => {
      await under.store.write({
        durability: 'strict',
        updates: [{ ...update('people', 1, 'a'), commit: 'c1' }, update('people', 2, 'b')],
      });
      await under.store.write({ durability: 'strict', dropUpdates: [['people', 2]] });

      const { updates } = await under.store.readDocument('people');
      assert.is(updates.length, 1);
      assert.is(updates[0]!.commit, 'c1');
      return undefined;
    }),
  );

  test(
    'a dropped document leaves nothing, and may be written anew in the same write',
    withStore(async (under) => {
      await under.store.write({
        durability: 'strict',
        documents: [record('people', 9)],
        updates: [update('people', 1, 'a')],
        snapshots: [{ document: 'people', number: 0, snapshot: bytes('s') }],
      });
      await under.store.write({
        durability: 'strict',
        dropDocuments: ['people'],
        documents: [{ ...record('people', 1), epoch: 2 }],
        updates: [update('people', 5, 'n')],
      });

      const again = await under.reopen();
      assert.equal((await again.store.readHead()).documents, [{ ...record('people', 1), epoch: 2 }]);
      const people = await again.store.readDocument('people');
      assert.is(people.snapshot, undefined);
      assert.equal(
        people.updates.map(({ number }) => number),
        [5],
      );
      return again;
    }),
  );

  test(
    'image blocks are kept by hash; a missing one makes the whole image missing',
    withStore(async (under) => {
      const manifest = (blocks: string[]) => ({
        generation: 1,
        number: 4,
        schemaHash: 's',
        bytes: 6,
        blocks,
        checksum: 'c',
      });
      await under.store.write({
        durability: 'strict',
        image: {
          manifest: manifest(['h1', 'h2']),
          put: new Map([
            ['h1', bytes('one')],
            ['h2', bytes('two')],
          ]),
          drop: [],
        },
      });
      await under.store.write({
        durability: 'strict',
        image: { manifest: manifest(['h1', 'h3']), put: new Map([['h3', bytes('three')]]), drop: ['h2'] },
      });

      const again = await under.reopen();
      assert.equal((await again.store.readHead()).image, manifest(['h1', 'h3']));
      assert.equal(await bytesOfBlocks(again.store, ['h1', 'h3']), [bytes('one'), bytes('three')]);
      assert.is(await bytesOfBlocks(again.store, ['h1', 'h2']), undefined);
      await again.store.write({ durability: 'relaxed', image: 'drop' });
      assert.is((await again.store.readHead()).image, undefined);
      assert.is(await bytesOfBlocks(again.store, ['h1']), undefined);
      return again;
    }),
  );

  test(
    'a document nobody wrote is empty, and a closed store says so',
    withStore(async (under) => {
      assert.equal(await under.store.readDocument('none'), { snapshot: undefined, updates: [] });

      await under.store.close();
      await under.store.close();
      const error = await Promise.resolve()
        .then(() => under.store.write({ durability: 'strict', meta: { hlc: 1 } }))
        .catch((thrown: unknown) => thrown);
      assert.instance(error, StoreError);
      assert.is((error as StoreError).reason, 'closed');
      return undefined;
    }),
  );

  return test;
}

async function bytesOfBlocks(store: Store, hashes: readonly string[]) {
  const blocks = await store.openImageBlocks(hashes);
  return blocks && Promise.all(blocks.map((block) => (block instanceof Uint8Array ? block : block.read())));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function update(document: string, number: number, text: string) {
  return { document, number, update: bytes(text) };
}

function record(name: string, seq: number): DocumentRecord {
  return {
    name,
    epoch: 1,
    seq,
    head: seq,
    reported: 0,
    archived: 0,
    snapshotNumber: 0,
    snapshotBytes: 0,
  };
}

function entry(number: number): OutboxEntry {
  return {
    commit: {
      id: newId(),
      device: 'AAAAAAAA' as DeviceId,
      hlc: 1,
      schema: 1,
      label: 'test',
      parts: [{ document: 'people', update: bytes('part') }],
    },
    number,
    createdAtMs: 1_700_000_000_000,
    priority: 25,
    attempts: 0,
    state: 'waiting',
  };
}
