/**
 * What the report takes from a document's log, and what it leaves out: the same entries in the same order give the
 * same document, whoever plays them. The materializer writes the report by it, and a replica that finds its rows to
 * differ from the report learns by it whether that is why.
 *
 *   entry ── gap ──────────► waits, and is tried again after each that is applied
 *         ── breaks a rule ► left out; what its Yjs client wrote afterwards builds on it, and waits for ever
 *         ── else ─────────► applied
 */
import type * as Y from 'yjs';
import { applyRemoteUpdate } from './apply.ts';
import type { Refusal, RegisterGuard } from './register-guard.ts';

export interface GuardedEntry {
  readonly seq: number;
  /** Replica that wrote it; undefined for a stock client, which is none and may write no register. */
  readonly device: string | undefined;
  readonly update: Uint8Array;
}

export type RefusedEntry<E> = Refusal & { readonly entry: E };

export type Outcome<E> =
  | {
      readonly kind: 'applied';
      /** Had waited, and broke a rule once they could be read. */
      readonly refusedLate: readonly RefusedEntry<E>[];
    }
  | { readonly kind: 'waiting' }
  | ({ readonly kind: 'refused' } & Refusal);

export class GuardedLog<E extends GuardedEntry> {
  readonly doc: Y.Doc;
  readonly waiting = new Map<number, E>();
  readonly #guard: RegisterGuard;

  constructor(doc: Y.Doc, guard: RegisterGuard) {
    this.doc = doc;
    this.#guard = guard;
  }

  /**
   * Entries come in seq order, each once. `onApplied` is called once this entry is in effect, then for each that had
   * waited for it. Never throws on what a peer wrote.
   */
  apply(entry: E, onApplied: (entry: E) => void = () => {}): Outcome<E> {
    const outcome = this.#applyOne(entry);
    if (outcome === 'gap') {
      this.waiting.set(entry.seq, entry);
      return { kind: 'waiting' };
    }
    if (outcome !== 'applied') return { kind: 'refused', ...outcome };
    onApplied(entry);
    return { kind: 'applied', refusedLate: this.waiting.size > 0 ? this.#applyWaiting(onApplied) : [] };
  }

  #applyWaiting(onApplied: (entry: E) => void): RefusedEntry<E>[] {
    const refused: RefusedEntry<E>[] = [];
    for (let progress = true; progress; ) {
      progress = false;
      for (const [seq, entry] of this.waiting) {
        const outcome = this.#applyOne(entry);
        if (outcome === 'gap') continue;
        this.waiting.delete(seq);
        if (outcome === 'applied') onApplied(entry);
        else refused.push({ ...outcome, entry });
        progress = true;
      }
    }
    return refused;
  }

  #applyOne(entry: E): 'applied' | 'gap' | Refusal {
    const refusal = this.#guard.check(this.doc, entry.update, entry.device);
    if (refusal) return refusal;
    try {
      return applyRemoteUpdate(this.doc, entry.update, entry);
    } catch (error) {
      return { reason: 'malformed', detail: error instanceof Error ? error.message : 'unreadable' };
    }
  }
}
