import 'fake-indexeddb/auto';
import * as assert from 'uvu/assert';
import { newId } from '../../../shared/base/ids.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { type StoreUnderTest, testStoreContract } from './store.contract.ts';
import { StoreError } from './store.ts';

const test = testStoreContract('indexeddb', () => under(newId()));

test('[STORE-4] of two stores over one database the later one writes; the earlier one keeps nothing and is told', async () => {
  const name = newId();
  const earlier = await openIndexedDbStore(name);
  await earlier.readHead();
  await earlier.write({ durability: 'strict', updates: [update(1)] });
  const later = await openIndexedDbStore(name);
  await later.readHead();

  const refusals = await Promise.all(
    [2, 3].map((number) => refusal(earlier.write({ durability: 'strict', updates: [update(number)] }))),
  );
  await later.write({ durability: 'strict', updates: [update(4)] });

  for (const error of refusals) {
    assert.instance(error, StoreError);
    assert.is((error as StoreError).reason, 'closed');
  }
  const { updates } = await later.readDocument('people');
  assert.equal(
    updates.map(({ number }) => number),
    [1, 4],
  );
  await earlier.close();
  await later.close();
});

test.run();

async function under(name: string): Promise<StoreUnderTest> {
  const store = await openIndexedDbStore(name);
  return {
    store,
    reopen: async () => {
      await store.close();
      return under(name);
    },
    dispose: () => store.close(),
  };
}

function update(number: number) {
  return { document: 'people', number, update: new Uint8Array([number]) };
}

function refusal(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
