import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { FolderStore } from './folder-store.ts';
import { testObjectStoreContract } from './object-store.contract.ts';

const test = testObjectStoreContract('objects in a folder', async () => {
  const folder = await newFolder();
  return { store: await FolderStore.open(folder), close: () => rm(folder, { recursive: true }) };
});

test('[OBJ-1] what a crash left half written is never listed, and is removed by a later open', async () => {
  const folder = await newFolder();
  await FolderStore.open(folder);
  await writeFile(join(folder, '.tmp', 'torn'), 'half');
  await writeFile(join(folder, '.tmp', 'under-way'), 'half');
  await utimes(join(folder, '.tmp', 'torn'), 1, 1);

  const store = await FolderStore.open(folder);

  assert.equal(await readdir(join(folder, '.tmp')), ['under-way']);
  for await (const { key } of store.list('')) assert.unreachable(`${key} was listed`);
  await rm(folder, { recursive: true });
});

test('[OBJ-1] no temporary file stays behind, whoever won', async () => {
  const folder = await newFolder();
  const store = await FolderStore.open(folder);

  await store.putIfAbsent('a/b', new Uint8Array(3));
  await store.putIfAbsent('a/b', new Uint8Array(3));

  assert.equal(await readdir(join(folder, '.tmp')), []);
  await rm(folder, { recursive: true });
});

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'espejo-objects-'));
}

test.run();
