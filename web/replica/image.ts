/**
 * The SQL image: the whole database as SQLite writes it, kept in blocks of 64 KB of which only changed ones are
 * written. It is a cache with a date on it: `number` says which updates it contains, and whatever does not fit
 * (another schema, a missing block, a wrong checksum) makes it worthless, never wrong; the documents rebuild it.
 */
import { DatabaseFile, emptyDatabase } from '../../shared/mirror/database-file.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { ImageManifest, ImageWrite, Store, StoredBlock } from './store/store.ts';

export const IMAGE_BLOCK_BYTES = 64 * 1024;
/** Counts up when mirror or system tables change what they write for the same registers, or blocks how they are kept. */
const IMAGE_FORMAT = 2;

/** A part of a read that goes on in the background: short enough that queries do not wait for it. */
const BLOCKS_AT_ONCE = 16;

/**
 * The image under a replica's SQL. Its blocks are checked when they are read, and that is when SQLite asks for them: a
 * database of any size opens at once. What the store has at hand anyway is checked at once.
 */
export class Image {
  /** What it was read from; undefined for an empty one. */
  readonly manifest: ImageManifest | undefined;
  readonly file: DatabaseFile;
  readonly #blocks: readonly StoredBlock[];
  #isDamaged = false;
  #isClosed = false;
  /** Once, when a block turns out to be missing or torn. What SQL then fails to read is only in the documents. */
  onDamaged: () => void = () => {};

  static empty(): Image {
    return new Image([emptyDatabase()], undefined);
  }

  /** The image the manifest describes; undefined when it is known already that it is not what it says. */
  static async open(
    store: Store,
    manifest: ImageManifest | undefined,
    schemaHash: string,
  ): Promise<Image | undefined> {
    if (!manifest || manifest.schemaHash !== schemaHash || manifest.checksum !== checksumOf(manifest))
      return undefined;
    const blocks = await store.openImageBlocks(manifest.blocks);
    if (!blocks) return undefined;
    const image = new Image(blocks, manifest);
    return image.#admitAtHand() ? image : undefined;
  }

  private constructor(blocks: readonly StoredBlock[], manifest: ImageManifest | undefined) {
    this.manifest = manifest;
    this.#blocks = blocks;
    this.file = new DatabaseFile({
      bytes: manifest?.bytes ?? emptyDatabase().length,
      blockBytes: IMAGE_BLOCK_BYTES,
      readBlock: (index) => this.#readNow(index),
    });
  }

  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Reads what was not read yet, until so many bytes are here. */
  async readAhead(maxBytes = Number.POSITIVE_INFINITY): Promise<void> {
    const count = Math.min(this.#blocks.length, Math.floor(maxBytes / IMAGE_BLOCK_BYTES));
    for (let from = 0; from < count && !this.#isDamaged && !this.#isClosed; from += BLOCKS_AT_ONCE) {
      const part: Promise<void>[] = [];
      for (let index = from; index < Math.min(from + BLOCKS_AT_ONCE, count); index++)
        if (!this.file.hasRead(index)) part.push(this.#read(index));
      await Promise.all(part);
    }
  }

  /** Reads nothing more, and gives back the memory. */
  release(): void {
    this.#isClosed = true;
    this.file.release();
  }

  #admitAtHand(): boolean {
    for (const [index, block] of this.#blocks.entries()) {
      if (!(block instanceof Uint8Array)) continue;
      if (!this.#isRight(index, block)) return false;
      this.file.admit(index, block);
    }
    return true;
  }

  #readNow(index: number): Uint8Array {
    try {
      const block = this.#blocks[index]!;
      const bytes = block instanceof Uint8Array ? block : block.readNow();
      if (!this.#isRight(index, bytes)) throw new Error(`block ${index} of the image is torn`);
      return bytes;
    } catch (error) {
      this.#damaged();
      throw error;
    }
  }

  async #read(index: number): Promise<void> {
    try {
      const block = this.#blocks[index]!;
      const bytes = block instanceof Uint8Array ? block : await block.read();
      if (this.#isRight(index, bytes)) this.file.admit(index, bytes);
      else this.#damaged();
    } catch {
      this.#damaged(); // the disk does not have it any more
    }
  }

  #isRight(index: number, bytes: Uint8Array): boolean {
    return this.manifest === undefined || hashOfBlock(index, bytes) === this.manifest.blocks[index];
  }

  #damaged(): void {
    if (this.#isDamaged || this.#isClosed) return;
    this.#isDamaged = true;
    this.onDamaged();
  }
}

/** What to write so that the store holds this image; blocks that it holds already are left alone. */
export function imageWriteOf(
  image: Uint8Array,
  number: number,
  schemaHash: string,
  previous: ImageManifest | undefined,
): ImageWrite {
  const blockAt = (index: number) =>
    // A copy: a view would take the whole image along into the store.
    image.slice(index * IMAGE_BLOCK_BYTES, (index + 1) * IMAGE_BLOCK_BYTES);
  return writeOf({ bytes: image.length, blockAt, isSame: () => false }, { number, schemaHash, previous });
}

/** The same of the file under an open database, of which these blocks were written since `previous`. */
export function changedImageOf(
  file: DatabaseFile,
  changed: ReadonlySet<number>,
  state: ImageState,
): ImageWrite {
  const blockAt = (index: number) => file.block(index);
  return writeOf({ bytes: file.bytes, blockAt, isSame: (index) => !changed.has(index) }, state);
}

export interface ImageState {
  readonly number: number;
  readonly schemaHash: string;
  readonly previous: ImageManifest | undefined;
}

interface ImageContent {
  readonly bytes: number;
  readonly blockAt: (index: number) => Uint8Array;
  /** As in the previous image. */
  readonly isSame: (index: number) => boolean;
}

function writeOf(
  { bytes, blockAt, isSame }: ImageContent,
  { number, schemaHash, previous }: ImageState,
): ImageWrite {
  const known = new Set(previous?.blocks);
  const blocks: string[] = [];
  const put = new Map<string, Uint8Array>();
  for (let index = 0; index * IMAGE_BLOCK_BYTES < bytes; index++) {
    const same = isSame(index) ? previous?.blocks[index] : undefined;
    if (same !== undefined) {
      blocks.push(same);
      continue;
    }
    const block = blockAt(index);
    const hash = hashOfBlock(index, block);
    blocks.push(hash);
    if (!known.has(hash)) put.set(hash, block);
  }
  const used = new Set(blocks);
  const generation = (previous?.generation ?? 0) + 1;
  const manifest = { generation, number, schemaHash, bytes, blocks };
  return {
    manifest: { ...manifest, checksum: checksumOf(manifest) },
    put,
    drop: [...known].filter((hash) => !used.has(hash)),
  };
}

/** Changes with whatever changes the SQL tables of the schema. */
export function schemaHashOf(schema: Schema): string {
  return `${IMAGE_FORMAT}.${schema.version}.${hashText(JSON.stringify(schema.tables))}`;
}

function checksumOf(manifest: Omit<ImageManifest, 'checksum'>): string {
  const { generation, number, schemaHash, bytes, blocks } = manifest;
  return hashText(JSON.stringify([generation, number, schemaHash, bytes, blocks]));
}

/**
 * Name of a block: its place and a 64-bit hash of its bytes. The place keeps equal blocks (empty pages) apart and
 * in order. Not cryptographic: nobody but this device writes here, and 43 MB take 20 ms instead of 300.
 */
function hashOfBlock(index: number, block: Uint8Array): string {
  return `${String(index).padStart(6, '0')}-${hashBytes(block)}`;
}

function hashText(text: string): string {
  return hashBytes(new TextEncoder().encode(text));
}

/** Two 32-bit lanes in the manner of MurmurHash3 (Austin Appleby, public domain), over words of 4 bytes. */
function hashBytes(bytes: Uint8Array): string {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const wordCount = aligned.length >> 2;
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, wordCount);
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  for (let index = 0; index < wordCount; index++) {
    const word = words[index]!;
    a = Math.imul(a ^ Math.imul(word, 0xcc9e2d51), 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ Math.imul(word, 0x85ebca6b), 0xc2b2ae35);
    b = (b << 15) | (b >>> 17);
  }
  for (let index = wordCount << 2; index < aligned.length; index++) {
    a = Math.imul(a ^ aligned[index]!, 0x01000193);
    b = Math.imul(b ^ aligned[index]!, 0x85ebca6b);
  }
  return finish(a ^ aligned.length) + finish(b ^ aligned.length);
}

function finish(hash: number): string {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return (mixed >>> 0).toString(16).padStart(8, '0');
}
