/**
 * One store write at a time, in the order asked for; what waits meanwhile shares the next one. Serial, because a
 * write that the disk refuses must take those after it along: their updates build on its updates, and without
 * them would be a gap for ever [STORE-3].
 */
import type { DocumentRecord, OutboxEntry, Store, StoredUpdate, StoreMeta, StoreWrite } from './store.ts';

interface Queued {
  readonly write: StoreWrite;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface WriteQueueListener {
  /** Before any promise of the write resolves. */
  onStored(write: StoreWrite): void;
  /** Before any promise of the lost writes rejects. */
  onFailure(error: unknown, lost: readonly StoreWrite[]): void;
}

export class WriteQueue {
  readonly #store: Store;
  readonly #listener: WriteQueueListener;
  #queued: Queued[] = [];
  #running: Promise<void> | undefined;

  constructor(store: Store, listener: WriteQueueListener) {
    this.#store = store;
    this.#listener = listener;
  }

  write(write: StoreWrite): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ write, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Resolves when nothing waits and nothing is under way. Never rejects. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, mergeableCount(this.#queued));
      const write = batch.length === 1 ? batch[0]!.write : merge(batch.map((queued) => queued.write));
      try {
        await this.#store.write(write);
        this.#listener.onStored(write);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const lost = [...batch, ...this.#queued.splice(0)];
        this.#listener.onFailure(
          error,
          lost.map((queued) => queued.write),
        );
        for (const { reject } of lost) reject(error);
      }
    }
    this.#running = undefined;
  }
}

/** How many from the front may share one transaction: additions do, replacements go alone. */
function mergeableCount(queued: readonly Queued[]): number {
  let count = 0;
  while (count < queued.length && isAddition(queued[count]!.write)) count++;
  return Math.max(1, count);
}

function isAddition(write: StoreWrite): boolean {
  return !write.snapshots && !write.dropDocuments && !write.dropUpdates && !write.image;
}

function merge(writes: readonly StoreWrite[]): StoreWrite {
  let meta: StoreMeta | undefined;
  const documents = new Map<string, DocumentRecord>();
  const updates: StoredUpdate[] = [];
  const put = new Map<string, OutboxEntry>();
  const removed = new Set<string>();
  for (const write of writes) {
    if (write.meta) meta = { ...meta, ...write.meta };
    for (const record of write.documents ?? []) documents.set(record.name, record);
    for (const update of write.updates ?? []) updates.push(update);
    for (const id of write.outboxRemove ?? []) {
      put.delete(id);
      removed.add(id);
    }
    for (const entry of write.outboxPut ?? []) {
      put.set(entry.commit.id, entry);
      removed.delete(entry.commit.id);
    }
  }
  return {
    durability: writes.some(({ durability }) => durability === 'strict') ? 'strict' : 'relaxed',
    ...(meta ? { meta } : {}),
    ...(documents.size > 0 ? { documents: [...documents.values()] } : {}),
    ...(updates.length > 0 ? { updates } : {}),
    ...(put.size > 0 ? { outboxPut: [...put.values()] } : {}),
    ...(removed.size > 0 ? { outboxRemove: [...removed] } : {}),
  };
}
