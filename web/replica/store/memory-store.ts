import type { Store, StoredDocument, StoreHead, StoreWrite } from './store.ts';
import { StoreError } from './store.ts';
import { StoreState } from './store-state.ts';

/** Keeps everything in memory. `reopen` is a new store over the same contents, as after a restart. */
export class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly #state: StoreState;
  #closed = false;

  constructor(state = new StoreState()) {
    this.#state = state;
  }

  async readHead(): Promise<StoreHead> {
    this.#assertOpen();
    return structuredClone(this.#state.head());
  }

  async openImageBlocks(hashes: readonly string[]): Promise<readonly Uint8Array[] | undefined> {
    this.#assertOpen();
    return this.#state.imageBlocks(hashes);
  }

  async readDocument(document: string): Promise<StoredDocument> {
    this.#assertOpen();
    return this.#state.document(document);
  }

  async write(write: StoreWrite): Promise<void> {
    this.#assertOpen();
    // What the caller does with its objects later must not reach what is stored.
    this.#state.apply(structuredClone(write));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  reopen(): MemoryStore {
    this.#closed = true;
    return new MemoryStore(this.#state);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'the store is closed');
  }
}
