/**
 * n replicas of the engine alone (documents, registers, mirror, capture, SQL), and a network between them that
 * delays, repeats, reorders and cuts. No relay, no storage, no real time: a history is its seed.
 *
 *   Replica.write(sql) -> one update per document -> Network -> Replica.receive, in any order
 *
 * An update that arrives before what it builds on waits beside the document, as it does in a real replica.
 */
import type { SqlJsStatic } from 'sql.js';
import * as Y from 'yjs';
import { HybridClock } from '../base/hlc.ts';
import { type DeviceId, newDeviceId } from '../base/ids.ts';
import { Capture } from '../mirror/capture.ts';
import { Mirror } from '../mirror/mirror.ts';
import { RefusedWriteError } from '../mirror/refused-write.ts';
import type { SqlDatabase, SqlRow } from '../mirror/sql.ts';
import { openSqlJs } from '../mirror/sqljs.ts';
import { applyRemoteUpdate } from '../registers/apply.ts';
import { DocumentRows, type Touched } from '../registers/document-rows.ts';
import type { CellValue, Schema } from '../schema/table.ts';
import { FakeClock } from './fake-clock.ts';
import type { Prng } from './prng.ts';

export interface Statement {
  readonly sql: string;
  readonly params?: readonly CellValue[];
}

/** One document's share of a commit. */
export interface Update {
  readonly document: string;
  readonly update: Uint8Array;
}

interface HeldDocument {
  readonly doc: Y.Doc;
  readonly rows: DocumentRows;
  /** Everything the document was made from, in order of arrival: its storage. */
  readonly log: Uint8Array[];
}

export interface ReplicaSetup {
  readonly sqlJs: SqlJsStatic;
  readonly schema: Schema;
  readonly random: Prng;
  readonly clock?: FakeClock;
  readonly device?: DeviceId;
  readonly user?: string;
}

export class TestReplica {
  readonly device: DeviceId;
  readonly wall: FakeClock;
  readonly user: string;
  sql: SqlDatabase;
  clock: HybridClock;
  readonly #setup: ReplicaSetup;
  readonly #documents = new Map<string, HeldDocument>();
  readonly #waiting: Update[] = [];
  #mirror: Mirror;
  #capture: Capture;

  constructor(setup: ReplicaSetup) {
    this.#setup = setup;
    this.device = setup.device ?? newDeviceId((count) => setup.random.bytes(count));
    this.user = setup.user ?? `user-${this.device}`;
    this.wall = setup.clock ?? new FakeClock();
    this.clock = new HybridClock(this.wall.nowMs);
    this.sql = openSqlJs(setup.sqlJs);
    this.#mirror = new Mirror(this.sql, setup.schema);
    this.#capture = new Capture(this.sql, setup.schema);
    this.#openTables();
  }

  get documents(): ReadonlyMap<string, HeldDocument> {
    return this.#documents;
  }

  /** Updates that wait for one they build on. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get mirror(): Mirror {
    return this.#mirror;
  }

  rows(document: string): DocumentRows {
    return this.#document(document).rows;
  }

  /** One local transaction. Throws what SQLite or capture throws, with nothing of it kept. */
  write(...statements: readonly (string | Statement)[]): Update[] {
    this.sql.exec('begin');
    try {
      for (const statement of statements) {
        if (typeof statement === 'string') this.sql.exec(statement);
        else this.sql.run(statement.sql, statement.params);
      }
      for (const { rows } of this.#documents.values()) this.clock.observe(rows.maxHlc);
      const result = this.#capture.write({
        user: this.user,
        device: this.device,
        hlc: this.clock.tick(),
        documentRows: (document) => this.#document(document).rows,
      });
      const updates: Update[] = [];
      const stops = result.documents.map((document) => {
        const { doc, log } = this.#document(document);
        const keep = (update: Uint8Array) => {
          updates.push({ document, update });
          log.push(update);
        };
        doc.on('update', keep);
        return () => doc.off('update', keep);
      });
      result.apply(this);
      for (const stop of stops) stop();
      for (const [document, touched] of result.touched) {
        this.#mirror.settle(document, this.rows(document), touched);
      }
      this.sql.exec('commit');
      return updates;
    } catch (error) {
      this.sql.exec('rollback');
      throw error;
    }
  }

  /** Like `write`; a refused transaction is no commit. */
  tryWrite(...statements: readonly (string | Statement)[]): Update[] {
    try {
      return this.write(...statements);
    } catch (error) {
      if (error instanceof RefusedWriteError || /constraint failed/.test(String(error))) return [];
      throw error;
    }
  }

  /** What arrived together becomes one SQL transaction; what cannot be applied yet waits. */
  receive(updates: readonly Update[]): void {
    const touchedByDocument = new Map<string, Map<string, Set<string>>>();
    this.#waiting.push(...updates);
    for (let progress = true; progress; ) {
      progress = false;
      for (const update of this.#waiting.splice(0)) {
        if (this.#apply(update, touchedByDocument)) progress = true;
        else this.#waiting.push(update);
      }
    }
    this.sql.exec('begin');
    for (const [document, touched] of touchedByDocument) {
      this.#capture.pause(() => this.#mirror.project(document, this.rows(document), touched));
    }
    this.sql.exec('commit');
  }

  /** The process ends and comes back: documents from storage, with new client ids; SQL from its image or afresh. */
  restart(options: { readonly keepImage: boolean }): void {
    const image = this.sql.export();
    const logs = [...this.#documents].map(([name, { log }]) => [name, log] as const);
    const lastHlc = this.clock.last;
    this.close();
    this.#documents.clear();
    this.sql = openSqlJs(this.#setup.sqlJs, options.keepImage ? image : undefined);
    this.#mirror = new Mirror(this.sql, this.#setup.schema);
    this.#capture = new Capture(this.sql, this.#setup.schema);
    this.clock = new HybridClock(this.wall.nowMs, lastHlc);
    this.#openTables();
    this.sql.exec('begin');
    for (const [name, log] of logs) {
      const held = this.#document(name);
      for (const update of log) Y.applyUpdate(held.doc, update, 'storage');
      held.log.push(...log);
      if (!options.keepImage) this.#capture.pause(() => this.#mirror.rebuild(name, held.rows));
    }
    this.sql.exec('commit');
  }

  /** Everything SQL holds, as text: equal texts are equal databases. */
  dump(): string {
    return dumpTables(this.sql, this.#setup.schema);
  }

  /** What SQL would hold if it were rebuilt from the documents now, in some other order, by this or another build. */
  dumpAfresh(schema = this.#setup.schema): string {
    const sql = openSqlJs(this.#setup.sqlJs);
    const mirror = new Mirror(sql, schema);
    mirror.createTables();
    for (const [name, { doc }] of this.#setup.random.shuffle([...this.#documents])) {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc), 'copy');
      const rows = new DocumentRows(copy, schema);
      mirror.rebuild(name, rows);
      rows.close();
      copy.destroy();
    }
    const dump = dumpTables(sql, schema);
    mirror.close();
    sql.close();
    return dump;
  }

  query(sql: string, params?: readonly CellValue[]): SqlRow[] {
    return this.sql.rows(sql, params);
  }

  close(): void {
    for (const { doc, rows } of this.#documents.values()) {
      rows.close();
      doc.destroy();
    }
    this.#mirror.close();
    this.#capture.close();
    this.sql.close();
  }

  #apply({ document, update }: Update, touchedByDocument: Map<string, Map<string, Set<string>>>): boolean {
    const { doc, rows, log } = this.#document(document);
    const stop = rows.observe((touched) => mergeTouched(touchedByDocument, document, touched));
    const outcome = applyRemoteUpdate(doc, update, 'network');
    stop();
    if (outcome === 'gap') return false;
    log.push(update);
    this.clock.observe(rows.maxHlc);
    return true;
  }

  #document(name: string): HeldDocument {
    let held = this.#documents.get(name);
    if (!held) {
      const doc = new Y.Doc();
      // Client ids by the seed, so that a history repeats exactly.
      doc.clientID = this.#setup.random.int(2 ** 31);
      held = { doc, rows: new DocumentRows(doc, this.#setup.schema), log: [] };
      this.#documents.set(name, held);
    }
    return held;
  }

  #openTables(): void {
    this.#mirror.createTables();
    this.#capture.install();
  }
}

function mergeTouched(
  touchedByDocument: Map<string, Map<string, Set<string>>>,
  document: string,
  touched: Touched,
): void {
  const merged = touchedByDocument.get(document) ?? new Map<string, Set<string>>();
  touchedByDocument.set(document, merged);
  for (const [table, ids] of touched) {
    merged.set(table, new Set([...(merged.get(table) ?? []), ...ids]));
  }
}

/** Every row of every mirrored table, every conflict and every violation. */
export function dumpTables(sql: SqlDatabase, schema: Schema): string {
  const names = [...schema.tables.map(({ name }) => name), '_conflict', '_violation', '_shadow'];
  return names
    .flatMap((name) => {
      const rows = sql.rows(`select * from "${name}"`).map((row) => JSON.stringify(row));
      return [`-- ${name}`, ...rows.sort()];
    })
    .join('\n');
}
