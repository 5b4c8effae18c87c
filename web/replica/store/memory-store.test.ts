import { MemoryStore } from './memory-store.ts';
import { type StoreUnderTest, testStoreContract } from './store.contract.ts';

const test = testStoreContract('memory', async () => under(new MemoryStore()));

test.run();

function under(store: MemoryStore): StoreUnderTest {
  return { store, reopen: async () => under(store.reopen()), dispose: () => store.close() };
}
