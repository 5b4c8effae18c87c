/**
 * Commits that the relay has not stored. Order: per document as they were made, because later ones may build on
 * earlier ones; among documents by priority. Each leaves only when the relay said that it is stored, or a person
 * discards it [OUT-1].
 *
 *   waiting ── sent ── acked: gone
 *      ▲        ├──── refused, come back: waiting, not before its next attempt
 *      │        └──── refused for good: rejected ── retry ──► waiting │ discard ──► gone
 *      └─ connection lost
 *
 * Pure state; writing it to the store is for whoever calls.
 */
import { msOfHlc } from '../../shared/base/hlc.ts';
import type { RejectCode } from '../../shared/protocol/wire.ts';
import type { OutboxEntry } from './store/store.ts';
import { backoffMs } from './sync/backoff.ts';

/** Commits on their way at once; enough to keep a 50 ms line busy, few enough to lose gracefully. */
const MAX_IN_FLIGHT = 64;
/** Bytes on their way at once. A commit larger than this goes alone. */
const MAX_BYTES_IN_FLIGHT = 4 * 1024 * 1024;

export const DEFAULT_PRIORITY = 25;

export class Outbox {
  readonly #random: () => number;
  /** In order of number. */
  readonly #entries = new Map<string, OutboxEntry>();
  /** Counted with every message, so not looked for among the rest. */
  readonly #rejected = new Set<string>();
  readonly #inFlight = new Map<string, number>();
  readonly #notBeforeMs = new Map<string, number>();
  /** Sent, and never answered for sure: the line was lost, or the storage was, or an earlier run may have sent it. */
  readonly #unsure: Set<string>;
  /** Of an earlier run, which in another tab may be sending them still. */
  readonly #inherited: Set<string>;
  #held = false;
  #lastNumber = 0;

  constructor(entries: readonly OutboxEntry[], random: () => number) {
    this.#random = random;
    for (const entry of entries) this.add(entry);
    this.#unsure = new Set(this.#entries.keys());
    this.#inherited = new Set(this.#entries.keys());
  }

  entries(): readonly OutboxEntry[] {
    return [...this.#entries.values()];
  }

  get(id: string): OutboxEntry | undefined {
    return this.#entries.get(id);
  }

  /** A commit comes here when it is stored, so one that was made later and need not wait may be here before it. */
  add(entry: OutboxEntry): void {
    const isLast = entry.number > this.#lastNumber;
    this.#lastNumber = Math.max(this.#lastNumber, entry.number);
    const later = isLast ? [] : this.entries().filter(({ number }) => number > entry.number);
    for (const { commit } of later) this.#entries.delete(commit.id);
    for (const each of [entry, ...later]) this.update(each);
  }

  /** The same entry with something else about it; its place in the order stays. */
  update(entry: OutboxEntry): OutboxEntry {
    const { id } = entry.commit;
    this.#entries.set(id, entry);
    if (entry.state === 'rejected') this.#rejected.add(id);
    else this.#rejected.delete(id);
    return entry;
  }

  remove(id: string): OutboxEntry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#rejected.delete(id);
    this.#inFlight.delete(id);
    this.#notBeforeMs.delete(id);
    this.#unsure.delete(id);
    this.#inherited.delete(id);
    return entry;
  }

  get pendingCount(): number {
    return this.#entries.size - this.rejectedCount;
  }

  /** When the oldest entry was made, refused ones included; undefined when there is none. */
  get oldestAtMs(): number | undefined {
    let oldest: number | undefined;
    for (const { commit } of this.#entries.values()) {
      const atMs = msOfHlc(commit.hlc);
      if (oldest === undefined || atMs < oldest) oldest = atMs;
    }
    return oldest;
  }

  get rejectedCount(): number {
    return this.#rejected.size;
  }

  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  isInFlight(id: string): boolean {
    return this.#inFlight.has(id);
  }

  /** Some commit that the relay has not stored is part of this document. */
  touches(document: string): boolean {
    for (const { commit, content } of this.#entries.values()) {
      if (content === undefined && commit.parts.some((part) => part.document === document)) return true;
    }
    return false;
  }

  /** While held nothing is sent: a rebase is due. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  get isHeld(): boolean {
    return this.#held;
  }

  /** What may be sent now, in order; each is in flight from here on. */
  takeSendable(nowMs: number): readonly OutboxEntry[] {
    if (this.#held || this.#inFlight.size > MAX_IN_FLIGHT / 2) return [];
    let bytes = sum(this.#inFlight.values());
    const taken: OutboxEntry[] = [];
    for (const entry of this.#inOrder(nowMs)) {
      const size = bytesOf(entry);
      if (this.#inFlight.size >= MAX_IN_FLIGHT) break;
      if (bytes > 0 && bytes + size > MAX_BYTES_IN_FLIGHT) break;
      bytes += size;
      this.#inFlight.set(entry.commit.id, size);
      taken.push(this.update({ ...entry, attempts: entry.attempts + 1, lastAttemptAtMs: nowMs }));
    }
    return taken;
  }

  /** Nothing is on its way any more; what was may or may not be stored, so it is sent again. */
  connectionLost(): void {
    for (const id of this.#inFlight.keys()) this.#unsure.add(id);
    this.#inFlight.clear();
  }

  /**
   * The relay may have stored it. Then it must not be made anew under its id: the relay would take that for the
   * one it has, and what builds on it would wait for ever [OUT-7].
   */
  isUnsure(id: string): boolean {
    return this.#unsure.has(id) || this.#inherited.has(id);
  }

  /** To ask the relay about when it is joined. */
  get unsure(): readonly string[] {
    return [...this.#unsure];
  }

  /** The relay was asked about these: what it has it acked, so those that are still here it has not. */
  asked(ids: readonly string[]): void {
    for (const id of ids) this.#unsure.delete(id);
  }

  /** The relay refused it. `retry` true: later, when the relay can, or what it builds on has been stored. */
  refused(
    id: string,
    code: RejectCode,
    message: string,
    retry: boolean,
    nowMs: number,
  ): OutboxEntry | undefined {
    const entry = this.#entries.get(id);
    this.#inFlight.delete(id);
    if (!entry) return undefined;
    if (code === 'storage-away')
      this.#unsure.add(id); // only the answer of the storage may have been lost
    else this.#inherited.delete(id);
    if (retry) this.#notBeforeMs.set(id, nowMs + backoffMs(entry.attempts, this.#random));
    return this.update({
      ...entry,
      state: retry || code === 'epoch-changed' ? 'waiting' : 'rejected',
      errorCode: code,
      error: message,
    });
  }

  /**
   * The next moment at which one that waits for its next attempt may go; undefined when there is none. Moments that
   * have passed do not count: those are behind one of the same document that waits longer.
   */
  nextAttemptAtMs(nowMs: number): number | undefined {
    let first: number | undefined;
    for (const atMs of this.#notBeforeMs.values())
      if (atMs > nowMs && (first === undefined || atMs < first)) first = atMs;
    return first;
  }

  attemptAtMs(id: string): number | undefined {
    return this.#notBeforeMs.get(id);
  }

  /** Nothing waits for its next attempt any longer. */
  retryNow(): void {
    this.#notBeforeMs.clear();
  }

  /** Waiting entries, highest priority first, never before an earlier one of the same document. */
  *#inOrder(nowMs: number): Generator<OutboxEntry> {
    const followers = new Map<OutboxEntry, OutboxEntry[]>();
    const waitsFor = new Map<OutboxEntry, number>();
    /** At most one of each document, so that looking for the next one is short however many wait. */
    const free: OutboxEntry[] = [];
    const lastOf = new Map<string, OutboxEntry>();
    const freeIfDue = (entry: OutboxEntry) => {
      if ((this.#notBeforeMs.get(entry.commit.id) ?? 0) <= nowMs) free.push(entry);
    };
    for (const entry of this.#entries.values()) {
      const { commit, state, content } = entry;
      if (state !== 'waiting' || content !== undefined || this.#inFlight.has(commit.id)) continue;
      const before = new Set(commit.parts.flatMap(({ document }) => lastOf.get(document) ?? []));
      for (const { document } of commit.parts) lastOf.set(document, entry);
      for (const earlier of before) followers.set(earlier, [...(followers.get(earlier) ?? []), entry]);
      if (before.size === 0) freeIfDue(entry);
      else waitsFor.set(entry, before.size);
    }
    while (free.length > 0) {
      const best = free.reduce((a, b) => (isBefore(b, a) ? b : a));
      free.splice(free.indexOf(best), 1);
      yield best;
      for (const entry of followers.get(best) ?? []) {
        const left = waitsFor.get(entry)! - 1;
        waitsFor.set(entry, left);
        if (left === 0) freeIfDue(entry);
      }
    }
  }
}

function isBefore(a: OutboxEntry, b: OutboxEntry): boolean {
  return a.priority === b.priority ? a.number < b.number : a.priority > b.priority;
}

/**
 * What an older build left unsent goes out as this one's: a relay that takes no more of the older build would refuse
 * it for ever [OUT-9].
 */
export function adopted(entries: readonly OutboxEntry[], schemaVersion: number): OutboxEntry[] {
  return entries.map((entry) => {
    const schema = Math.max(entry.commit.schema, schemaVersion);
    return { ...entry, commit: { ...entry.commit, schema } };
  });
}

export function bytesOf(entry: OutboxEntry): number {
  return sum(entry.commit.parts.map(({ update }) => update.length));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
