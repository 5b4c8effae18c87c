/**
 * The store of the browser. One IndexedDB transaction per write, with `durability: 'strict'` where the write says
 * so: Chromium and Firefox then flush to disk before the transaction completes (without it, a power cut within
 * seconds of a sale loses it).
 *
 * Of two engines over one database only the later one writes [STORE-4]. A tab that was taken over may not have heard
 * of it, and would number its updates as the other does. So each opening takes the next term and closes the one
 * before it, and each write adds the key that closes its term and deletes it again: where it is there already, the
 * transaction falls. Asking first would cost a round trip before each commit.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, unwrap } from 'idb';
import { openBlobs } from './blob-block.ts';
import { keyRunsOf } from './key-runs.ts';
import {
  type DocumentRecord,
  type ImageManifest,
  type OutboxEntry,
  type Store,
  type StoredBlock,
  type StoredDocument,
  StoreError,
  type StoreHead,
  type StoreMeta,
  type StoreNotes,
  type StoreWrite,
} from './store.ts';
import { bytesNamedBy, type StoredEntry, withoutStoredBytes, withStoredBytes } from './stored-bytes.ts';

const VERSION = 1;
/** No tab sleeps through this many openings. */
const CLOSED_TERMS_KEPT = 1_000;
/** Nothing else runs while one answer is unpacked. */
const BLOCKS_PER_REQUEST = 256;

interface Layout extends DBSchema {
  meta: {
    key: 'meta' | 'image' | 'term' | ClosedKey | NoteKey;
    value: StoreMeta | ImageManifest | number | Note;
  };
  document: { key: string; value: DocumentRecord };
  snapshot: { key: string; value: Uint8Array };
  updates: { key: [string, number]; value: { update: Uint8Array; commit?: string } };
  outbox: { key: string; value: StoredEntry };
  block: { key: string; value: Blob };
}
/** There once its term is over. */
type ClosedKey = `closed-${number}`;
type NoteKey = `note-${keyof StoreNotes}`;
type Note = NonNullable<StoreNotes[keyof StoreNotes]>;
type StoreName = 'meta' | 'document' | 'snapshot' | 'updates' | 'outbox' | 'block';

export class IndexedDbStore implements Store {
  readonly kind = 'indexeddb';
  readonly #database: IDBPDatabase<Layout>;
  #closed: string | undefined;
  /** As stored, so that a write need not read it first. Known once the head was read. */
  #meta: StoreMeta = {};
  /** Known once the head was read. */
  #term = 0;
  /** Keys that the outbox may hold: those read, and those put since. */
  #outboxKeys = new Set<string>();
  #ahead: Promise<StoreHead> | undefined;

  constructor(database: IDBPDatabase<Layout>, onClosed: (because: string) => void = () => {}) {
    this.#database = database;
    // Another tab with a newer build wants to upgrade: staying open would block it for ever.
    database.addEventListener('versionchange', () => {
      this.#closed = 'a newer version of the app was opened in another tab';
      database.close();
      onClosed(this.#closed);
    });
    database.addEventListener('close', () => {
      this.#closed = 'the browser closed the database, perhaps because site data was cleared';
      onClosed(this.#closed);
    });
  }

  /** Starts to read the head, for the next readHead. */
  readAhead(): void {
    this.#ahead = this.#readHead();
    this.#ahead.catch(() => {}); // whoever asks hears of it
  }

  async readHead(): Promise<StoreHead> {
    return this.#guard(async () => {
      const head = await (this.#ahead ?? this.#readHead());
      this.#ahead = undefined;
      return head;
    });
  }

  async #readHead(): Promise<StoreHead> {
    const transaction = this.#database.transaction(['meta', 'document', 'updates', 'outbox'], 'readwrite', {
      durability: 'relaxed',
    });
    transaction.done.catch(() => {}); // a full disk: reading goes on, and every write tells
    const [term, meta, undo, sync, image, documents, outbox, updates] = await Promise.all([
      transaction
        .objectStore('meta')
        .get('term')
        .then((last) => this.#takeTerm(transaction, last)),
      transaction.objectStore('meta').get('meta'),
      transaction.objectStore('meta').get('note-undo'),
      transaction.objectStore('meta').get('note-sync'),
      transaction.objectStore('meta').get('image'),
      transaction.objectStore('document').getAll(),
      transaction
        .objectStore('outbox')
        .getAll()
        .then((entries) => Promise.all(entries.map((entry) => withBytes(transaction, entry)))),
      transaction.objectStore('updates').getAllKeys(),
    ]);
    this.#term = term;
    this.#meta = (meta ?? {}) as StoreMeta;
    this.#outboxKeys = new Set(outbox.map(({ commit }) => commit.id));
    return {
      meta: this.#meta,
      notes: { ...(undo ? { undo } : {}), ...(sync ? { sync } : {}) } as StoreNotes,
      image: image as ImageManifest | undefined,
      documents,
      outbox: outbox.sort((a, b) => a.number - b.number),
      updates,
    };
  }

  async openImageBlocks(hashes: readonly string[]): Promise<readonly StoredBlock[] | undefined> {
    return this.#guard(async () => {
      const blocks = this.#database.transaction('block', 'readonly').store;
      // Two requests for many, instead of one each: blocks of an image are neighbours by name.
      const sorted = [...hashes].sort();
      const parts: Promise<[string[], Blob[]]>[] = [];
      for (let from = 0; from < sorted.length; from += BLOCKS_PER_REQUEST) {
        const part = sorted.slice(from, from + BLOCKS_PER_REQUEST);
        const range = IDBKeyRange.bound(part[0], part.at(-1));
        parts.push(Promise.all([blocks.getAllKeys(range), blocks.getAll(range)]));
      }
      const byHash = new Map<string, Blob>();
      for (const [keys, blobs] of await Promise.all(parts))
        for (const [index, key] of keys.entries()) {
          const blob: unknown = blobs[index];
          if (blob instanceof Blob) byHash.set(key, blob);
        }
      const found = hashes.flatMap((hash) => byHash.get(hash) ?? []);
      return found.length === hashes.length ? openBlobs(found) : undefined;
    });
  }

  async readDocument(document: string): Promise<StoredDocument> {
    return this.#guard(async () => {
      const transaction = this.#database.transaction(['snapshot', 'updates'], 'readonly');
      const range = rangeOf(document);
      const updates = transaction.objectStore('updates');
      const [snapshot, keys, values] = await Promise.all([
        transaction.objectStore('snapshot').get(document),
        updates.getAllKeys(range),
        updates.getAll(range),
      ]);
      return {
        snapshot,
        updates: values.map((value, index) => ({ document, number: keys[index]![1], ...value })),
      };
    });
  }

  async write(write: StoreWrite): Promise<void> {
    return this.#guard(async () => {
      const transaction = this.#database.transaction(storesOf(write), 'readwrite', {
        durability: write.durability,
      });
      // Without a promise for each request: the first that fails ends the transaction, which tells of it.
      const raw = unwrap(transaction);
      const documents = () => raw.objectStore('document');
      const updates = () => raw.objectStore('updates');
      const outbox = () => raw.objectStore('outbox');
      const meta = raw.objectStore('meta');
      // Asked itself: of a transaction that falls Chromium says only that it fell.
      const holding = meta.add(this.#term, closedKey(this.#term));
      holding.onerror = () => {
        if (holding.error?.name === 'ConstraintError')
          this.#closed = 'the app was opened in another tab, which goes on';
      };
      meta.delete(closedKey(this.#term));
      for (const name of write.dropDocuments ?? []) {
        documents().delete(name);
        raw.objectStore('snapshot').delete(name);
        updates().delete(rangeOf(name));
      }
      if (write.meta) {
        this.#meta = { ...this.#meta, ...write.meta };
        meta.put(this.#meta, 'meta');
      }
      for (const [name, note] of Object.entries(write.notes ?? {}) as [keyof StoreNotes, Note][])
        meta.put(note, `note-${name}`);
      for (const [document, number] of write.dropUpdates ?? []) updates().delete([document, number]);
      for (const { document, number, snapshot } of write.snapshots ?? []) {
        raw.objectStore('snapshot').put(snapshot, document);
        updates().delete(rangeOf(document, number));
      }
      for (const { document, number, update, commit } of write.updates ?? [])
        updates().put(commit === undefined ? { update } : { update, commit }, [document, number]);
      for (const record of write.documents ?? []) documents().put(record);
      const { outboxRemove: removed = [], outboxPut: put = [] } = write;
      for (const { commit } of put) this.#outboxKeys.add(commit.id);
      for (const [first, last] of keyRunsOf(removed, this.#outboxKeys))
        outbox().delete(IDBKeyRange.bound(first, last));
      for (const entry of withoutStoredBytes(write)) outbox().put(entry, entry.commit.id);
      if (write.image === 'drop') {
        meta.delete('image');
        raw.objectStore('block').clear();
      } else if (write.image) {
        const blocks = raw.objectStore('block');
        meta.put(write.image.manifest, 'image');
        for (const hash of write.image.drop) blocks.delete(hash);
        for (const [hash, block] of write.image.put)
          blocks.put(new Blob([block as Uint8Array<ArrayBuffer>]), hash);
      }
      raw.commit();
      try {
        await transaction.done;
      } catch (error) {
        const why = raw.error ?? error;
        throw this.#closed === undefined ? why : new StoreError('closed', this.#closed);
      }
      for (const id of removed) this.#outboxKeys.delete(id);
      for (const { commit } of put) this.#outboxKeys.add(commit.id);
    });
  }

  async close(): Promise<void> {
    this.#closed ??= 'the store is closed';
    // Waits for transactions under way by itself.
    this.#database.close();
  }

  async #takeTerm(
    transaction: IDBPTransaction<Layout, StoreName[], 'readwrite'>,
    last: Layout['meta']['value'] | undefined,
  ): Promise<number> {
    const term = typeof last === 'number' ? last + 1 : 1;
    const meta = transaction.objectStore('meta');
    meta.put(term, 'term').catch(() => {});
    meta.put(term, closedKey(term - 1)).catch(() => {});
    meta.delete(closedKey(term - CLOSED_TERMS_KEPT)).catch(() => {});
    return term;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new StoreError('closed', this.#closed);
    try {
      return await work();
    } catch (error) {
      throw storeErrorOf(error);
    }
  }
}

/** With the updates that it only names. */
async function withBytes(
  transaction: IDBPTransaction<Layout, StoreName[], 'readwrite'>,
  entry: StoredEntry,
): Promise<OutboxEntry> {
  const named = bytesNamedBy(entry);
  const stored = await Promise.all(named.map((key) => transaction.objectStore('updates').get([...key])));
  const bytes = new Map(named.map(([document], index) => [document, stored[index]?.update]));
  return withStoredBytes(entry, (document) => bytes.get(document));
}

/** Opens or creates the database of one workspace and user. Throws StoreError where the browser has none. */
export async function openIndexedDbStore(
  name: string,
  onClosed?: (because: string) => void,
): Promise<IndexedDbStore> {
  try {
    const database = await openDB<Layout>(name, VERSION, {
      upgrade: (upgrading) => {
        for (const store of ['meta', 'snapshot', 'updates', 'outbox', 'block'] as const) {
          upgrading.createObjectStore(store);
        }
        upgrading.createObjectStore('document', { keyPath: 'name' });
      },
    });
    return new IndexedDbStore(database, onClosed);
  } catch (error) {
    throw storeErrorOf(error);
  }
}

function closedKey(term: number): ClosedKey {
  return `closed-${term}`;
}

/** Every update of a document up to `number`, both included. */
function rangeOf(document: string, number = Number.MAX_SAFE_INTEGER): IDBKeyRange {
  return IDBKeyRange.bound([document, 0], [document, number]);
}

function storesOf(write: StoreWrite): StoreName[] {
  const names = new Set<StoreName>(['meta']);
  if (write.documents || write.dropDocuments) names.add('document');
  if (write.updates || write.snapshots || write.dropDocuments || write.dropUpdates) names.add('updates');
  if (write.snapshots || write.dropDocuments) names.add('snapshot');
  if (write.outboxPut || write.outboxRemove) names.add('outbox');
  if (write.image) names.add('block');
  return [...names];
}

function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { name, message } = error as { name?: string; message?: string };
  if (name === 'QuotaExceededError')
    return new StoreError(
      'quota',
      'the device has no room left for this change; free some space and try again',
    );
  return new StoreError('failed', `the device could not store this change: ${message ?? name ?? 'unknown'}`);
}
