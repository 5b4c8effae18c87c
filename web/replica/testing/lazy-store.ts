/**
 * A store in memory that hands out the blocks of the image without reading them, as IndexedDB does: it tells which were
 * read, and a block may turn out damaged when it is.
 */
import { MemoryStore } from '../store/memory-store.ts';
import type { Store, StoredBlock, StoredDocument, StoreHead, StoreWrite } from '../store/store.ts';

export class LazyStore implements Store {
  readonly kind = 'memory';
  readonly #inner: MemoryStore;
  /** Names of blocks read since this store was opened. */
  readonly read = new Set<string>();
  /** By name of the block: noise where it was, or nothing any more. */
  readonly damages = new Map<string, 'torn' | 'gone'>();
  /** Set: whoever reads in the background waits for this. */
  slowness: Promise<void> = Promise.resolve();

  constructor(inner = new MemoryStore()) {
    this.#inner = inner;
  }

  readHead(): Promise<StoreHead> {
    return this.#inner.readHead();
  }

  async openImageBlocks(hashes: readonly string[]): Promise<readonly StoredBlock[] | undefined> {
    const blocks = (await this.#inner.openImageBlocks(hashes)) as readonly Uint8Array[] | undefined;
    return blocks?.map((block, index) => {
      const readNow = () => this.#readBlock(hashes[index]!, block);
      const read = async () => {
        await this.slowness;
        return readNow();
      };
      return { readNow, read };
    });
  }

  readDocument(document: string): Promise<StoredDocument> {
    return this.#inner.readDocument(document);
  }

  write(write: StoreWrite): Promise<void> {
    return this.#inner.write(write);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** With the damages, as after a restart. */
  reopen(): LazyStore {
    const again = new LazyStore(this.#inner.reopen());
    for (const [hash, damage] of this.damages) again.damages.set(hash, damage);
    return again;
  }

  #readBlock(hash: string, block: Uint8Array): Uint8Array {
    this.read.add(hash);
    const damage = this.damages.get(hash);
    if (damage === 'gone') throw new Error('the file is gone');
    return damage === 'torn' ? block.map((byte) => byte ^ 0x5a) : block;
  }
}
