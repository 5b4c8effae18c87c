/**
 * Blocks of the image as IndexedDB keeps them: as Blobs, which it hands out without reading them. Their bytes are read
 * when SQLite asks, and it cannot wait: workers have a reader for that.
 */
import type { StoredBlock, UnreadBlock } from './store.ts';

/** In workers only; the DOM's types leave it out. */
interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}
type SyncReaderClass = new () => SyncReader;

export async function openBlobs(blobs: readonly Blob[]): Promise<readonly StoredBlock[]> {
  const { FileReaderSync } = globalThis as { FileReaderSync?: SyncReaderClass };
  if (!FileReaderSync) return Promise.all(blobs.map(bytesOf));
  const reader = new FileReaderSync();
  return blobs.map((blob) => new BlobBlock(blob, reader));
}

class BlobBlock implements UnreadBlock {
  readonly #blob: Blob;
  readonly #reader: SyncReader;

  constructor(blob: Blob, reader: SyncReader) {
    this.#blob = blob;
    this.#reader = reader;
  }

  readNow(): Uint8Array {
    return new Uint8Array(this.#reader.readAsArrayBuffer(this.#blob));
  }

  read(): Promise<Uint8Array> {
    return bytesOf(this.#blob);
  }
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
