/**
 * The stored state as plain maps, and what a write does to it. The memory store is this and nothing else; the
 * file store replays its journal into it. The IndexedDB store does the same steps on object stores, and the
 * contract suite holds all three to one behaviour.
 */
import type {
  DocumentRecord,
  DocumentSnapshot,
  ImageManifest,
  OutboxEntry,
  StoredDocument,
  StoredUpdate,
  StoreHead,
  StoreMeta,
  StoreNotes,
  StoreWrite,
} from './store.ts';

export class StoreState {
  #meta: StoreMeta = {};
  #notes: StoreNotes = {};
  #image: ImageManifest | undefined;
  readonly #documents = new Map<string, DocumentRecord>();
  readonly #snapshots = new Map<string, DocumentSnapshot>();
  readonly #updatesByDocument = new Map<string, Map<number, StoredUpdate>>();
  readonly #outbox = new Map<string, OutboxEntry>();
  readonly #blocks = new Map<string, Uint8Array>();

  head(): StoreHead {
    return {
      meta: this.#meta,
      notes: this.#notes,
      documents: [...this.#documents.values()],
      outbox: [...this.#outbox.values()].sort((a, b) => a.number - b.number),
      image: this.#image,
      updates: [...this.#updatesByDocument.keys()]
        .sort()
        .flatMap((document) => this.#numbers(document).map((number) => [document, number] as const)),
    };
  }

  imageBlocks(hashes: readonly string[]): readonly Uint8Array[] | undefined {
    const blocks = hashes.map((hash) => this.#blocks.get(hash));
    return blocks.every((block) => block !== undefined) ? blocks : undefined;
  }

  document(name: string): StoredDocument {
    const updates = this.#updatesByDocument.get(name);
    return {
      snapshot: this.#snapshots.get(name)?.snapshot,
      updates: updates ? this.#numbers(name).map((number) => updates.get(number)!) : [],
    };
  }

  apply(write: StoreWrite): void {
    for (const name of write.dropDocuments ?? []) {
      this.#documents.delete(name);
      this.#snapshots.delete(name);
      this.#updatesByDocument.delete(name);
    }
    if (write.meta) this.#meta = { ...this.#meta, ...write.meta };
    if (write.notes) this.#notes = { ...this.#notes, ...write.notes };
    for (const [document, number] of write.dropUpdates ?? []) {
      this.#updatesByDocument.get(document)?.delete(number);
    }
    for (const snapshot of write.snapshots ?? []) {
      this.#snapshots.set(snapshot.document, snapshot);
      for (const number of this.#numbers(snapshot.document)) {
        if (number <= snapshot.number) this.#updatesByDocument.get(snapshot.document)!.delete(number);
      }
    }
    for (const update of write.updates ?? []) {
      let updates = this.#updatesByDocument.get(update.document);
      if (!updates) {
        updates = new Map();
        this.#updatesByDocument.set(update.document, updates);
      }
      updates.set(update.number, update);
    }
    for (const record of write.documents ?? []) this.#documents.set(record.name, record);
    for (const id of write.outboxRemove ?? []) this.#outbox.delete(id);
    for (const entry of write.outboxPut ?? []) this.#outbox.set(entry.commit.id, entry);
    if (write.image === 'drop') {
      this.#image = undefined;
      this.#blocks.clear();
    } else if (write.image) {
      this.#image = write.image.manifest;
      for (const hash of write.image.drop) this.#blocks.delete(hash);
      for (const [hash, block] of write.image.put) this.#blocks.set(hash, block);
    }
  }

  /** The writes that make this state from nothing, for a journal that is written anew. */
  *asWrites(): Generator<StoreWrite> {
    const durability = 'strict' as const;
    yield {
      durability,
      meta: this.#meta,
      notes: this.#notes,
      documents: [...this.#documents.values()],
      outboxPut: [...this.#outbox.values()],
    };
    for (const snapshot of this.#snapshots.values()) yield { durability, snapshots: [snapshot] };
    for (const updates of this.#updatesByDocument.values()) {
      if (updates.size > 0) yield { durability, updates: [...updates.values()] };
    }
    if (this.#image) {
      yield { durability, image: { manifest: this.#image, put: this.#blocks, drop: [] } };
    }
  }

  #numbers(document: string): number[] {
    return [...(this.#updatesByDocument.get(document)?.keys() ?? [])].sort((a, b) => a - b);
  }
}
