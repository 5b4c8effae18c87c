import { suite } from 'uvu';
import { MemoryObjects } from '../testing/memory-objects.ts';
import { testObjectStoreContract } from './object-store.contract.ts';

const test = suite('objects in memory');

testObjectStoreContract(test, async () => ({ store: new MemoryObjects(), close: async () => {} }));

test.run();
