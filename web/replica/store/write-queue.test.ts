import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newDeviceId } from '../../../shared/base/ids.ts';
import { emptyRecord } from '../hydration.ts';
import { ManualTime } from '../testing/manual-time.ts';
import { MemoryStore } from './memory-store.ts';
import type { OutboxEntry, StoreWrite } from './store.ts';
import { WriteQueue } from './write-queue.ts';

test('what is deferred is stored within a quarter of a second, all of it in one write', async () => {
  const { queue, written, time } = setup();

  queue.defer({ outboxRemove: ['a'], meta: { hlc: 1 } });
  queue.defer({ documents: [positionOf('people', 7)] });
  queue.defer({ outboxRemove: ['b'], meta: { hlc: 2 } });
  queue.defer({ documents: [positionOf('people', 8)] });
  assert.not(queue.isIdle);
  time.advance(250);
  await queue.idle();

  assert.equal(written, [
    {
      durability: 'relaxed',
      meta: { hlc: 2 },
      documents: [positionOf('people', 8)],
      outboxRemove: ['a', 'b'],
    },
  ]);
  time.advance(1_000);
  await queue.idle();
  assert.is(written.length, 1);
});

test('a commit passes by what is deferred', async () => {
  const { queue, written } = setup();
  const commit = commitOf('c');

  queue.defer({ outboxRemove: ['a'] });
  await queue.write(commit);

  assert.equal(written, [commit]);
  await queue.idle();
  assert.equal(written, [commit, { durability: 'relaxed', outboxRemove: ['a'] }]);
  assert.ok(queue.isIdle);
});

test('[STORE-3] every other write finds stored what was deferred before it', async () => {
  const position = { durability: 'strict', documents: [positionOf('people', 0)] } as const;
  const others: readonly StoreWrite[] = [
    position,
    { durability: 'relaxed', meta: { hlc: 9 } },
    { durability: 'strict', dropDocuments: ['people'] },
    { durability: 'strict', outboxRemove: ['c'] },
    commitOf('a'),
  ];
  for (const other of others) {
    const { queue, store } = setup();
    queue.defer({ documents: [positionOf('people', 7)], outboxRemove: ['a'], meta: { hlc: 1 } });
    await queue.write(other);
    const { documents, outbox, meta } = await store.readHead();

    assert.is(meta.hlc, other.meta?.hlc ?? 1);
    assert.equal(
      documents.map(({ seq }) => seq),
      other.dropDocuments ? [] : [other === position ? 0 : 7],
    );
    assert.is(outbox.length, other.outboxPut ? 1 : 0);
  }
});

test.run();

function setup() {
  const time = new ManualTime(0);
  const written: StoreWrite[] = [];
  const store = new MemoryStore();
  const queue = new WriteQueue(store, {
    setTimer: time.setTimer,
    onStored: (write) => written.push(write),
    onFailure: (error) => {
      throw error;
    },
  });
  return { queue, store, written, time };
}

function positionOf(name: string, seq: number) {
  return { ...emptyRecord(name), seq };
}

function commitOf(id: string): StoreWrite {
  const update = new Uint8Array([0, 0]);
  const parts = [{ document: 'people', epoch: 1, update }];
  const commit = { id, device: newDeviceId(), hlc: 1, schema: 1, label: '', parts };
  const entry = {
    commit,
    number: 1,
    createdAtMs: 0,
    priority: 1,
    attempts: 0,
    state: 'waiting',
  } as OutboxEntry;
  return {
    durability: 'strict',
    updates: [{ document: 'people', number: 1, update, commit: id }],
    outboxPut: [entry],
  };
}
