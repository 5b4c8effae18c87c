import { MemoryObjects } from '../testing/memory-objects.ts';
import { testObjectStoreContract } from './object-store.contract.ts';

const test = testObjectStoreContract('objects in memory', async () => ({
  store: new MemoryObjects(),
  close: async () => {},
}));

test.run();
