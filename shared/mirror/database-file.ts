/**
 * The bytes of an open database, in blocks that are read when SQLite first asks for them and copied when it first
 * writes to them: opening costs nothing however large the file is, and what changed is known without comparing.
 *
 *   SQLite ── sql.js's file system in memory ── DatabaseFile ── blocks: unread │ as read │ changed
 *
 * sql.js keeps a file as a Uint8Array and calls five things of it: `length`, `slice`, `subarray`, `set`, `buffer`. An
 * object that has those takes its place (emscripten's MEMFS; sql.js lets nothing else of it be reached). When SQLite cuts
 * the file short, after a large transaction was rolled back, MEMFS asks for everything that is left and keeps it as an
 * array of its own: `isLeft`.
 */

const PAGE_BYTES = 4_096;
/** Offsets in the header of the first page. */
const [CHANGE_COUNTER, PAGE_COUNT, SCHEMA_COOKIE, VALID_FOR] = [24, 28, 40, 92];
const HEADER_BYTES = 100;
const LEAF_OF_TABLE = 0x0d;

export interface FileContent {
  readonly bytes: number;
  readonly blockBytes: number;
  /** Nobody writes to what it gives. When it throws, the statement that needs the block fails, as on a broken disk. */
  readonly readBlock: (index: number) => Uint8Array;
}

export class DatabaseFile {
  readonly #content: FileContent;
  readonly #firstCount: number;
  readonly #blocks: (Uint8Array | undefined)[];
  #bytes: number;
  #changed = new Set<number>();
  #isLeft = false;

  constructor(content: FileContent) {
    this.#content = content;
    this.#bytes = content.bytes;
    this.#firstCount = Math.ceil(content.bytes / content.blockBytes);
    this.#blocks = new Array(this.#firstCount).fill(undefined);
  }

  get bytes(): number {
    return this.#bytes;
  }

  hasRead(index: number): boolean {
    return this.#blocks[index] !== undefined;
  }

  /** A block that was read elsewhere; does nothing when it is here already. Nobody may write to it afterwards. */
  admit(index: number, block: Uint8Array): void {
    this.#blocks[index] ??= this.#whole(block);
  }

  /** A block as it is now; a later write does not reach what this gave, if `takeChanged` came before. */
  block(index: number): Uint8Array {
    const { blockBytes } = this.#content;
    return this.#read(index).subarray(0, Math.min(blockBytes, this.#bytes - index * blockBytes));
  }

  /** Blocks written since the last call. */
  takeChanged(): ReadonlySet<number> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** Blocks that were taken and could not be stored. */
  putBack(changed: ReadonlySet<number>): void {
    for (const index of changed) {
      // What was given away stays as it is.
      if (!this.#changed.has(index)) this.#writable(index);
    }
  }

  /** SQLite has cut the file short, and sql.js keeps what is left by itself: nothing here is true any more. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Gives back the memory. Only when SQLite does not use it. */
  release(): void {
    this.#blocks.length = 0;
    this.#changed.clear();
  }

  /** For `new Database(…)` of sql.js, which copies it by `slice` and keeps the copy. */
  asBytes(): Uint8Array {
    const kept = {
      // More than SQLite ever asks for: a file that grows is not copied to a larger array.
      length: Number.MAX_SAFE_INTEGER,
      subarray: (from: number, to: number) => this.#readForSqlite(from, to),
      set: (bytes: Uint8Array, at: number) => this.#write(bytes, at),
    };
    const given = { ...kept, length: this.#bytes, slice: () => kept };
    return given as unknown as Uint8Array;
  }

  #readForSqlite(from: number, to: number): Uint8Array {
    // SQLite asks for a page or less, and a database is never cut to its first page.
    if (from === 0 && to > PAGE_BYTES) this.#isLeft = true;
    try {
      return this.#range(from, to);
    } catch {
      throw ioError; // whoever gave `readBlock` knows why
    }
  }

  #range(from: number, to: number): Uint8Array {
    const { blockBytes } = this.#content;
    const index = Math.floor(from / blockBytes);
    const at = from - index * blockBytes;
    if (at + to - from <= blockBytes) return this.#read(index).subarray(at, at + to - from);
    const bytes = new Uint8Array(to - from);
    for (let done = 0, upTo = blockBytes - at; done < bytes.length; done = upTo, upTo += blockBytes)
      bytes.set(this.#range(from + done, Math.min(from + upTo, to)), done);
    return bytes;
  }

  #write(bytes: Uint8Array, at: number): void {
    const { blockBytes } = this.#content;
    for (let done = 0; done < bytes.length; ) {
      const index = Math.floor((at + done) / blockBytes);
      const upTo = Math.min(bytes.length, (index + 1) * blockBytes - at);
      this.#writableForSqlite(index).set(bytes.subarray(done, upTo), (at + done) % blockBytes);
      done = upTo;
    }
    this.#bytes = Math.max(this.#bytes, at + bytes.length);
  }

  #writableForSqlite(index: number): Uint8Array {
    try {
      return this.#writable(index);
    } catch {
      throw ioError; // as above
    }
  }

  #writable(index: number): Uint8Array {
    if (this.#changed.has(index)) return this.#blocks[index]!;
    const own = this.#read(index).slice();
    this.#changed.add(index);
    this.#blocks[index] = own;
    return own;
  }

  #read(index: number): Uint8Array {
    let block = this.#blocks[index];
    if (!block) {
      const { readBlock, blockBytes } = this.#content;
      block = index < this.#firstCount ? this.#whole(readBlock(index)) : new Uint8Array(blockBytes);
      this.#blocks[index] = block;
    }
    return block;
  }

  /** The last block of a file is short, and the file may grow. */
  #whole(block: Uint8Array): Uint8Array {
    if (block.length === this.#content.blockBytes) return block;
    const whole = new Uint8Array(this.#content.blockBytes);
    whole.set(block);
    return whole;
  }
}

/** A database without tables: one page, as SQLite writes it. https://www.sqlite.org/fileformat.html section 1.3 */
export function emptyDatabase(): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  const header = new DataView(page.buffer);
  page.set(new TextEncoder().encode('SQLite format 3\0'));
  header.setUint16(16, PAGE_BYTES);
  page.set([1, 1, 0, 64, 32, 32], 18); // no WAL, nothing reserved, payload fractions
  for (const field of [CHANGE_COUNTER, PAGE_COUNT, SCHEMA_COOKIE, VALID_FOR]) header.setUint32(field, 1);
  page[HEADER_BYTES] = LEAF_OF_TABLE;
  header.setUint16(HEADER_BYTES + 5, PAGE_BYTES); // where cells begin: none yet
  return page;
}

/**
 * What emscripten's system calls turn into the error number EIO. Its own class is out of reach, and the number is in a
 * property whose name differs from build to build: so this one answers 29 whatever it is asked.
 */
const ioError: unknown = new Proxy({}, { get: (_, name) => (name === 'name' ? 'ErrnoError' : 29) });
