/**
 * A store in memory whose disk takes its time: reads and writes end some turns after they were asked for, so that
 * everything else happens in between; a write may be refused; and a crash takes along, or just not, what was on its
 * way. Chance decides, and the same seed decides the same.
 */
import type { Prng } from '../../../shared/testing/prng.ts';
import { MemoryStore } from '../store/memory-store.ts';
import {
  type Store,
  type StoredDocument,
  StoreError,
  type StoreHead,
  type StoreWrite,
} from '../store/store.ts';

/** An operation takes fewer turns of the event loop than this. */
const MAX_TURNS = 3;
/** A page, so the smallest block is noise throughout. */
const NOISE_BYTES = 4_096;

export interface SlowStoreOptions {
  readonly random: Prng;
  /** Asked before each write; true: the disk has no room for it. */
  readonly refuses: () => boolean;
}

export class SlowStore implements Store {
  readonly kind = 'memory';
  readonly #inner: MemoryStore;
  readonly #options: SlowStoreOptions;
  /** On its way to the disk. */
  #writing: StoreWrite | undefined;
  #isDead = false;

  constructor(options: SlowStoreOptions, inner = new MemoryStore()) {
    this.#options = options;
    this.#inner = inner;
  }

  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  async readHead(): Promise<StoreHead> {
    await this.#takeTime();
    return this.#inner.readHead();
  }

  async openImageBlocks(hashes: readonly string[]): Promise<readonly Uint8Array[] | undefined> {
    await this.#takeTime();
    return this.#inner.openImageBlocks(hashes);
  }

  async readDocument(document: string): Promise<StoredDocument> {
    await this.#takeTime();
    return this.#inner.readDocument(document);
  }

  async write(write: StoreWrite): Promise<void> {
    if (this.#options.refuses()) throw new StoreError('quota', 'the device has no room left (by chance)');
    // As the disk was given it: whoever asked may change its objects meanwhile.
    this.#writing = structuredClone(write);
    await this.#takeTime();
    const { inner, written } = { inner: this.#inner, written: this.#writing };
    this.#writing = undefined;
    await inner.write(written);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** The process is gone: nothing resolves any more. Another store over what the disk has then. */
  async crash(): Promise<SlowStore> {
    this.#isDead = true;
    if (this.#writing && this.#options.random.chance(2)) await this.#inner.write(this.#writing);
    return this.reopen();
  }

  /** The browser gave up the image, behind the back of whoever has the store open. */
  dropImage(): Promise<void> {
    return this.#inner.write({ durability: 'strict', image: 'drop' });
  }

  /** One block of the image is lost or full of noise. False when there is no image. */
  async tearImage(): Promise<boolean> {
    const { random } = this.#options;
    const { image: manifest } = await this.#inner.readHead();
    if (!manifest || manifest.blocks.length === 0) return false;
    const hash = random.pick(manifest.blocks);
    const [block] = (await this.#inner.openImageBlocks([hash])) ?? [];
    if (!block) return false; // gone already
    const noisy = block.slice();
    noisy.set(random.bytes(NOISE_BYTES), random.int(noisy.length - NOISE_BYTES));
    const image = random.chance(2)
      ? { manifest, put: new Map(), drop: [hash] }
      : { manifest, put: new Map([[hash, noisy]]), drop: [] };
    await this.#inner.write({ durability: 'strict', image });
    return true;
  }

  reopen(): SlowStore {
    return new SlowStore(this.#options, this.#inner.reopen());
  }

  async #takeTime(): Promise<void> {
    for (let turns = this.#options.random.int(MAX_TURNS); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    if (this.#isDead) await new Promise(() => {});
  }
}
