/**
 * When the SQL image and the snapshots of documents are written: in the background, once writing has paused, and
 * at least every half minute while it does not. Never between a write and its promise.
 *
 * A document's updates are folded into one snapshot when they have become many, but not while one of them is part
 * of a commit that the relay has not stored: such a commit may still have to be taken out again (rebase.ts).
 */
import { encodeStateAsUpdate } from 'yjs';
import type { Core } from './core.ts';
import { imageWriteOf } from './image.ts';
import type { Stop } from './status.ts';
import type { ImageManifest } from './store/store.ts';

/** Long enough that a burst of writes makes one image, short enough that a reload finds it. */
const IDLE_MS = 1_500;
const MAX_WAIT_MS = 30_000;
/** Reading an update costs a request and an integration each; a hundred take some milliseconds. */
const FOLD_FROM_UPDATES = 100;

export class Checkpoint {
  readonly #core: Core;
  readonly #schemaHash: string;
  #manifest: ImageManifest | undefined;
  #cancel: Stop = () => {};
  #dueMs: number | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, schemaHash: string, manifest: ImageManifest | undefined) {
    this.#core = core;
    this.#schemaHash = schemaHash;
    this.#manifest = manifest;
  }

  /** Something changed: write an image when it has been quiet for a while. */
  touch(): void {
    if (this.#closed) return;
    const nowMs = this.#core.deps.nowMs();
    this.#dueMs ??= nowMs + MAX_WAIT_MS;
    this.#cancel();
    this.#cancel = this.#core.deps.setTimer(Math.max(0, Math.min(IDLE_MS, this.#dueMs - nowMs)), () => {
      this.run().catch(() => {}); // told through the write queue's failure; the image is only a cache
    });
  }

  /** The stored image was dropped, with all its blocks. */
  imageDropped(): void {
    this.#manifest = undefined;
  }

  /** Writes the image now, if it is behind, then folds documents. */
  run(): Promise<void> {
    this.#cancel();
    this.#dueMs = undefined;
    this.#running ??= this.#write().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #write(): Promise<void> {
    const { queue, sql } = this.#core;
    // What is not stored yet must not be in an image that is.
    while (!queue.isIdle) await queue.idle();
    if (this.#closed) return;
    // What the disk refused is in SQL until its documents are loaded again, and must not be in the image either.
    if (this.#core.documents.stale().length > 0) {
      this.touch();
      return;
    }
    const number = this.#core.lastNumber();
    if (number > (this.#manifest?.number ?? -1)) {
      const image = imageWriteOf(sql.export(), number, this.#schemaHash, this.#manifest);
      this.#manifest = image.manifest;
      try {
        await queue.write({ durability: 'relaxed', image });
      } catch (error) {
        this.#manifest = undefined;
        throw error;
      }
    }
    await this.#fold();
    if (queue.isIdle) this.#core.documents.dropUnderBudget();
  }

  async #fold(): Promise<void> {
    const { documents, outbox, queue } = this.#core;
    for (const name of documents.openNames()) {
      if (this.#closed || !queue.isIdle) return;
      const open = documents.get(name);
      if (!open || documents.tailLength(name) < FOLD_FROM_UPDATES) continue;
      if (outbox.touches(name) || documents.hasGap(name)) continue;
      const snapshot = encodeStateAsUpdate(open.doc);
      const number = documents.lastNumberOf(name);
      const record = { ...documents.record(name), snapshotNumber: number, snapshotBytes: snapshot.length };
      documents.noteSnapshot(record);
      await queue.write({
        durability: 'relaxed',
        documents: [record],
        snapshots: [{ document: name, number, snapshot }],
      });
    }
  }
}
