import 'fake-indexeddb/auto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PhotoStore } from './photo-store.ts';

const photo = (letter: string) => ({
  sha256: letter.repeat(64),
  family: 'work',
  contentType: 'image/jpeg',
  bytes: new Uint8Array([1, 2, 3]).buffer,
  putAtMs: 5,
});

let opened = 0;
const setup = (): Promise<PhotoStore> => PhotoStore.open('demo', `user${opened++}`);

test('a photo waits until it is marked as stored, and stays on the device then', async () => {
  const store = await setup();
  await store.put([photo('a'), photo('b')]);

  await store.mark('a'.repeat(64), 'stored');

  assert.equal(
    (await store.waiting()).map(({ sha256 }) => sha256[0]),
    ['b'],
  );
  assert.is((await store.get('a'.repeat(64)))?.bytes.byteLength, 3);
  store.close();
});

test('taking the same picture again does not send it again', async () => {
  const store = await setup();
  await store.put([photo('a')]);
  await store.mark('a'.repeat(64), 'stored');

  await store.put([photo('a')]);

  assert.is(await store.countWaiting(), 0);
  store.close();
});

test('what was fetched from the relay is kept and never waits', async () => {
  const store = await setup();

  await store.keep(photo('c'));

  assert.is(await store.countWaiting(), 0);
  assert.is((await store.get('c'.repeat(64)))?.state, 'stored');
  store.close();
});

test('another user has photos of their own', async () => {
  const ana = await setup();
  const luis = await setup();

  await ana.put([photo('a')]);

  assert.is(await luis.countWaiting(), 0);
  ana.close();
  luis.close();
});

test.run();
