/**
 * One store write at a time, in the order asked for; what waits meanwhile shares the next one. Serial, because a
 * write that the disk refuses must take those after it along: their updates build on its updates, and without
 * them would be a gap for ever [STORE-3].
 *
 * What the relay tells again when it is lost (that it has a commit, and where in the log it is) may be deferred: each
 * commit would otherwise wait for two transactions about the one before it. A commit passes what is deferred by, for
 * it touches other keys; any other write has it stored first.
 */
import type { Stop } from '../status.ts';
import type {
  DocumentRecord,
  OutboxEntry,
  Store,
  StoredUpdate,
  StoreMeta,
  StoreNotes,
  StoreWrite,
} from './store.ts';

/** So much of what the relay told is told again after a crash; it makes one transaction of dozens of acks. */
const DEFER_MS = 250;

interface Queued {
  readonly write: StoreWrite;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Keys that no commit writes. */
export type DeferredWrite = Pick<StoreWrite, 'meta' | 'documents' | 'outboxRemove'>;

export interface WriteQueueOptions {
  readonly setTimer: (ms: number, run: () => void) => Stop;
  /** Before any promise of the write resolves. */
  onStored(write: StoreWrite): void;
  /** Before any promise of the lost writes rejects. */
  onFailure(error: unknown, lost: readonly StoreWrite[]): void;
}

export class WriteQueue {
  readonly #store: Store;
  readonly #options: WriteQueueOptions;
  #queued: Queued[] = [];
  #deferred: StoreWrite[] = [];
  /** What the deferred writes take out of the outbox: some hundred, looked at with each commit. */
  readonly #deferredRemovals = new Set<string>();
  #cancelDeferred: Stop = () => {};
  #running: Promise<void> | undefined;

  constructor(store: Store, options: WriteQueueOptions) {
    this.#store = store;
    this.#options = options;
  }

  write(write: StoreWrite): Promise<void> {
    if (this.#deferred.length > 0 && !this.#mayPass(write)) this.#writeDeferred();
    return this.#enqueue(write);
  }

  /** Stored soon. That it failed is told to the listener only. */
  defer(write: DeferredWrite): void {
    this.#deferred.push({ durability: 'relaxed', ...write });
    for (const id of write.outboxRemove ?? []) this.#deferredRemovals.add(id);
    if (this.#deferred.length > 1) return;
    this.#cancelDeferred = this.#options.setTimer(DEFER_MS, () => this.#writeDeferred());
  }

  get isIdle(): boolean {
    return this.#running === undefined && this.#deferred.length === 0;
  }

  /**
   * Resolves when nothing waits and nothing is under way. Never rejects. Something may be asked for before whoever
   * waits goes on; who must not be overtaken says `while (!queue.isIdle) await queue.idle()`.
   */
  async idle(): Promise<void> {
    this.#writeDeferred();
    while (this.#running) await this.#running;
  }

  #enqueue(write: StoreWrite): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ write, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  #writeDeferred(): void {
    if (this.#deferred.length === 0) return;
    this.#cancelDeferred();
    const write = merge(this.#deferred);
    this.#deferred = [];
    this.#deferredRemovals.clear();
    this.#enqueue(write).catch(() => {}); // the listener heard of it
  }

  /** A commit, and none that a deferred write takes out of the outbox. */
  #mayPass(write: StoreWrite): boolean {
    return (
      isAddition(write) &&
      !write.meta &&
      !write.documents &&
      !write.outboxRemove &&
      !write.outboxPut?.some(({ commit }) => this.#deferredRemovals.has(commit.id))
    );
  }

  async #run(): Promise<void> {
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, mergeableCount(this.#queued));
      const write = batch.length === 1 ? batch[0]!.write : merge(batch.map((queued) => queued.write));
      try {
        await this.#store.write(write);
        this.#options.onStored(write);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const lost = [...batch, ...this.#queued.splice(0)];
        this.#options.onFailure(
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
  let notes: StoreNotes | undefined;
  const documents = new Map<string, DocumentRecord>();
  const updates: StoredUpdate[] = [];
  const put = new Map<string, OutboxEntry>();
  const removed = new Set<string>();
  for (const write of writes) {
    if (write.meta) meta = { ...meta, ...write.meta };
    if (write.notes) notes = { ...notes, ...write.notes };
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
    ...(notes ? { notes } : {}),
    ...(documents.size > 0 ? { documents: [...documents.values()] } : {}),
    ...(updates.length > 0 ? { updates } : {}),
    ...(put.size > 0 ? { outboxPut: [...put.values()] } : {}),
    ...(removed.size > 0 ? { outboxRemove: [...removed] } : {}),
  };
}
