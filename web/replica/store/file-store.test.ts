import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { FileStore } from './file-store.ts';
import { type StoreUnderTest, testStoreContract } from './store.contract.ts';

const test = testStoreContract('file', async () => under(await newDirectory()));

test('[STORE-2] a tail torn at any byte loses the torn write only, and writing goes on behind it', async () => {
  const directory = await newDirectory();
  const journal = join(directory, 'journal');
  const store = await FileStore.open(directory);
  await store.write({ durability: 'strict', meta: { hlc: 1 } });
  const whole = (await readFile(journal)).length;
  await store.write({ durability: 'strict', meta: { hlc: 2 } });
  await store.close();
  const both = await readFile(journal);

  for (let cut = whole; cut < both.length; cut++) {
    await writeFile(journal, both);
    await truncate(journal, cut);
    const torn = await FileStore.open(directory);
    assert.is((await torn.readHead()).meta.hlc, 1, `cut at ${cut}`);
    await torn.write({ durability: 'strict', meta: { hlc: 3 } });
    await torn.close();
    const after = await FileStore.open(directory);
    assert.is((await after.readHead()).meta.hlc, 3);
    await after.close();
  }
  await rm(directory, { recursive: true });
});

test('a journal that outgrew its limit is written anew when much of it is void, and takes writes either way', async () => {
  const directory = await newDirectory();
  const store = await FileStore.open(directory);
  const bigUpdate = (number: number) => ({
    document: 'people',
    number,
    update: new Uint8Array(5 * 1024 * 1024),
  });
  await store.write({ durability: 'strict', updates: [bigUpdate(1)] });
  await store.write({ durability: 'strict', updates: [bigUpdate(2)] }); // past the limit, and all of it counts
  await store.write({ durability: 'strict', meta: { hlc: 1 } });
  assert.is((await store.readDocument('people')).updates.length, 2);

  const snapshots = [{ document: 'people', number: 2, snapshot: new Uint8Array(10) }];
  await store.write({ durability: 'strict', snapshots });
  for (let number = 3; number <= 5; number++) {
    await store.write({ durability: 'strict', updates: [bigUpdate(number)] });
    await store.write({ durability: 'strict', snapshots: [{ ...snapshots[0]!, number }] });
  }
  await store.close();

  assert.ok(
    (await readFile(join(directory, 'journal'))).length < 16 * 1024 * 1024,
    'of 25 MB written most is void, and gone',
  );
  const again = await FileStore.open(directory);
  assert.is((await again.readHead()).meta.hlc, 1);
  await again.close();
  await rm(directory, { recursive: true });
});

test('a record whose bytes changed on disk is not believed', async () => {
  const directory = await newDirectory();
  const store = await FileStore.open(directory);
  await store.write({ durability: 'strict', meta: { hlc: 1 } });
  await store.close();
  await appendFile(join(directory, 'journal'), Buffer.from([4, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9]));

  const again = await FileStore.open(directory);
  assert.is((await again.readHead()).meta.hlc, 1);
  await again.close();
  await rm(directory, { recursive: true });
});

test('a journal that mostly holds what was replaced is written anew, and holds the same', async () => {
  const directory = await newDirectory();
  const store = await FileStore.open(directory);
  const big = new Uint8Array(1024 * 1024).fill(7);
  for (let number = 1; number <= 12; number++) {
    await store.write({
      durability: 'strict',
      meta: { hlc: number },
      snapshots: [{ document: 'people', number, snapshot: big }],
      updates: [{ document: 'people', number: number + 1, update: new Uint8Array([number]) }],
    });
  }
  await store.close();

  assert.ok((await readFile(join(directory, 'journal'))).length < 6 * big.length);
  const again = await FileStore.open(directory);
  assert.is((await again.readHead()).meta.hlc, 12);
  const people = await again.readDocument('people');
  assert.is(people.snapshot!.length, big.length);
  assert.equal(
    people.updates.map(({ number }) => number),
    [13],
  );
  await again.close();
  await rm(directory, { recursive: true });
});

test('a directory that a living process has open is refused; a dead one is taken over', async () => {
  const directory = await newDirectory();
  await writeFile(join(directory, 'lock'), '1');
  await FileStore.open(directory).then(
    () => assert.unreachable('two owners'),
    (error: Error) => assert.match(error.message, /open in process 1/),
  );
  await writeFile(join(directory, 'lock'), '999999999');

  const store = await FileStore.open(directory);
  await store.close();
  await rm(directory, { recursive: true });
});

test.run();

function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'espejo-store-'));
}

async function under(directory: string): Promise<StoreUnderTest> {
  const store = await FileStore.open(directory);
  return {
    store,
    reopen: async () => {
      await store.close();
      return under(directory);
    },
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
}
