import 'fake-indexeddb/auto';
import { newId } from '../../../shared/base/ids.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { type StoreUnderTest, testStoreContract } from './store.contract.ts';

// testStoreContract calls test.run()
testStoreContract('indexeddb', () => under(newId()));

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
