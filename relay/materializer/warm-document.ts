/**
 * A document in the materializer's memory: its registers as of one seq, and the updates that wait for one they
 * depend on. Whatever the log holds, the same entries in the same order give the same state: so a document that
 * was dropped from memory and hydrated again goes on where it stood.
 */
import * as Y from 'yjs';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { DocumentRows, type Touched } from '../../shared/registers/document-rows.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { LogEntry } from './log-entry.ts';
import { type Refusal, RegisterGuard } from './register-guard.ts';

export type Outcome =
  | {
      readonly kind: 'applied';
      /** Had waited, and broke a rule once they could be read. */
      readonly refusedLate: readonly (Refusal & { readonly entry: LogEntry })[];
    }
  | { readonly kind: 'waiting' }
  | ({ readonly kind: 'refused' } & Refusal);

export interface Step {
  readonly entry: LogEntry;
  readonly touched: Touched;
}

export class WarmDocument {
  readonly id: number;
  readonly workspace: string;
  readonly name: string;
  readonly epoch: number;
  readonly doc = new Y.Doc();
  readonly rows: DocumentRows;
  /** Last seq that was handed to `apply`, or that the snapshot holds. */
  seq = 0;
  readonly waiting = new Map<number, LogEntry>();
  readonly #guard: RegisterGuard;
  readonly #stop: () => void;
  #touched: Touched = new Map();

  constructor(
    where: { readonly id: number; readonly workspace: string; readonly name: string; readonly epoch: number },
    schema: Schema,
  ) {
    this.id = where.id;
    this.workspace = where.workspace;
    this.name = where.name;
    this.epoch = where.epoch;
    const tables = tablesOfDocument(schema, where.name);
    this.rows = new DocumentRows(this.doc, { ...schema, tables });
    this.#guard = new RegisterGuard(schema, tables);
    this.#stop = this.rows.observe((touched) => {
      this.#touched = touched;
    });
  }

  /** Starts from a snapshot. Call before any `apply`. Throws when it is not a whole state. */
  load(update: Uint8Array, seq: number): void {
    if (applyRemoteUpdate(this.doc, update, this) === 'gap') {
      throw new Error(`snapshot of ${this.name} at seq ${seq} is not a whole state`);
    }
    this.#touched = new Map();
    this.seq = seq;
  }

  /**
   * Entries come in seq order, each once. `onStep` is called once this entry is in effect, then for each that had
   * waited for it, while `rows` are as that one left them. Never throws on what a peer wrote.
   */
  apply(entry: LogEntry, onStep: (step: Step) => void = () => {}): Outcome {
    this.seq = entry.seq;
    const outcome = this.#applyOne(entry);
    if (outcome === 'gap') {
      this.waiting.set(entry.seq, entry);
      return { kind: 'waiting' };
    }
    if (outcome !== 'applied') return { kind: 'refused', ...outcome };
    onStep({ entry, touched: this.#take() });
    return { kind: 'applied', refusedLate: this.waiting.size > 0 ? this.#applyWaiting(onStep) : [] };
  }

  close(): void {
    this.#stop();
    this.rows.close();
    this.doc.destroy();
  }

  #applyWaiting(onStep: (step: Step) => void): (Refusal & { entry: LogEntry })[] {
    const refused: (Refusal & { entry: LogEntry })[] = [];
    for (let progress = true; progress; ) {
      progress = false;
      for (const [seq, entry] of this.waiting) {
        const outcome = this.#applyOne(entry);
        if (outcome === 'gap') continue;
        this.waiting.delete(seq);
        if (outcome === 'applied') onStep({ entry, touched: this.#take() });
        else refused.push({ ...outcome, entry });
        progress = true;
      }
    }
    return refused;
  }

  #applyOne(entry: LogEntry): 'applied' | 'gap' | Refusal {
    const refusal = this.#guard.check(this.doc, entry.update, entry.device);
    if (refusal) return refusal;
    try {
      return applyRemoteUpdate(this.doc, entry.update, entry);
    } catch (error) {
      return { reason: 'malformed', detail: error instanceof Error ? error.message : 'unreadable' };
    }
  }

  #take(): Touched {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }
}
