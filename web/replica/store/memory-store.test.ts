import { MemoryStore } from './memory-store.ts';
import { type StoreUnderTest, testStoreContract } from './store.contract.ts';

// testStoreContract calls test.run()
testStoreContract('memory', async () => under(new MemoryStore()));

function under(store: MemoryStore): StoreUnderTest {
  return { store, reopen: async () => under(store.reopen()), dispose: () => store.close() };
}
