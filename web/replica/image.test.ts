import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { defineTable, integer, optional, type Schema, text } from '../../shared/schema/table.ts';
import { IMAGE_BLOCK_BYTES, imageWriteOf } from './image.ts';
import type { Replica } from './replica.ts';
import { MemoryStore } from './store/memory-store.ts';
import type { ImageManifest, Store } from './store/store.ts';
import { contentsOf, openTestReplica } from './testing/open-replica.ts';
import { shopSchema } from './testing/shop-schema.ts';

const test = suite('image');

test('[IMG-1] opened from the image, no document enters memory and all rows are there', async () => {
  const { store, contents } = await filled();

  const again = await openTestReplica({ store: store.reopen() });

  assert.equal(again.core.documents.openNames(), []);
  assert.equal(contentsOf(again), contents);
  await again.close();
});

test('[IMG-1] writes after the image are replayed onto it', async () => {
  const { store, replica } = await filled();
  await replica.execute("update customers set phone = 'later' where name = 'n1'");
  await replica.execute("delete from customers where name = 'n2'");
  const contents = contentsOf(replica);

  const again = await openTestReplica({ store: store.reopen() });
  assert.equal(contentsOf(again), contents);
  await again.close();
});

const damages: readonly (readonly [string, (manifest: ImageManifest, store: Store) => Promise<unknown>])[] = [
  ['is missing', (_, store) => store.write({ durability: 'strict', image: 'drop' })],
  [
    'misses a block',
    (manifest, store) =>
      store.write({ durability: 'strict', image: { manifest, put: new Map(), drop: [manifest.blocks[0]!] } }),
  ],
  [
    'has a torn block',
    (manifest, store) =>
      store.write({
        durability: 'strict',
        image: {
          manifest,
          put: new Map([[manifest.blocks[0]!, new Uint8Array(IMAGE_BLOCK_BYTES)]]),
          drop: [],
        },
      }),
  ],
  [
    'has a manifest that was half written',
    (manifest, store) =>
      store.write({
        durability: 'strict',
        image: { manifest: { ...manifest, number: manifest.number + 1 }, put: new Map(), drop: [] },
      }),
  ],
];

for (const [name, damage] of damages) {
  test(`[IMG-2] an image that ${name} is rebuilt from the documents, with progress`, async () => {
    const { store, contents, replica } = await filled();
    await replica.close();
    const disk = store.reopen();
    await damage((await disk.readHead()).image!, disk);
    const progress: number[] = [];

    const again = await openTestReplica({ store: disk, onRebuilding: (part) => progress.push(part) });

    assert.equal(contentsOf(again), contents);
    assert.is(progress.at(-1), 1);
    assert.is(again.status().rebuilding, undefined);
    await again.close();
  });
}

test('[IMG-2] an image of another schema is rebuilt, and the added column is there', async () => {
  const { store, replica } = await filled();
  await replica.close();
  const schema: Schema = {
    ...shopSchema,
    version: 2,
    tables: shopSchema.tables.map((table) =>
      table.name === 'customers'
        ? defineTable(
            'customers',
            { family: 'people' },
            {
              name: text(),
              phone: optional(text()),
              email: optional(text()),
              visits: integer({ default: 7 }),
            },
          )
        : table,
    ),
  };

  const again = await openTestReplica({ store: store.reopen(), schema });
  assert.equal(again.query("select name, visits from customers where name = 'n1'"), [
    { name: 'n1', visits: 7 },
  ]);
  await again.close();
});

test('[IMG-3] only blocks that changed are written, and those no longer used are dropped', () => {
  const image = new Uint8Array(IMAGE_BLOCK_BYTES * 4 + 100).fill(1);
  const first = imageWriteOf(image, 1, 's', undefined);
  image[IMAGE_BLOCK_BYTES * 2 + 5] = 9;
  const second = imageWriteOf(image, 2, 's', first.manifest);

  assert.is(first.put.size, 5);
  assert.equal([...second.put.keys()], [second.manifest.blocks[2]]);
  assert.equal(second.drop, [first.manifest.blocks[2]]);
  assert.is(second.manifest.generation, 2);
});

test.run();

async function filled(): Promise<{ store: MemoryStore; replica: Replica; contents: unknown }> {
  const store = new MemoryStore();
  const replica = await openTestReplica({ store });
  const order = newId();
  await replica.transaction([
    ...Array.from({ length: 300 }, (_, index) => ({
      sql: 'insert into customers (id, name) values (?, ?)',
      params: [newId(), `n${index}`],
    })),
    { sql: 'insert into orders (id, status) values (?, ?)', params: [order, 'open'] },
    { sql: 'insert into lines (id, order_id, title) values (?, ?, ?)', params: [newId(), order, 'x'] },
  ]);
  await replica.editText({ table: 'orders', id: order, column: 'notes' }, '', 'brakes');
  await replica.checkpoint();
  return { store, replica, contents: contentsOf(replica) };
}
