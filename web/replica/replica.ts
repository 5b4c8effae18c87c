/**
 * What one device holds: SQL database, documents, outbox, storage. This file opens the parts and puts them
 * together; each part does its own job.
 *
 *   store ──► image ──► SQL ──► first results            (open)
 *   SQL ──► Writer ──► registers ──► store ──► Outbox ──► Connection ──► relay
 *   relay ──► Connection ──► Receiver ──► documents ──► mirror ──► SQL ──► LiveQueries
 */
import { HybridClock } from '../../shared/base/hlc.ts';
import { type DeviceId, newDeviceId } from '../../shared/base/ids.ts';
import { bucketOfMs } from '../../shared/documents/bucket.ts';
import { documentOf } from '../../shared/documents/route.ts';
import { Capture } from '../../shared/mirror/capture.ts';
import { Mirror } from '../../shared/mirror/mirror.ts';
import type { SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import type { CellValue, Schema } from '../../shared/schema/table.ts';
import type {
  Presence,
  Proof,
  Statement,
  SyncReport,
  TextRef,
  UndoResult,
  WriteOptions,
  WriteResult,
} from '../client/engine-messages.ts';
import { Checkpoint } from './checkpoint.ts';
import type { Acting, Core, ReplicaDeps } from './core.ts';
import { fillSystemTables } from './fill-system-tables.ts';
import { DEFAULT_MAX_REGISTERS, Documents } from './hydration.ts';
import { Image, schemaHashOf } from './image.ts';
import { LiveQueries, type OnRows, type QueryReport } from './live-queries.ts';
import { takeBack } from './lost-writes.ts';
import { Notes } from './notes.ts';
import { adopted, DEFAULT_PRIORITY, Outbox } from './outbox.ts';
import { PreparedDatabase } from './prepared-database.ts';
import { encodeRescue, importRescue, type RescueResult } from './rescue.ts';
import { Sender } from './sender.ts';
import { SqlAnalysis } from './sql-analysis.ts';
import { assertMayRead } from './statement-rules.ts';
import type { Status, Stop, StorageHealth } from './status.ts';
import { StatusBoard } from './status-board.ts';
import { type Store, StoreError, type StoreHead, type StoreMeta, type StoreWrite } from './store/store.ts';
import { WriteQueue } from './store/write-queue.ts';
import { highestHlcOf, lastNumberOf } from './stored-head.ts';
import { Connection, type Target } from './sync/connection.ts';
import { PresenceRooms } from './sync/presence.ts';
import { SyncMetrics } from './sync-metrics.ts';
import { systemDeps } from './system-deps.ts';
import { SYSTEM_TABLE, SystemTables } from './system-tables.ts';
import { UndoStack } from './undo.ts';
import { Verifier } from './verifier.ts';
import { Wholeness } from './wholeness.ts';
import { Writer } from './writer.ts';

/**
 * The database is a file in memory already, made durable by the store: a journal on "disk" and syncing would only
 * copy pages about. 16 MB of cache hold the pages that a bulk write touches. Nobody else opens the file: a lock that is
 * kept saves each statement a look for the journal of somebody who crashed, which takes longer than an indexed read.
 */
const PRAGMAS =
  'pragma temp_store = memory; pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -16000; pragma main.locking_mode = exclusive';
/** After the first results: triggers and temporary tables take twice as long as opening the image. */
const PREPARE_AFTER_MS = 300;
/** After the first paint, which needs no document. */
const HYDRATE_AFTER_MS = 2_000;
/** The rest of an image of usual size, so that a query over everything need not wait for the disk. */
const READ_AHEAD_BYTES = 128 * 1024 * 1024;
/** A document larger than this waits until it is asked for: reading it would hold up queries for half a second. */
const MAX_LIVE_BYTES = 8 * 1024 * 1024;

export interface ReplicaOptions {
  readonly schema: Schema;
  readonly store: Store;
  readonly user: string;
  readonly deps?: Partial<ReplicaDeps>;
  /** Loading already: a worker starts it before it knows whose replica to open. In Node it is found beside the package. */
  readonly sqlJs?: ReturnType<typeof loadSqlJs>;
  /** Registers kept in memory before unused documents are dropped. */
  readonly maxRegisters?: number;
  readonly priorityOf?: (tables: Iterable<string>) => number;
  /** What the user may do, as far as known before the relay says it again. */
  readonly grants?: Grants;
  /** Rebuilding the SQL image from the documents: 0 to 1. */
  readonly onRebuilding?: (part: number) => void;
  /**
   * A part of the image that was read only now is damaged, and the image is dropped: rows are missing until the
   * replica is closed and opened again, which rebuilds it.
   */
  readonly onImageDamaged?: () => void;
}

/** Opens what the store holds, or begins afresh. Queries work as soon as it resolves, with no document in memory. */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  const { store } = options;
  const schemaHash = schemaHashOf(options.schema);
  const open = async (sqlJs: SqlJs, head: StoreHead, image: Image) => {
    const sql = new PreparedDatabase(openSqlJs(sqlJs, image.file), SYSTEM_TABLE);
    const replica = new Replica(options, sql, head, image, schemaHash);
    try {
      await replica.catchUpWithStore();
      return replica;
    } catch (error) {
      await replica.leave();
      throw error;
    }
  };
  // The wasm compiles while the disk is read.
  const [sqlJs, { head, image }] = await Promise.all([
    options.sqlJs ?? loadSqlJs(),
    store.readHead().then(async (head) => ({ head, image: await Image.open(store, head.image, schemaHash) })),
  ]);
  if (!image) return open(sqlJs, head, Image.empty());
  try {
    return await open(sqlJs, head, image);
  } catch (error) {
    if (!image.isDamaged) throw error;
    return open(sqlJs, await store.readHead(), Image.empty());
  }
}

type SqlJs = Awaited<ReturnType<typeof loadSqlJs>>;

export class Replica {
  readonly device: DeviceId;
  readonly user: string;
  readonly #core: Core;
  readonly #writer: Writer;
  readonly #undo: UndoStack;
  readonly #connection: Connection;
  readonly #sender: Sender;
  readonly #presence: PresenceRooms;
  readonly #image: Image;
  readonly #checkpoint: Checkpoint;
  readonly #verifier: Verifier;
  readonly #notes: Notes;
  readonly #store: Store;
  readonly #options: ReplicaOptions;
  #meta: StoreMeta;
  #number: number;
  #rebuilding: number | undefined;
  #damageTold: Promise<void> | undefined;
  readonly #board = new StatusBoard(() => this.status());
  #closed = false;
  #stopHydrating: Stop = () => {};

  /** `image`: the file of `sql`. Use openReplica. */
  constructor(
    options: ReplicaOptions,
    sql: PreparedDatabase,
    head: StoreHead,
    image: Image,
    schemaHash: string,
  ) {
    const deps: ReplicaDeps = { ...systemDeps(), ...options.deps };
    this.#options = options;
    this.#store = options.store;
    this.device = head.meta.device ?? newDeviceId(deps.randomBytes);
    this.user = options.user;
    this.#meta = { ...head.meta, device: this.device, user: options.user };
    this.#number = lastNumberOf(head);
    const imageNumber = image.manifest?.number;
    this.#rebuilding = imageNumber === undefined && head.updates.length > 0 ? 0 : undefined;
    this.#image = image;

    const { schema } = options;
    const isReadable = (family: string) => {
      const grants = this.#core === undefined ? options.grants : this.#core.grants;
      return grants === undefined || mayRead(grants, family);
    };
    const mirror = new Mirror(sql, schema, { isReadable });
    const capture = new Capture(sql, schema, { isReadable });
    const analysis = new SqlAnalysis(sql);
    sql.prepareBy = () => {
      sql.exec(PRAGMAS);
      mirror.createTables();
      capture.install();
      this.#core.tables.create();
      fillSystemTables(this.#core, head.notes);
      analysis.forget();
    };
    const live = new LiveQueries(sql, analysis, () => performance.now());
    const clock = new HybridClock(deps.nowMs, highestHlcOf(head));
    clock.offsetMs = head.meta.offsetMs ?? 0;
    const queue = new WriteQueue(options.store, {
      setTimer: deps.setTimer,
      onStored: (write) => this.#onStored(write),
      onFailure: (error, lost) => {
        if (!this.#closed) this.#board.storageIs({ failure: takeBack(this.#core, error, lost) });
      },
    });
    const documents = new Documents(
      {
        schema,
        store: options.store,
        sql,
        mirror,
        capture,
        maxRegisters: options.maxRegisters ?? DEFAULT_MAX_REGISTERS,
        newClientId: () => new DataView(deps.randomBytes(4).buffer).getUint32(0),
        onChanges: (changes) => {
          live.changed(changes, ['_conflict', '_violation']);
          this.#checkpoint.touch();
        },
        onRebuilt: () => {
          live.changedAll();
          this.#checkpoint.touch();
        },
        onOpened: (document) => {
          clock.observe(document.rows.maxHlc);
          this.#presence.opened(document);
          this.#tellMemory(document.name, document.rows.registerCount);
        },
        onDropped: (document) => {
          this.#presence.dropped(document);
          this.#tellMemory(document.name, undefined);
        },
      },
      head,
      imageNumber ?? -1,
    );
    this.#core = {
      schema,
      sql,
      mirror,
      capture,
      analysis,
      live,
      whole: new Wholeness(() => live.hold()),
      documents,
      outbox: new Outbox(adopted(head.outbox, schema.version), deps.random),
      tables: new SystemTables(sql),
      queue,
      metrics: new SyncMetrics(deps.nowMs),
      clock,
      device: this.device,
      user: options.user,
      acting: undefined,
      deps,
      priorityOf: options.priorityOf ?? (() => DEFAULT_PRIORITY),
      grants: options.grants,
      readDocument: (name) => options.store.readDocument(name),
      takeNumber: () => {
        this.#checkpoint.touch();
        return ++this.#number;
      },
      lastNumber: () => this.#number,
      statusChanged: () => this.#board.changed(),
      committed: () => this.#connection.pump(),
    };
    this.#notes = new Notes(queue, deps);
    this.#writer = new Writer(this.#core);
    this.#undo = new UndoStack(this.#core, this.#writer, head.notes.undo);
    this.#sender = new Sender(this.#core, {
      rejoin: () => this.#connection.rejoin(),
      settleUnsure: () => this.#connection.settleUnsure(),
      readClock: () => this.#connection.readClock(),
      onWithdrawn: () => this.#undo.clear(),
    });
    this.#connection = new Connection(this.#core, {
      ...this.#sender.listener,
      onLevel: () => this.#onLevel(),
      onLevelLost: () => {
        this.#meta = { ...this.#meta, lastSyncAtMs: deps.nowMs() };
      },
    });
    this.#presence = new PresenceRooms({
      channels: this.#connection.channels,
      device: this.device,
      user: options.user,
      hold: (document) => this.#hold(document),
    });
    this.#checkpoint = new Checkpoint(this.#core, schemaHash, image);
    this.#verifier = new Verifier({
      core: this.#core,
      target: () => this.#connection.target,
      isLevel: () => this.#connection.status.level,
      renew: (document) => this.#sender.renew(document),
      rejoin: () => this.#connection.rejoin(),
      provedAtMs: head.meta.provedAtMs,
      onProved: (proof) => this.#onProved(proof),
    });
    // In an image of this very schema the tables are there, and reading needs no triggers.
    if (imageNumber === undefined) sql.prepareNow();
    else deps.setTimer(PREPARE_AFTER_MS, () => sql.prepareNow());
    this.#keepNotes();
    // Of no use, and its blocks would stay for ever.
    if (imageNumber === undefined && head.image !== undefined) this.#dropImage().catch(() => {}); // told through the status
    if (head.meta.device === undefined) {
      queue.write({ durability: 'strict', meta: this.#meta }).catch(() => {}); // told through the status
    }
  }

  /** Brings SQL up to what is stored: the whole of it when there was no image. */
  async catchUpWithStore(): Promise<void> {
    const stale = this.#core.documents.stale();
    for (const [index, name] of stale.entries()) {
      await this.#core.documents.hydrate([name]);
      if (this.#rebuilding === undefined) continue;
      this.#rebuilding = (index + 1) / stale.length;
      this.#options.onRebuilding?.(this.#rebuilding);
      this.#core.documents.dropUnderBudget();
    }
    this.#rebuilding = undefined;
    await this.#sender.attachLeft();
    if (stale.length > 0) this.#checkpoint.touch();
    if (this.#image.isDamaged) throw new Error('the image is damaged');
    this.#image.onDamaged = () => this.#onImageDamaged();
    this.#stopHydrating = this.#core.deps.setTimer(HYDRATE_AFTER_MS, () => {
      this.#hydrateLive();
      void this.#image.readAhead(READ_AHEAD_BYTES); // never rejects
    });
    this.#board.changed();
  }

  /** Rows of any SELECT. Throws for a statement that would write, and when it needs a damaged part of the image. */
  query(sql: string, params: SqlParams = []): SqlRow[] {
    if (this.#closed)
      throw new StoreError('closed', 'the database was closed, and nothing of it can be read');
    assertMayRead(sql, this.#core.analysis);
    return this.#core.sql.rows(sql, params);
  }

  /** Resolves once the write is on disk; rejects, with nothing kept, when a rule or the disk refuses it. */
  execute(sql: string, params: SqlParams = [], options: WriteOptions = {}): Promise<WriteResult> {
    return this.#writer.transaction([{ sql, params }], options);
  }

  /** All statements as one commit, or none. */
  transaction(statements: readonly Statement[], options: WriteOptions = {}): Promise<WriteResult> {
    return this.#writer.transaction(statements, options);
  }

  watch(sql: string, params: SqlParams, onRows: OnRows, onError: (error: unknown) => void = () => {}): Stop {
    return this.#core.live.watch(sql, params, onRows, onError);
  }

  liveQueries(): QueryReport[] {
    return this.#core.live.report();
  }

  editText(ref: TextRef, base: string, next: string): Promise<string> {
    return this.#writer.editText(ref, base, next);
  }

  /** Ends a conflict with this value; column '' is the row itself: 1 deletes it, 0 keeps it. */
  resolve(ref: TextRef, value: CellValue): Promise<WriteResult> {
    return this.#writer.resolve(ref, value);
  }

  setPresence(document: string, state: Readonly<Record<string, unknown>> | null): void {
    this.#presence.set(document, state);
  }

  watchPresence(document: string, onChange: (present: readonly Presence[]) => void): Stop {
    return this.#presence.watch(document, onChange);
  }

  documentOf(table: string, row: SqlRow): string {
    return documentOf(this.#core.schema, table, row);
  }

  status(): Status {
    const { outbox, sql, clock, grants, deps } = this.#core;
    const connection = this.#connection.status;
    const count = (table: string) => sql.rows(`select count(*) as n from ${table}`)[0]!.n as number;
    return {
      ...connection,
      ...(this.#sender.isTooOld ? { stopped: 'update-required' as const } : {}),
      pending: outbox.pendingCount,
      rejected: outbox.rejectedCount,
      conflicts: count('_conflict'),
      violations: count('_violation'),
      firstSync: this.#meta.lastSyncAtMs === undefined,
      lastSyncAtMs: connection.level ? deps.nowMs() : this.#meta.lastSyncAtMs,
      clockOffsetMs: Math.round(clock.offsetMs),
      device: this.device,
      user: this.user,
      acting: this.#core.acting?.user,
      grants,
      rebuilding: this.#rebuilding,
      storage: this.#board.storage,
    };
  }

  /** Calls soon, and after each change, at most once per turn. */
  onStatus(onChange: (status: Status) => void): Stop {
    return this.#board.watch(onChange);
  }

  connect(target: Target): void {
    this.#connection.connect(target);
  }

  disconnect(because?: Status['stopped']): void {
    this.#connection.disconnect(because);
  }

  /**
   * From here on this person writes: rows name them in `created_by`, commits in their label. Undefined: the user of
   * the session again. What may be sent stays a matter of the session.
   */
  actAs(acting: Acting | undefined): void {
    this.#core.acting = acting;
    this.#board.changed();
  }

  /** Tries to connect and to send now, whatever waits for its next attempt. */
  retry(): void {
    this.#core.outbox.retryNow();
    this.#connection.retry();
  }

  /** Gives up a commit that the relay has not stored: its rows go back to what they were without it. */
  discard(commit: string): Promise<void> {
    return this.#sender.discard(commit);
  }

  /** Sends a rejected commit once more, after whatever made the relay refuse it was put right. */
  resend(commit: string): Promise<void> {
    return this.#sender.resend(commit);
  }

  /** Resolves when nothing waits here: every write is on disk, every commit stored by the relay, everything received applied. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#core.queue.idle();
      await this.#connection.idle();
      await this.#sender.idle();
      if (this.#connection.status.level && this.#core.outbox.pendingCount === 0 && this.#core.queue.isIdle)
        return;
      await new Promise<void>((resolve) => {
        const stop = this.onStatus(() => {
          stop();
          resolve();
        });
      });
      // A status call may come at once; give what arrives next its turn.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /**
   * Compares SQL with the registers of every document, and those with what the relay has; mends this side where it
   * differs. Unsent work stays.
   */
  verify(): Promise<Proof> {
    return this.#verifier.verify();
  }

  syncReport(): SyncReport {
    const { metrics, outbox } = this.#core;
    return metrics.read(outbox.pendingCount);
  }

  /** The last proof of this run, asked for or not. */
  lastProof(): Proof | undefined {
    return this.#verifier.last;
  }

  undo(commit?: string): Promise<UndoResult> {
    return this.#undo.undo(commit);
  }

  redo(): Promise<UndoResult> {
    return this.#undo.redo();
  }

  /** One file with the image and the unsent commits; importing it anywhere loses nothing. */
  exportRescue(): Uint8Array {
    return encodeRescue(this.#core, this.exportSqlite());
  }

  importRescue(file: Uint8Array): Promise<RescueResult> {
    return importRescue(this.#core, file);
  }

  /** The image for any SQLite tool: mirrored tables, conflicts and violations; nothing of the outbox. */
  exportSqlite(): Uint8Array {
    return this.#core.sql.export();
  }

  /** Writes the SQL image and folds documents now, instead of in the background. */
  checkpoint(): Promise<void> {
    return this.#checkpoint.run();
  }

  storageHealth(health: Partial<StorageHealth>): void {
    this.#board.storageIs(health);
  }

  /** Small values of the page that outlive it, such as the session. */
  page(): Readonly<Record<string, unknown>> {
    return this.#meta.page ?? {};
  }

  async setPage(page: Readonly<Record<string, unknown>>): Promise<void> {
    this.#meta = { ...this.#meta, page };
    await this.#core.queue.write({ durability: 'strict', meta: { page } });
  }

  /** Resolves when a damaged image was dropped and `onImageDamaged` called, or cannot be; undefined while it is whole. */
  get damageTold(): Promise<void> | undefined {
    return this.#damageTold;
  }

  /** For diagnosis, tests and tools inside the engine. */
  get core(): Core {
    return this.#core;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.leave();
    await this.#store.close();
  }

  /** Ends everything but the store. */
  async leave(): Promise<void> {
    this.#closed = true;
    this.#core.whole.end(
      new StoreError('closed', 'the database was closed, and nothing of this was written'),
    );
    this.#board.close();
    this.#stopHydrating();
    this.#checkpoint.close();
    this.#verifier.close();
    this.#sender.close();
    this.#connection.disconnect();
    this.#presence.close();
    this.#notes.flush();
    await this.#core.queue.idle();
    this.#core.documents.close();
    this.#core.sql.close();
    this.#image.release();
  }

  #dropImage(): Promise<void> {
    return this.#core.queue.write({ durability: 'relaxed', image: 'drop' });
  }

  /** Opened anew, it is rebuilt. Not when the disk refuses this: then it would not be opened either. */
  #onImageDamaged(): void {
    this.#damageTold = this.#dropImage().then(
      () => {
        if (!this.#closed) this.#options.onImageDamaged?.();
      },
      () => {}, // told through the status
    );
  }

  #onLevel(): void {
    const { clock, deps, queue } = this.#core;
    const meta = { lastSyncAtMs: deps.nowMs(), offsetMs: clock.offsetMs };
    this.#meta = { ...this.#meta, ...meta };
    queue.write({ durability: 'relaxed', meta }).catch(() => {}); // only a date
    this.#sender.onLevel();
    this.#verifier.onLevel();
    this.#checkpoint.touch();
  }

  #onProved({ atMs, mendedRows }: Proof): void {
    if (mendedRows > 0) this.#checkpoint.touch();
    this.#core.queue.write({ durability: 'relaxed', meta: { provedAtMs: atMs } }).catch(() => {}); // only a date
  }

  /** What is written daily, so that the first write of the day need not wait: this month, and what has no months. */
  #hydrateLive(): void {
    const { documents, deps } = this.#core;
    const month = bucketOfMs(deps.nowMs());
    const live = documents.names().filter((name) => {
      const isLive = !name.includes('/') || name.endsWith(`/${month}`);
      return isLive && documents.record(name).snapshotBytes <= MAX_LIVE_BYTES;
    });
    documents.hydrate(live).catch(() => {}); // whoever needs one tries again
  }

  #hold(document: string): Stop {
    const { documents } = this.#core;
    const release = documents.pin(document);
    if (!documents.getOrCreate(document)) documents.hydrate([document]).catch(() => {}); // told through the status
    return release;
  }

  #onStored(write: StoreWrite): void {
    if (write.image === 'drop') this.#checkpoint.imageDropped();
    if (this.#board.storage.failure !== undefined && write.updates)
      this.#board.storageIs({ failure: undefined });
  }

  #keepNotes(): void {
    const { tables } = this.#core;
    this.#notes.keep('undo', () => ({ undo: this.#undo.note() }));
    this.#notes.keep('sync', () => ({ sync: tables.storedSync() }));
    this.#undo.onChanged = () => this.#notes.touch('undo');
    tables.onStored = () => this.#notes.touch('sync');
  }

  /** In `_document`. Told to no live query: this may be in the middle of a transaction. */
  #tellMemory(name: string, registers: number | undefined): void {
    const { tables, documents } = this.#core;
    tables.documentChanged(documents.record(name), registers, documents.tailLength(name));
  }
}
