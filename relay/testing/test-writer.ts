/**
 * A device that writes registers by hand and appends them as commits: for tests of what comes after the log. It
 * hears of others only through `hear`.
 */
import * as Y from 'yjs';
import { hlcOfMs } from '../../shared/base/hlc.ts';
import { type DeviceId, newId } from '../../shared/base/ids.ts';
import { cellKey, flagKey, recordKey } from '../../shared/registers/key.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { Log, StoredPart } from '../log/log.ts';

/** A write to one document, inside its Yjs transaction. */
export type Write = (doc: Y.Doc, at: { readonly device: string; readonly hlc: number }) => void;

export interface TestCommit {
  readonly id: string;
  readonly label: string;
  readonly hlc: number;
  readonly parts: readonly {
    readonly document: string;
    readonly epoch: number;
    readonly update: Uint8Array;
  }[];
}

/** 2026-11-22, so that ids made with `at` route to documents of that month. */
export const TEST_START_MS = Date.UTC(2026, 10, 22, 9);

export class TestWriter {
  readonly device: string;
  readonly user: string;
  readonly workspace: string;
  readonly docs = new Map<string, Y.Doc>();
  epoch = 1;
  readonly #log: Log;
  #tick = 0;

  constructor(log: Log, options: { device: string; user?: string; workspace?: string }) {
    this.#log = log;
    this.device = options.device;
    this.user = options.user ?? 'ana';
    this.workspace = options.workspace ?? 'taller';
  }

  doc(name: string): Y.Doc {
    let doc = this.docs.get(name);
    if (!doc) {
      doc = new Y.Doc();
      this.docs.set(name, doc);
    }
    return doc;
  }

  /** Makes a commit without sending it. */
  make(label: string, writes: Readonly<Record<string, Write>>): TestCommit {
    this.#tick++;
    const hlc = hlcOfMs(TEST_START_MS + this.#tick * 1000) + this.device.charCodeAt(0);
    const parts = Object.entries(writes).map(([document, write]) => {
      const doc = this.doc(document);
      const updates: Uint8Array[] = [];
      const collect = (update: Uint8Array) => updates.push(update);
      doc.on('update', collect);
      doc.transact(() => write(doc, { device: this.device, hlc }), this);
      doc.off('update', collect);
      return { document, epoch: this.epoch, update: Y.mergeUpdates(updates) };
    });
    return { id: newId(TEST_START_MS + this.#tick), label, hlc, parts };
  }

  async send(...commits: readonly TestCommit[]): Promise<readonly (readonly StoredPart[])[]> {
    const outcomes = await this.#log.append(
      commits.map(({ id, label, hlc, parts }) => ({
        workspace: this.workspace,
        user: this.user,
        device: this.device,
        commit: { id, device: this.device as DeviceId, hlc, schema: 1, label },
        parts,
      })),
    );
    return outcomes.map(({ parts }) => parts);
  }

  async commit(label: string, writes: Readonly<Record<string, Write>>): Promise<TestCommit> {
    const commit = this.make(label, writes);
    await this.send(commit);
    return commit;
  }

  hear(commit: TestCommit): void {
    for (const { document, update } of commit.parts) Y.applyUpdate(this.doc(document), update, 'heard');
  }
}

export const insert =
  (table: string, id: string, cells: Readonly<Record<string, CellValue>>, as?: string): Write =>
  (doc, { device, hlc }) => {
    doc.getMap(table).set(recordKey(id, as ?? device), [hlc, 0, cells]);
  };

export const update =
  (table: string, id: string, column: string, value: CellValue, as?: string): Write =>
  (doc, { device, hlc }) => {
    doc.getMap(table).set(cellKey(id, as ?? device, column), [hlc, 0, value]);
  };

export const remove =
  (table: string, id: string): Write =>
  (doc, { device, hlc }) => {
    doc.getMap(table).set(flagKey(id, device), [hlc, hlc, 1]);
  };

export const restore =
  (table: string, id: string): Write =>
  (doc, { device, hlc }) => {
    doc.getMap(table).set(flagKey(id, device), [hlc, hlc, 0]);
  };

export const all =
  (...writes: readonly Write[]): Write =>
  (doc, at) => {
    for (const write of writes) write(doc, at);
  };
