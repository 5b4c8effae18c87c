/**
 * When the SQL image and the snapshots of documents are written: in the background, once writing has paused, and
 * at least every half minute while it does not. Never between a write and its promise.
 *
 * A document's updates are folded into one snapshot when they have become many, but not while one of them is part
 * of a commit that the relay has not stored: such a commit may still have to be taken out again (rebase.ts).
 */
import { encodeStateAsUpdate } from 'yjs';
import type { Core } from './core.ts';
import { changedImageOf, type Image, imageWriteOf } from './image.ts';
import type { Stop } from './status.ts';
import type { ImageManifest, ImageWrite } from './store/store.ts';

/** Long enough that a burst of writes makes one image, short enough that a reload finds it. */
const IDLE_MS = 1_500;
const MAX_WAIT_MS = 30_000;
/** Reading an update costs a request and an integration each; a hundred take some milliseconds. */
const FOLD_FROM_UPDATES = 100;

export class Checkpoint {
  readonly #core: Core;
  readonly #schemaHash: string;
  readonly #image: Image;
  /** Of what is stored. */
  #manifest: ImageManifest | undefined;
  #cancel: Stop = () => {};
  #dueMs: number | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(core: Core, schemaHash: string, image: Image) {
    this.#core = core;
    this.#schemaHash = schemaHash;
    this.#image = image;
    this.#manifest = image.manifest;
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
    const { queue } = this.#core;
    // All of it will be stored anew: what only the disk has yet is read here, where nobody waits for it.
    if (this.#manifest === undefined) await this.#image.readAhead();
    // What is not stored yet must not be in an image that is.
    while (!queue.isIdle) await queue.idle();
    if (this.#closed) return;
    // What the disk refused is in SQL until its documents are loaded again, and must not be in the image either.
    if (this.#core.documents.stale().length > 0) {
      this.touch();
      return;
    }
    const number = this.#core.lastNumber();
    if (number > (this.#manifest?.number ?? -1)) await this.#writeImage(number);
    await this.#fold();
    if (queue.isIdle) this.#core.documents.dropUnderBudget();
  }

  async #writeImage(number: number): Promise<void> {
    const { file } = this.#image;
    const previous = this.#manifest;
    const changed = file.takeChanged();
    let manifest: ImageManifest | undefined;
    try {
      const image = this.#imageOf(changed, number);
      manifest = image.manifest;
      this.#manifest = manifest;
      await this.#core.queue.write({ durability: 'relaxed', image });
    } catch (error) {
      file.putBack(changed);
      // Else it was dropped meanwhile.
      if (this.#manifest === manifest) this.#manifest = previous;
      throw error;
    }
  }

  #imageOf(changed: ReadonlySet<number>, number: number): ImageWrite {
    const { sql } = this.#core;
    const [schemaHash, previous] = [this.#schemaHash, this.#manifest];
    const { file } = this.#image;
    if (!file.isLeft) return changedImageOf(file, changed, { number, schemaHash, previous });
    this.#image.release();
    return imageWriteOf(sql.export(), number, schemaHash, previous);
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
