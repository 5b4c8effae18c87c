/**
 * The store of a replica in Node: one append-only journal, replayed into memory at open. A record is
 * `length · crc32 · payload`, so a tail torn by a crash is recognised and cut off; a strict write resolves after
 * fsync. Writes that wait while one is on its way to the disk share the next fsync.
 */

import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createDecoder, readAny } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeAny, writeUint8Array } from 'lib0/encoding';
import {
  type Store,
  type StoredDocument,
  type StoredUpdate,
  StoreError,
  type StoreHead,
  type StoreWrite,
} from './store.ts';
import { StoreState } from './store-state.ts';
import { type StoredEntry, withoutStoredBytes, withStoredBytes } from './stored-bytes.ts';

/** First bytes of every journal: what it is, and its version. */
const MAGIC = new TextEncoder().encode('espejo.journal.1\n');
const RECORD_HEADER_BYTES = 8;
/** A journal is written anew once it is this big and more than twice what it holds. */
const COMPACT_FROM_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly write: StoreWrite;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

export class FileStore implements Store {
  readonly kind = 'file';
  readonly #directory: string;
  readonly #state: StoreState;
  #file: FileHandle;
  #bytes: number;
  #compactFromBytes = COMPACT_FROM_BYTES;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #closed: StoreError | undefined;

  private constructor(directory: string, file: FileHandle, state: StoreState, bytes: number) {
    this.#directory = directory;
    this.#file = file;
    this.#state = state;
    this.#bytes = bytes;
  }

  /** Creates the directory when it is missing. Throws StoreError when another process has it open. */
  static async open(directory: string): Promise<FileStore> {
    await mkdir(directory, { recursive: true });
    await lock(directory);
    const { state, bytes } = await replay(join(directory, 'journal'));
    const file = await open(join(directory, 'journal'), bytes === 0 ? 'w' : 'r+');
    await file.truncate(bytes);
    if (bytes === 0) await file.write(MAGIC, 0, MAGIC.length, 0);
    await file.sync();
    return new FileStore(directory, file, state, Math.max(bytes, MAGIC.length));
  }

  async readHead(): Promise<StoreHead> {
    this.#assertOpen();
    return this.#state.head();
  }

  async openImageBlocks(hashes: readonly string[]): Promise<readonly Uint8Array[] | undefined> {
    this.#assertOpen();
    return this.#state.imageBlocks(hashes);
  }

  async readDocument(document: string): Promise<StoredDocument> {
    this.#assertOpen();
    return this.#state.document(document);
  }

  write(write: StoreWrite): Promise<void> {
    this.#assertOpen();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#flushing) await this.#flushing;
    this.#closed = new StoreError('closed', 'the store is closed');
    await this.#file.close();
    await rm(join(this.#directory, 'lock'), { force: true });
  }

  async #flush(): Promise<void> {
    do {
      await this.#flushWaiting();
      if (this.#bytes > this.#compactFromBytes && !this.#closed) await this.#compact();
    } while (this.#waiting.length > 0);
    this.#flushing = undefined;
  }

  async #flushWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#closed) throw this.#closed;
        const records = batch.map(({ write }) => recordOf(write));
        const bytes = records.length === 1 ? records[0]! : Buffer.concat(records);
        await writeAll(this.#file, bytes, this.#bytes);
        if (batch.some(({ write }) => write.durability === 'strict')) await this.#file.datasync();
        this.#bytes += bytes.length;
        for (const { write, resolve } of batch) {
          this.#state.apply(write);
          resolve();
        }
      } catch (error) {
        const failure = fileErrorOf(error);
        // What reached the file is uncertain: cut it off, so that nothing refused comes back after a restart.
        await this.#file.truncate(this.#bytes).catch(() => {
          this.#closed = failure;
        });
        for (const { reject } of batch) reject(failure);
      }
    }
  }

  /** Never rejects: without room for a second journal the first one goes on. */
  async #compact(): Promise<void> {
    const records = [...this.#state.asWrites()].map(recordOf);
    const total = records.reduce((sum, record) => sum + record.length, MAGIC.length);
    // Looked at again only when the journal has doubled: this reads everything there is.
    this.#compactFromBytes = 2 * Math.max(total, this.#bytes, COMPACT_FROM_BYTES);
    if (total * 2 >= this.#bytes) return;
    const path = join(this.#directory, 'journal.new');
    try {
      const file = await open(path, 'w');
      await writeAll(file, Buffer.concat([MAGIC, ...records]), 0);
      await file.sync();
      await rename(path, join(this.#directory, 'journal'));
      const directory = await open(this.#directory, 'r');
      await directory.sync();
      await directory.close();
      await this.#file.close();
      this.#file = file;
      this.#bytes = total;
      this.#compactFromBytes = 2 * Math.max(total, COMPACT_FROM_BYTES);
    } catch {
      await rm(path, { force: true }); // the disk is full, most likely: the next write will tell
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw this.#closed;
  }
}

/** Replays every whole record; `bytes` is where the first broken one begins. */
async function replay(path: string): Promise<{ state: StoreState; bytes: number }> {
  const state = new StoreState();
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  if (bytes.length < MAGIC.length) return { state, bytes: 0 };
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new StoreError('failed', `${path} is not a journal of this version; move it away to start afresh`);
  let at = MAGIC.length;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + RECORD_HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break;
    state.apply(decodeWrite(payload));
    at = end;
  }
  return { state, bytes: at };
}

function recordOf(write: StoreWrite): Buffer {
  const encoder = createEncoder();
  writeUint8Array(encoder, new Uint8Array(RECORD_HEADER_BYTES));
  const image =
    write.image === undefined || write.image === 'drop'
      ? write.image
      : { ...write.image, put: [...write.image.put] };
  const lean = write.outboxPut ? { outboxPut: withoutStoredBytes(write) } : {};
  writeAny(encoder, { ...write, ...lean, image } as never);
  const bytes = toUint8Array(encoder);
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const payload = record.subarray(RECORD_HEADER_BYTES);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload), 4);
  return record;
}

function decodeWrite(payload: Uint8Array): StoreWrite {
  // A copy: readAny gives views, which would keep the whole journal in memory.
  const write = readAny(createDecoder(payload.slice()));
  if (write.image && write.image !== 'drop') write.image = { ...write.image, put: new Map(write.image.put) };
  const { updates, outboxPut } = write as { updates?: StoredUpdate[]; outboxPut?: StoredEntry[] };
  const bytesOf = (number: number) => (document: string) =>
    updates?.find((stored) => stored.document === document && stored.number === number)?.update;
  if (outboxPut) write.outboxPut = outboxPut.map((entry) => withStoredBytes(entry, bytesOf(entry.number)));
  return write as StoreWrite;
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** One process per directory: two would interleave their records. A lock left by a dead process is taken over. */
async function lock(directory: string): Promise<void> {
  const path = join(directory, 'lock');
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.write(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileErrorOf(error);
      const owner = Number(await readFile(path, 'utf8').catch(() => ''));
      if (owner !== process.pid && isAlive(owner))
        throw new StoreError('failed', `${directory} is open in process ${owner}; a store has one owner`);
      await rm(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StoreError(
      'quota',
      'the disk has no room left for this change; free some space and try again',
    );
  return new StoreError('failed', `the disk refused this change: ${message}`);
}
