/**
 * Wraps a store and breaks it at a chosen boundary, for crash tests: the process dies before a write reaches the
 * disk, or after it and before anyone heard of it; or the disk refuses one write.
 */
import {
  type Store,
  type StoredBlock,
  type StoredDocument,
  StoreError,
  type StoreHead,
  type StoreWrite,
} from './store.ts';

/** What happens at one boundary, counted over reads and writes from 0. */
export type Fault = 'dies-before' | 'dies-after' | 'refuses';

export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #faultAt: (boundary: number, write: StoreWrite | undefined) => Fault | undefined;
  /** Boundaries passed so far. */
  boundaries = 0;
  #dead = false;
  #tellDeath: () => void = () => {};
  /** Resolves when the process would be gone. */
  readonly died = new Promise<void>((resolve) => {
    this.#tellDeath = resolve;
  });

  constructor(inner: Store, faultAt: (boundary: number, write: StoreWrite | undefined) => Fault | undefined) {
    this.#inner = inner;
    this.#faultAt = faultAt;
  }

  get kind() {
    return this.#inner.kind;
  }

  /** True once the process would be gone: nothing resolves or rejects any more. */
  get isDead(): boolean {
    return this.#dead;
  }

  readHead(): Promise<StoreHead> {
    return this.#boundary(undefined, () => this.#inner.readHead());
  }

  openImageBlocks(hashes: readonly string[]): Promise<readonly StoredBlock[] | undefined> {
    return this.#boundary(undefined, () => this.#inner.openImageBlocks(hashes));
  }

  readDocument(document: string): Promise<StoredDocument> {
    return this.#boundary(undefined, () => this.#inner.readDocument(document));
  }

  write(write: StoreWrite): Promise<void> {
    return this.#boundary(write, () => this.#inner.write(write));
  }

  async close(): Promise<void> {}

  async #boundary<T>(write: StoreWrite | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#dead) return new Promise(() => {});
    const fault = this.#faultAt(this.boundaries++, write);
    if (fault === 'refuses') throw new StoreError('quota', 'the device has no room left (injected)');
    if (fault === 'dies-before') {
      this.#die();
      return new Promise(() => {});
    }
    const result = await work();
    if (fault === 'dies-after') this.#die();
    return this.#dead ? new Promise(() => {}) : result;
  }

  #die(): void {
    this.#dead = true;
    this.#tellDeath();
  }
}
