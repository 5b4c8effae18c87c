/**
 * A document in the materializer's memory: its registers as of one seq, and the updates that wait for one they
 * depend on. Whatever the log holds, the same entries in the same order give the same state: so a document that
 * was dropped from memory and hydrated again goes on where it stood.
 */
import * as Y from 'yjs';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { DocumentRows, type Touched } from '../../shared/registers/document-rows.ts';
import { GuardedLog, type Outcome } from '../../shared/registers/guarded-log.ts';
import { RegisterGuard } from '../../shared/registers/register-guard.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { LogEntry } from './log-entry.ts';

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
  readonly #log: GuardedLog<LogEntry>;
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
    this.#log = new GuardedLog(this.doc, new RegisterGuard(schema, tables));
    this.#stop = this.rows.observe((touched) => {
      this.#touched = touched;
    });
  }

  /** Updates that wait for one they depend on. */
  get waiting(): ReadonlyMap<number, LogEntry> {
    return this.#log.waiting;
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
  apply(entry: LogEntry, onStep: (step: Step) => void = () => {}): Outcome<LogEntry> {
    this.seq = entry.seq;
    return this.#log.apply(entry, (applied) => onStep({ entry: applied, touched: this.#take() }));
  }

  close(): void {
    this.#stop();
    this.rows.close();
    this.doc.destroy();
  }

  #take(): Touched {
    const touched = this.#touched;
    this.#touched = new Map();
    return touched;
  }
}
