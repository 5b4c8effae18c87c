/**
 * The documents of a replica: where each stands in the relay's log, and which are in memory. A document enters
 * memory when it is written, updated or edited as shared text, and leaves it under a budget of registers; its
 * rows stay in SQL either way.
 *
 * The only place where a Y.Doc is made from what is stored. `sqlNumber` is what SQL knows of it: after loading,
 * the updates beyond it are projected, so SQL and registers are equal from then on [REG-8].
 */
import * as Y from 'yjs';
import type { Capture } from '../../shared/mirror/capture.ts';
import type { Mirror } from '../../shared/mirror/mirror.ts';
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlDatabase } from '../../shared/mirror/sql.ts';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { DocumentRows, type Touched } from '../../shared/registers/document-rows.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { DocumentRecord, Store, StoredDocument, StoreHead } from './store/store.ts';
import { inTransaction } from './transaction.ts';

/** Registers kept in memory before documents that nobody uses are dropped; about 250 MB of heap. */
export const DEFAULT_MAX_REGISTERS = 300_000;
/** SQL holds nothing of the document that can be trusted: write all its rows anew. */
const REBUILD = -1;

export interface OpenDocument {
  readonly name: string;
  readonly doc: Y.Doc;
  readonly rows: DocumentRows;
}

interface RemovedDocument {
  readonly record: DocumentRecord | undefined;
  readonly lastNumber: number | undefined;
  readonly updateCount: number | undefined;
}

export interface DocumentsOptions {
  readonly schema: Schema;
  readonly store: Store;
  readonly sql: SqlDatabase;
  readonly mirror: Mirror;
  readonly capture: Capture;
  readonly maxRegisters: number;
  /** Who this device is to Yjs in one document: any 32 bits that nobody else has. */
  readonly newClientId: () => number;
  /** Rows that hydrating changed in SQL, because SQL was behind. */
  readonly onChanges: (changes: readonly RowChange[]) => void;
  readonly onRebuilt: () => void;
  readonly onOpened: (document: OpenDocument) => void;
  readonly onDropped: (document: OpenDocument) => void;
}

export class Documents {
  readonly #options: DocumentsOptions;
  readonly #records = new Map<string, DocumentRecord>();
  /** Number of the last stored update; 0 when all is in the snapshot. */
  readonly #lastNumber = new Map<string, number>();
  readonly #updateCount = new Map<string, number>();
  readonly #sqlNumber = new Map<string, number>();
  /** In order of last use. */
  readonly #open = new Map<string, OpenDocument>();
  readonly #opening = new Map<string, Promise<void>>();
  readonly #pins = new Map<string, number>();
  /** Safe to use again within this session as long as everything written with it is stored. */
  readonly #clientIds = new Map<string, number>();
  /** Hold stored updates that came before their predecessors. */
  readonly #withGap = new Set<string>();
  /** To be taken from the relay from the start, in place of what is here. */
  readonly #expectedAnew = new Set<string>();
  /** What those removed last were, should the disk not let them go. */
  readonly #removed = new Map<string, RemovedDocument>();

  constructor(options: DocumentsOptions, head: StoreHead, sqlNumber: number) {
    this.#options = options;
    for (const record of head.documents) {
      this.#records.set(record.name, record);
      this.#sqlNumber.set(record.name, record.snapshotNumber > sqlNumber ? REBUILD : sqlNumber);
    }
    for (const [document, number] of head.updates) {
      this.#lastNumber.set(document, number);
      this.#updateCount.set(document, (this.#updateCount.get(document) ?? 0) + 1);
      if (!this.#sqlNumber.has(document)) this.#sqlNumber.set(document, sqlNumber);
    }
  }

  names(): string[] {
    return [...new Set([...this.#records.keys(), ...this.#lastNumber.keys(), ...this.#open.keys()])].sort();
  }

  record(name: string): DocumentRecord {
    return this.#records.get(name) ?? emptyRecord(name);
  }

  setRecord(record: DocumentRecord): void {
    this.#records.set(record.name, record);
  }

  hasRecord(name: string): boolean {
    return this.#records.has(name);
  }

  /** The store has something of it, were it only its position. */
  isKept(name: string): boolean {
    return this.#records.has(name) || this.tailLength(name) > 0;
  }

  /** Documents whose rows in SQL are behind what is stored. */
  stale(): string[] {
    return this.names().filter((name) => {
      const known = this.#sqlNumber.get(name);
      return known === REBUILD || (known !== undefined && (this.#lastNumber.get(name) ?? 0) > known);
    });
  }

  /** Updates stored since the document's snapshot. */
  tailLength(name: string): number {
    return this.#updateCount.get(name) ?? 0;
  }

  /** Number of its last stored update. */
  lastNumberOf(name: string): number {
    return this.#lastNumber.get(name) ?? 0;
  }

  get(name: string): OpenDocument | undefined {
    const document = this.#open.get(name);
    if (document) {
      this.#open.delete(name);
      this.#open.set(name, document);
    }
    return document;
  }

  /** In memory, or an empty one when nothing of it is stored here; undefined when it has to be hydrated. */
  getOrCreate(name: string): OpenDocument | undefined {
    const document = this.get(name);
    if (document) return document;
    return this.#isStored(name) || this.#opening.has(name) ? undefined : this.#make(name);
  }

  isOpen(name: string): boolean {
    return this.#open.has(name);
  }

  openNames(): string[] {
    return [...this.#open.keys()];
  }

  /** Brings the documents into memory, and SQL up to them. */
  async hydrate(names: Iterable<string>): Promise<void> {
    await Promise.all([...names].map((name) => this.#hydrateOne(name)));
  }

  /** While pinned a document stays in memory. */
  pin(name: string): () => void {
    this.#pins.set(name, (this.#pins.get(name) ?? 0) + 1);
    let pinned = true;
    return () => {
      if (!pinned) return;
      pinned = false;
      this.#pins.set(name, this.#pins.get(name)! - 1);
    };
  }

  /** Stored updates wait for one that never came: such a document is not folded into a snapshot. */
  hasGap(name: string): boolean {
    return this.#withGap.has(name);
  }

  noteGap(name: string): void {
    this.#withGap.add(name);
  }

  /** An update of it was handed to the store and its rows are in SQL. */
  noteUpdate(name: string, number: number): void {
    this.#lastNumber.set(name, number);
    this.#updateCount.set(name, (this.#updateCount.get(name) ?? 0) + 1);
    this.#sqlNumber.set(name, number);
  }

  noteSnapshot(record: DocumentRecord): void {
    this.#records.set(record.name, record);
    this.#updateCount.set(record.name, 0);
  }

  /** Memory and SQL may hold what is not stored: load it from the store again before its next use. */
  distrust(name: string): void {
    this.#close(name);
    this.#clientIds.delete(name);
    this.#sqlNumber.set(name, REBUILD);
  }

  /**
   * Takes the place of what was in memory; `updateCount` updates of it stay stored beside its snapshot. Whoever calls
   * writes its rows anew.
   */
  replace(name: string, doc: Y.Doc, updateCount: number): OpenDocument {
    this.#close(name);
    this.#clientIds.delete(name);
    this.#updateCount.set(name, updateCount);
    this.#sqlNumber.set(name, this.lastNumberOf(name));
    return this.#make(name, doc);
  }

  /** What is here is not what the relay has: what it sends from the start takes its place. */
  expectAnew(name: string): void {
    this.#expectedAnew.add(name);
  }

  isExpectedAnew(name: string): boolean {
    return this.#expectedAnew.has(name);
  }

  /** Nothing of it is here any more; it begins with the first update of this epoch. */
  beginAnew(name: string, epoch: number): void {
    this.remove(name);
    this.#records.set(name, { ...emptyRecord(name), epoch });
  }

  /** Nothing of it is here any more, and nothing tells that it was. */
  remove(name: string): void {
    this.#removed.set(name, {
      record: this.#records.get(name),
      lastNumber: this.#lastNumber.get(name),
      updateCount: this.#updateCount.get(name),
    });
    this.#close(name);
    // What is being read from the store just now is of the past.
    this.#opening.delete(name);
    this.#clientIds.delete(name);
    this.#withGap.delete(name);
    this.#expectedAnew.delete(name);
    this.#lastNumber.delete(name);
    this.#updateCount.delete(name);
    this.#sqlNumber.delete(name);
    this.#records.delete(name);
  }

  /** The disk did not let it go: it is what it was before `remove`, and read from the store at its next use. */
  restore(name: string): void {
    const { record, lastNumber, updateCount } = this.#removed.get(name)!;
    this.distrust(name);
    if (record) this.#records.set(name, record);
    else this.#records.delete(name);
    if (lastNumber !== undefined) this.#lastNumber.set(name, lastNumber);
    if (updateCount !== undefined) this.#updateCount.set(name, updateCount);
  }

  get registerCount(): number {
    let count = 0;
    for (const { rows } of this.#open.values()) count += rows.registerCount;
    return count;
  }

  /** Drops documents by age of last use until the budget is kept. Call when nothing waits for the store. */
  dropUnderBudget(): void {
    let count = this.registerCount;
    for (const [name, document] of this.#open) {
      if (count <= this.#options.maxRegisters) return;
      if ((this.#pins.get(name) ?? 0) > 0) continue;
      count -= document.rows.registerCount;
      this.#close(name);
    }
  }

  /** Drops everything that nobody holds: what a low-memory device asks for, and what tests use. */
  dropAll(): void {
    for (const name of this.openNames()) if ((this.#pins.get(name) ?? 0) === 0) this.#close(name);
  }

  close(): void {
    this.#opening.clear(); // what is still read comes too late
    for (const name of this.openNames()) this.#close(name);
  }

  /** Something of it is here, be it only what this device wrote and the relay has not answered for. */
  isKnown(name: string): boolean {
    return this.record(name).seq > 0 || this.#isStored(name) || this.#open.has(name);
  }

  /** Of one that is distrusted only the store knows. */
  #isStored(name: string): boolean {
    const isDistrusted = this.#sqlNumber.get(name) === REBUILD;
    return isDistrusted || this.tailLength(name) > 0 || this.record(name).snapshotBytes > 0;
  }

  #hydrateOne(name: string): Promise<void> {
    if (this.get(name)) return Promise.resolve();
    let opening = this.#opening.get(name);
    if (!opening) {
      const isWanted = () => this.#opening.get(name) === opening;
      opening = this.#options.store
        .readDocument(name)
        .then((stored) => {
          if (!isWanted()) return;
          this.#opening.delete(name);
          if (!this.#open.has(name)) this.#load(name, stored);
        })
        .finally(() => {
          if (isWanted()) this.#opening.delete(name);
        });
      this.#opening.set(name, opening);
    }
    return opening;
  }

  #load(name: string, stored: StoredDocument): void {
    const { sql, mirror, capture, schema } = this.#options;
    const sqlNumber = this.#sqlNumber.get(name) ?? 0;
    const doc = new Y.Doc();
    if (stored.snapshot) applyRemoteUpdate(doc, stored.snapshot, 'store');
    const known = stored.updates.filter(({ number }) => number <= sqlNumber);
    const isWhole = applyAll(doc, known.map(updateOf));
    const document: OpenDocument = { name, doc, rows: new DocumentRows(doc, schema) };
    const touched = new Map<string, Set<string>>();
    const stop = document.rows.observe((more) => addTouched(touched, more));
    // Those that still wait are tried again with the others: what they touch was never projected.
    const later = isWhole ? stored.updates.slice(known.length) : stored.updates;
    if (applyAll(doc, later.map(updateOf))) this.#withGap.delete(name);
    else this.#withGap.add(name);
    stop();
    this.#updateCount.set(name, stored.updates.length);
    if (sqlNumber === REBUILD) {
      inTransaction(sql, () => capture.pause(() => mirror.rebuild(name, document.rows)));
    } else if (touched.size > 0) {
      const changes = inTransaction(sql, () =>
        capture.pause(() => mirror.project(name, document.rows, touched)),
      );
      this.#options.onChanges(changes);
    }
    this.#sqlNumber.set(name, this.#lastNumber.get(name) ?? 0);
    this.#admit(document);
    if (sqlNumber === REBUILD) this.#options.onRebuilt();
  }

  #make(name: string, doc = new Y.Doc()): OpenDocument {
    return this.#admit({ name, doc, rows: new DocumentRows(doc, this.#options.schema) });
  }

  /** Complete as stored: whoever looks at its highest hlc must see that of the last update as well. */
  #admit(document: OpenDocument): OpenDocument {
    const { name, doc } = document;
    // Only now: Yjs gives itself another client id when it meets its own in an update from elsewhere.
    doc.clientID = this.#clientIds.get(name) ?? this.#options.newClientId();
    this.#clientIds.set(name, doc.clientID);
    this.#open.set(name, document);
    this.#options.onOpened(document);
    return document;
  }

  #close(name: string): void {
    const document = this.#open.get(name);
    if (!document) return;
    this.#open.delete(name);
    this.#options.onDropped(document);
    document.rows.close();
    document.doc.destroy();
  }
}

function updateOf({ update }: { readonly update: Uint8Array }): Uint8Array {
  return update;
}

export function emptyRecord(name: string): DocumentRecord {
  return { name, epoch: 1, seq: 0, head: 0, reported: 0, archived: 0, snapshotNumber: 0, snapshotBytes: 0 };
}

/**
 * Applies in order; one that came before what it depends on is tried again after the others. False when some still
 * wait [REG-7].
 */
export function applyAll(doc: Y.Doc, updates: readonly Uint8Array[]): boolean {
  let waiting = updates;
  for (;;) {
    const gaps = waiting.filter((update) => applyRemoteUpdate(doc, update, 'store') === 'gap');
    if (gaps.length === 0) return true;
    if (gaps.length === waiting.length) return false;
    waiting = gaps;
  }
}

export function addTouched(into: Map<string, Set<string>>, more: Touched): void {
  for (const [table, ids] of more) {
    let known = into.get(table);
    if (!known) {
      known = new Set();
      into.set(table, known);
    }
    for (const id of ids) known.add(id);
  }
}
