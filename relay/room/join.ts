/**
 * What a client that comes in has missed of one document: the snapshot as it is, then the log behind it in merged
 * spans. Loaded once for all who ask for the same range at the same time, framed once, and kept for those who come a
 * moment later. Loads wait their turn under a limit of bytes in flight.
 */
import { encodeFrame } from '../../shared/protocol/wire.ts';
import type { DocumentState, Log } from '../log/log.ts';
import { type Frame, frameOf } from '../socket/frame.ts';
import type { Knowledge } from './knowledge.ts';
import { mergeSpans, type Span } from './merge.ts';
import { type SYNC_STEP_2, SYNC_UPDATE, syncPrefix } from './messages.ts';
import { Scanner } from './scan.ts';

/** Reads a snapshot and checks its hash; throws when it is not there or not what was stored. */
export interface SnapshotSource {
  read(snapshot: { readonly key: string; readonly sha256: string }): Promise<Uint8Array>;
}

export interface Range {
  readonly documentId: number;
  readonly epoch: number;
  /** What the client has; 0 for nothing. */
  readonly after: number;
  /** The cut that it is brought to. */
  readonly upTo: number;
}

/** The log no longer holds what was asked for, and neither does the snapshot: ask with a fresh state. */
export class RangeGoneError extends Error {
  override name = 'RangeGoneError';
}

export class Piece implements Span {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly update: Uint8Array;
  readonly #range: Range;
  readonly #scanner: Scanner;
  readonly #frames = new Map<string, Frame>();
  #knowledge: Promise<Knowledge> | undefined;

  constructor(range: Range, span: Span, scanner: Scanner) {
    this.#range = range;
    this.#scanner = scanner;
    this.fromSeq = span.fromSeq;
    this.toSeq = span.toSeq;
    this.update = span.update;
  }

  /** What it holds, as clocks; found out once for all who ask. */
  knowledge(): Promise<Knowledge> {
    this.#knowledge ??= this.#scanner.knowledgeOf(this.update);
    return this.#knowledge;
  }

  /** The last piece of a stock client's join is its sync step 2. */
  stockFrame(type: typeof SYNC_STEP_2 | typeof SYNC_UPDATE): Frame {
    return this.#once(`stock ${type}`, () => frameOf(syncPrefix(type, this.update.length), this.update));
  }

  replicaFrame(more: boolean): Frame {
    return this.#once(`replica ${more}`, () => {
      const { documentId: number, epoch } = this.#range;
      const { fromSeq, toSeq } = this;
      const payload = syncPrefix(SYNC_UPDATE, this.update.length);
      const head = encodeFrame({ kind: 'update', number, epoch, fromSeq, toSeq, more, own: false, payload });
      return frameOf(head, this.update);
    });
  }

  #once(key: string, make: () => Frame): Frame {
    let frame = this.#frames.get(key);
    if (!frame) {
      frame = make();
      this.#frames.set(key, frame);
    }
    return frame;
  }
}

export interface JoinsOptions {
  readonly log: Log;
  readonly snapshots: SnapshotSource | undefined;
  readonly maxBytesInFlight: number;
  readonly onWaiting?: (count: number) => void;
}

/** Pieces kept for the next who comes: enough for the live month of a few workshops. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Small joins are quick to load again; what a kept one costs beside its bytes must not add up. */
const CACHE_ENTRIES = 1_000;

export class Joins {
  readonly #options: JoinsOptions;
  /** Least recently used first. */
  readonly #loaded = new Map<string, { readonly pieces: Promise<readonly Piece[]>; bytes: number }>();
  #loadedBytes = 0;
  readonly #scanner = new Scanner();
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  #bytesInFlight = 0;

  constructor(options: JoinsOptions) {
    this.#options = options;
  }

  async close(): Promise<void> {
    await this.#scanner.close();
  }

  /**
   * Resolves when `bytes` may be in flight beside the others; call the answer once they have left. The largest join
   * is let through alone.
   */
  async turn(bytes: number): Promise<() => void> {
    const isFree = () =>
      this.#bytesInFlight === 0 || this.#bytesInFlight + bytes <= this.#options.maxBytesInFlight;
    if (this.#waiting.length > 0 || !isFree()) {
      await new Promise<void>((go) => {
        this.#waiting.push({ bytes, go });
        this.#options.onWaiting?.(this.#waiting.length);
      });
    } else {
      this.#bytesInFlight += bytes;
    }
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      this.#bytesInFlight -= bytes;
      this.#letIn();
    };
  }

  /**
   * The pieces of a range, in order, without gap, from `after` + 1 (or from 1, when a snapshot takes the place of what
   * was trimmed) to `upTo`. Throws RangeGoneError, StorageAwayError, or what the snapshots throw.
   */
  pieces(range: Range, state: DocumentState): Promise<readonly Piece[]> {
    const key = `${range.documentId}.${range.epoch}.${range.after}.${range.upTo}`;
    const found = this.#loaded.get(key);
    if (found) {
      this.#loaded.delete(key);
      this.#loaded.set(key, found);
      return found.pieces;
    }
    const entry = { pieces: this.#load(range, state), bytes: 0 };
    this.#loaded.set(key, entry);
    entry.pieces.then(
      (pieces) => {
        if (this.#loaded.get(key) !== entry) return; // evicted while it was loading
        entry.bytes = pieces.reduce((sum, { update }) => sum + update.length, 0);
        this.#loadedBytes += entry.bytes;
        this.#evict();
      },
      () => this.#loaded.delete(key),
    );
    return entry.pieces;
  }

  async #load(range: Range, state: DocumentState): Promise<readonly Piece[]> {
    const { documentId, epoch, after, upTo } = range;
    if (upTo <= after) return [];
    // A snapshot is worth its bytes only to those who have nothing, or nothing that the log still continues.
    const needsSnapshot = state.snapshotSeq > 0 && (after === 0 || after < state.trimmedSeq);
    let snapshot: Piece | undefined;
    let from = after;
    if (needsSnapshot) {
      if (state.snapshotSeq > upTo) throw new RangeGoneError('the snapshot is ahead of this instance');
      snapshot = await this.#snapshot(range, state);
      from = state.snapshotSeq;
    }
    const rows = from < upTo ? await this.#options.log.readRange(documentId, epoch, from, upTo) : [];
    if (rows.length !== upTo - from) throw new RangeGoneError('the log was trimmed in the meantime');
    const tail = await mergeSpans(rows.map(({ seq, update }) => ({ fromSeq: seq, toSeq: seq, update })));
    const pieces = tail.map((span) => new Piece(range, span, this.#scanner));
    return snapshot ? [snapshot, ...pieces] : pieces;
  }

  /** Shared by all ranges that begin with it, so cached under its own key. */
  async #snapshot(range: Range, state: DocumentState): Promise<Piece> {
    const { snapshots } = this.#options;
    const { snapshotKey: key, snapshotSha256: sha256, snapshotSeq } = state;
    if (!snapshots || !key || !sha256) throw new RangeGoneError('there is no place to read snapshots from');
    const found = this.#loaded.get(key);
    if (found) return (await found.pieces)[0]!;
    const span = { fromSeq: 1, toSeq: snapshotSeq };
    const entry = {
      pieces: snapshots
        .read({ key, sha256 })
        .then((update) => [new Piece(range, { ...span, update }, this.#scanner)]),
      bytes: 0,
    };
    this.#loaded.set(key, entry);
    entry.pieces.catch(() => this.#loaded.delete(key));
    return (await entry.pieces)[0]!;
  }

  #evict(): void {
    for (const [key, { bytes }] of this.#loaded) {
      if (this.#loadedBytes <= CACHE_BYTES && this.#loaded.size <= CACHE_ENTRIES) return;
      this.#loaded.delete(key);
      this.#loadedBytes -= bytes;
    }
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const fits =
        this.#bytesInFlight === 0 || this.#bytesInFlight + next.bytes <= this.#options.maxBytesInFlight;
      if (!fits) return;
      this.#waiting.shift();
      this.#options.onWaiting?.(this.#waiting.length);
      this.#bytesInFlight += next.bytes;
      next.go();
    }
  }
}
