/**
 * The SQL image: the whole database as SQLite writes it, kept in blocks of 64 KB of which only changed ones are
 * written. It is a cache with a date on it: `number` says which updates it contains, and whatever does not fit
 * (another schema, a missing block, a wrong checksum) makes it worthless, never wrong; the documents rebuild it.
 */
import type { Schema } from '../../shared/schema/table.ts';
import type { ImageManifest, ImageWrite, Store } from './store/store.ts';

export const IMAGE_BLOCK_BYTES = 64 * 1024;
const BLOCKS_PER_READ = 32;
/** Counts up when mirror or system tables change what they write for the same registers. */
const IMAGE_FORMAT = 1;

/** The image the manifest describes; undefined when any of it is not what it says. */
export async function readImage(
  store: Store,
  manifest: ImageManifest | undefined,
  schemaHash: string,
): Promise<Uint8Array | undefined> {
  if (!manifest || manifest.schemaHash !== schemaHash || manifest.checksum !== checksumOf(manifest))
    return undefined;
  // In parts: one is checked while the disk brings the next.
  const parts: ReturnType<Store['readImageBlocks']>[] = [];
  for (let from = 0; from < manifest.blocks.length; from += BLOCKS_PER_READ)
    parts.push(store.readImageBlocks(manifest.blocks.slice(from, from + BLOCKS_PER_READ)));
  for (const part of parts) part.catch(() => {}); // the first that fails is told
  const image = new Uint8Array(manifest.bytes);
  let at = 0;
  let index = 0;
  for (const part of parts) {
    const blocks = await part;
    if (!blocks) return undefined;
    for (const block of blocks) {
      if (at + block.length > image.length || hashOfBlock(index, block) !== manifest.blocks[index++])
        return undefined;
      image.set(block, at);
      at += block.length;
    }
  }
  return at === image.length ? image : undefined;
}

/** What to write so that the store holds this image; blocks that it holds already are left alone. */
export function imageWriteOf(
  image: Uint8Array,
  number: number,
  schemaHash: string,
  previous: ImageManifest | undefined,
): ImageWrite {
  const known = new Set(previous?.blocks);
  const blocks: string[] = [];
  const put = new Map<string, Uint8Array>();
  for (let at = 0, index = 0; at < image.length; at += IMAGE_BLOCK_BYTES, index++) {
    const block = image.subarray(at, at + IMAGE_BLOCK_BYTES);
    const hash = hashOfBlock(index, block);
    blocks.push(hash);
    // A copy: a view would take the whole image along into the store.
    if (!known.has(hash)) put.set(hash, block.slice());
  }
  const used = new Set(blocks);
  const manifest = {
    generation: (previous?.generation ?? 0) + 1,
    number,
    schemaHash,
    bytes: image.length,
    blocks,
  };
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
