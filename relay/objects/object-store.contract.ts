/** What every ObjectStore does. Call it with a function that opens an empty store, and run the suite it gives. */
import { createHash } from 'node:crypto';
import { suite, type Test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectInfo, ObjectStore } from './object-store.ts';

export function testObjectStoreContract(
  name: string,
  open: () => Promise<{ store: ObjectStore; close(): Promise<void> }>,
): Test {
  const test = suite(name);

  const withStore = (run: (store: ObjectStore) => Promise<void>) => async () => {
    const { store, close } = await open();
    try {
      await run(store);
    } finally {
      store.close();
      await close();
    }
  };

  test(
    '[OBJ-1] what was put is read back, byte for byte',
    withStore(async (store) => {
      const bytes = patternOf(300_000);

      assert.is(await store.putIfAbsent('a/b/one.bin', bytes), 'created');

      assert.is(sha256(await store.get('a/b/one.bin')), sha256(bytes));
      assert.is((await store.head('a/b/one.bin'))?.bytes, 300_000);
    }),
  );

  test(
    '[OBJ-1] an empty object is an object',
    withStore(async (store) => {
      await store.putIfAbsent('empty', new Uint8Array(0));

      assert.is((await store.get('empty'))?.length, 0);
      assert.is((await store.head('empty'))?.bytes, 0);
    }),
  );

  test(
    '[OBJ-1] a taken key keeps its first bytes',
    withStore(async (store) => {
      await store.putIfAbsent('k', Uint8Array.of(1));

      assert.is(await store.putIfAbsent('k', Uint8Array.of(2, 2)), 'exists');

      assert.equal([...(await store.get('k'))!], [1]);
    }),
  );

  test(
    '[OBJ-2] of 20 racing creates one wins, and its bytes stay',
    withStore(async (store) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.putIfAbsent('race', new Uint8Array(1_000).fill(index)),
        ),
      );

      const winners = answers.flatMap((answer, index) => (answer === 'created' ? [index] : []));
      assert.is(winners.length, 1);
      assert.equal(await store.get('race').then((bytes) => [...bytes!]), Array(1_000).fill(winners[0]));
    }),
  );

  test(
    '[OBJ-3] what is not there reads as undefined',
    withStore(async (store) => {
      assert.is(await store.get('nothing'), undefined);
      assert.is(await store.get('no/thing'), undefined);
      assert.is(await store.head('nothing'), undefined);
      assert.equal(await keysOf(store, ''), []);
    }),
  );

  test(
    '[OBJ-3] a list has every key under its prefix, in byte order',
    withStore(async (store) => {
      for (const key of ['s/2', 's/10', 's/1/x', 's-1', 'S/1', 't/1']) {
        await store.putIfAbsent(key, Uint8Array.of(7));
      }

      assert.equal(await keysOf(store, 's/'), ['s/1/x', 's/10', 's/2']);
      assert.equal(await keysOf(store, 's'), ['s-1', 's/1/x', 's/10', 's/2']);
      assert.equal(await keysOf(store, 's/1'), ['s/1/x', 's/10']);
      assert.equal(await keysOf(store, ''), ['S/1', 's-1', 's/1/x', 's/10', 's/2', 't/1']);
    }),
  );

  test(
    '[OBJ-3] a list tells size and age',
    withStore(async (store) => {
      await store.putIfAbsent('one', patternOf(1_234));
      const found: ObjectInfo[] = [];
      for await (const info of store.list('one')) found.push(info);

      assert.is(found[0]?.bytes, 1_234);
      assert.ok(Math.abs(found[0]!.storedAtMs - Date.now()) < 60_000);
    }),
  );

  test(
    '[OBJ-4] a deleted key is free again, and deleting twice is harmless',
    withStore(async (store) => {
      await store.putIfAbsent('gone', Uint8Array.of(1));

      await store.delete('gone');
      await store.delete('gone');

      assert.is(await store.get('gone'), undefined);
      assert.is(await store.putIfAbsent('gone', Uint8Array.of(2)), 'created');
    }),
  );

  test(
    '[OBJ-5] a key that could leave its folder is refused',
    withStore(async (store) => {
      for (const key of [
        '',
        '/a',
        'a/',
        'a//b',
        '../a',
        'a/../b',
        '.hidden',
        'a b',
        'a\0',
        'x'.repeat(600),
      ]) {
        await assertRejects(store.putIfAbsent(key, new Uint8Array(1)), /object key/);
        await assertRejects(store.get(key), /object key/);
        await assertRejects(store.delete(key), /object key/);
      }
    }),
  );

  return test;
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason as Error,
  );
  assert.match(error?.message ?? 'nothing was thrown', pattern);
}

function patternOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31) & 255);
}

function sha256(bytes: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(bytes ?? 'missing')
    .digest('hex');
}
