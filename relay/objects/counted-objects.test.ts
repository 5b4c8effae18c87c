import * as assert from 'uvu/assert';
import { MemoryObjects } from '../testing/memory-objects.ts';
import { CountedObjects } from './counted-objects.ts';
import { testObjectStoreContract } from './object-store.contract.ts';

const test = testObjectStoreContract('counted objects', async () => ({
  store: new CountedObjects(new MemoryObjects(), { inc: () => {} }),
  close: async () => {},
}));

test('a failed call is counted by its name, and still fails', async () => {
  const inner = new MemoryObjects();
  const calls: string[] = [];
  const store = new CountedObjects(inner, { inc: ({ call }) => calls.push(call) });
  await store.putIfAbsent('a', Uint8Array.of(1));
  inner.fault = 'put-fails';
  const put = await store.putIfAbsent('b', Uint8Array.of(1)).catch(() => 'failed');
  inner.fault = 'get-fails';
  const get = await store.get('a').catch(() => 'failed');

  assert.equal([put, get], ['failed', 'failed']);
  assert.equal(calls, ['put', 'get']);
});

test.run();
