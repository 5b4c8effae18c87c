/**
 * Group commit: everything that arrives while one append is on its way to the disk goes into the next one. No timer
 * decides when to write; the disk does [LOG-4].
 *
 *   push ─► queue ─► append (one at a time) ─► stored(batch, in order) ─► next append starts first, then fan-out
 *
 * While the storage is away, commits are given back at once (their devices keep them and come again), and updates of
 * stock clients, which have no way to be refused, wait here up to a limit.
 */
import { traced } from '../observability/tracing.ts';
import {
  type AppendOutcome,
  type AppendRequest,
  EpochChangedError,
  type Log,
  StorageAwayError,
} from './log.ts';

export interface PendingAppend {
  readonly request: AppendRequest;
  /** Who sent it: after a failure, later requests of the same origin that share a document fail too [LOG-5]. */
  readonly origin: object;
  readonly bytes: number;
  /** When it was received, for the latency metric. */
  readonly receivedAtMs: number;
  /** Exactly one of these is called, once. `stored` is for whoever takes `onStored` to call, after the fan-out. */
  stored(outcome: StoredOutcome): void;
  duplicate(outcome: AppendOutcome & { readonly kind: 'duplicate' }): void;
  failed(because: AppendFailure): void;
}

/** `unstorable`: the storage refuses it, and always will. */
export type AppendFailure = 'storage-away' | 'epoch-changed' | 'after-rejected' | 'unstorable';

export type StoredOutcome = AppendOutcome & { readonly kind: 'stored' };

export interface StoredAppend {
  readonly pending: PendingAppend;
  readonly outcome: StoredOutcome;
}

export interface FlusherOptions {
  readonly log: Log;
  /** The stored part of a batch, in order of seq. */
  readonly onStored: (batch: readonly StoredAppend[]) => void;
  /** The storage was lost (true) or is back (false). */
  readonly onAway?: (isAway: boolean) => void;
  readonly onBatch?: (size: number) => void;
  /** Bytes of stock updates that may wait for an absent storage. */
  readonly maxWaitingBytes: number;
}

interface Written {
  readonly batch: readonly PendingAppend[];
  readonly outcomes: readonly AppendOutcome[];
}

/** Requests and bytes of one append: enough to keep a disk busy, little enough to stay a few milliseconds. */
const MAX_BATCH_REQUESTS = 400;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Pauses between attempts to reach the storage; the last one repeats. */
const RETRY_MS = [50, 100, 200, 500, 1_000];

export class Flusher {
  readonly #options: FlusherOptions;
  #queue: PendingAppend[] = [];
  #queuedBytes = 0;
  #state: 'idle' | 'scheduled' | 'writing' | 'away' | 'closed' = 'idle';
  #idle: (() => void)[] = [];

  constructor(options: FlusherOptions) {
    this.#options = options;
  }

  get isAway(): boolean {
    return this.#state === 'away';
  }

  push(pending: PendingAppend): void {
    if (this.#state === 'closed' || (this.#state === 'away' && !this.#mayWait(pending, this.#queuedBytes))) {
      pending.failed('storage-away');
      return;
    }
    this.#queue.push(pending);
    this.#queuedBytes += pending.bytes;
    if (this.#state !== 'idle') return;
    // After the sockets of this turn were read: what arrived together is written together.
    this.#state = 'scheduled';
    setImmediate(() => void this.#run());
  }

  /** Resolves when nothing is queued or on its way. */
  idle(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'closed') return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Writes what is queued, unless the storage is away, and takes nothing more. */
  async close(): Promise<void> {
    if (this.#state === 'scheduled' || this.#state === 'writing') await this.idle();
    this.#state = 'closed';
    for (const pending of this.#take(Number.POSITIVE_INFINITY)) pending.failed('storage-away');
  }

  async #run(): Promise<void> {
    let written: Written | undefined;
    for (;;) {
      const batch = this.#takeBatch();
      if (batch.length > 0) this.#state = 'writing';
      const writing = batch.length > 0 ? this.#append(batch) : undefined;
      // The disk works on the next batch while this one is told to everybody.
      if (written) this.#publish(written);
      written = undefined;
      if (writing === undefined) {
        if (this.#queue.length > 0) continue;
        break;
      }
      try {
        written = { batch, outcomes: await writing };
      } catch (error) {
        if (!(await this.#recover(batch, error))) return;
      }
    }
    this.#state = 'idle';
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #append(batch: readonly PendingAppend[]): Promise<readonly AppendOutcome[]> {
    const requests = batch.map(({ request }) => request);
    return traced('log.append', { requests: requests.length }, () => this.#options.log.append(requests));
  }

  /** After a failed append. False when closed in the meantime. */
  async #recover(batch: readonly PendingAppend[], error: unknown): Promise<boolean> {
    this.#putBack(batch);
    if (error instanceof StorageAwayError) return this.#waitUntilBack();
    // One request spoils the batch: find out which, one by one.
    for (const pending of batch) {
      if (this.#queue[0] !== pending) continue; // failed along with an earlier one
      this.#take(1);
      try {
        this.#publish({ batch: [pending], outcomes: await this.#options.log.append([pending.request]) });
      } catch (own) {
        if (own instanceof StorageAwayError) {
          this.#putBack([pending]);
          return this.#waitUntilBack();
        }
        this.#fail(pending, own instanceof EpochChangedError ? 'epoch-changed' : 'unstorable');
      }
    }
    return true;
  }

  #publish({ batch, outcomes }: Written): void {
    this.#options.onBatch?.(batch.length);
    const stored: StoredAppend[] = [];
    batch.forEach((pending, index) => {
      const outcome = outcomes[index]!;
      if (outcome.kind === 'stored') stored.push({ pending, outcome });
      else pending.duplicate(outcome);
    });
    if (stored.length > 0) this.#options.onStored(stored);
  }

  /** Fails a request and what is queued behind it from the same origin on the same documents, and so on. */
  #fail(pending: PendingAppend, because: AppendFailure): void {
    const documents = new Set(pending.request.parts.map(({ document }) => document));
    const others: PendingAppend[] = [];
    const later: PendingAppend[] = [];
    for (const queued of this.#queue) {
      const builds =
        queued.origin === pending.origin &&
        queued.request.parts.some(({ document }) => documents.has(document));
      if (!builds) {
        others.push(queued);
        continue;
      }
      for (const { document } of queued.request.parts) documents.add(document);
      later.push(queued);
    }
    this.#queue = others;
    this.#queuedBytes = others.reduce((sum, { bytes }) => sum + bytes, 0);
    pending.failed(because);
    for (const queued of later) queued.failed('after-rejected');
  }

  /** Commits go back to their senders, stock updates stay. False when closed while waiting. */
  async #waitUntilBack(): Promise<boolean> {
    const all = this.#take(Number.POSITIVE_INFINITY);
    this.#state = 'away';
    this.#options.onAway?.(true);
    const given: PendingAppend[] = [];
    for (const pending of all) {
      if (this.#mayWait(pending, this.#queuedBytes)) this.#putBack([pending], this.#queue.length);
      else given.push(pending);
    }
    for (const pending of given) pending.failed('storage-away');

    for (let attempt = 0; ; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
      if (this.#state !== 'away') return false;
      try {
        await this.#options.log.documents(''); // no workspace has this name: it asks only whether anybody answers
      } catch {
        continue;
      }
      if (this.#state !== 'away') return false;
      this.#state = 'writing';
      this.#options.onAway?.(false);
      return true;
    }
  }

  #mayWait({ request, bytes }: PendingAppend, waitingBytes: number): boolean {
    return request.commit === undefined && waitingBytes + bytes <= this.#options.maxWaitingBytes;
  }

  #takeBatch(): PendingAppend[] {
    const ids = new Set<string>();
    let bytes = 0;
    let count = 0;
    for (const { request, bytes: size } of this.#queue) {
      if (count === MAX_BATCH_REQUESTS || (count > 0 && bytes + size > MAX_BATCH_BYTES)) break;
      const id = request.commit && `${request.workspace} ${request.commit.id}`;
      if (id !== undefined) {
        if (ids.has(id)) break; // sent twice at once: the next append finds the first one stored
        ids.add(id);
      }
      bytes += size;
      count++;
    }
    return this.#take(count);
  }

  #putBack(pending: readonly PendingAppend[], at = 0): void {
    this.#queue.splice(at, 0, ...pending);
    for (const { bytes } of pending) this.#queuedBytes += bytes;
  }

  #take(count: number): PendingAppend[] {
    const taken = this.#queue.splice(0, count);
    for (const { bytes } of taken) this.#queuedBytes -= bytes;
    return taken;
  }
}
