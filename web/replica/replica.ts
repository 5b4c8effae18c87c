/**
 * What one device holds: SQL database, documents, outbox, storage. This file opens it, brings SQL up to what is stored,
 * and has every call that can be made on it; what does the work is put together in parts.ts.
 *
 *   store ──► image ──► SQL ──► first results
 */
import type { DeviceId } from '../../shared/base/ids.ts';
import { bucketOfMs } from '../../shared/documents/bucket.ts';
import { documentOf } from '../../shared/documents/route.ts';
import type { SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import type { Grants } from '../../shared/permissions/grants.ts';
import { listedAfter } from '../../shared/registers/conflict.ts';
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
import type { Acting, Core, ReplicaDeps } from './core.ts';
import { Image, schemaHashOf } from './image.ts';
import type { OnRows, QueryReport } from './live-queries.ts';
import { type Opened, Parts } from './parts.ts';
import { PreparedDatabase } from './prepared-database.ts';
import { encodeRescue, importRescue, type RescueResult } from './rescue.ts';
import { assertMayRead } from './statement-rules.ts';
import type { Status, Stop, StorageHealth } from './status.ts';
import { type Store, StoreError, type StoreHead } from './store/store.ts';
import type { Target } from './sync/connection.ts';
import { SYSTEM_TABLE } from './system-tables.ts';

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
    const replica = new Replica(options, { sql, head, image, schemaHash });
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
  readonly #options: ReplicaOptions;
  readonly #parts: Parts;
  readonly #image: Image;
  #rebuilding: number | undefined;
  #damageTold: Promise<void> | undefined;
  #stopHydrating: Stop = () => {};

  /** Use openReplica. */
  constructor(options: ReplicaOptions, opened: Opened) {
    const { image, head } = opened;
    this.#options = options;
    this.#image = image;
    this.#rebuilding = image.manifest === undefined && head.updates.length > 0 ? 0 : undefined;
    this.#parts = new Parts(options, opened, () => this.status());
    this.device = this.#parts.core.device;
    this.user = options.user;
  }

  /** Brings SQL up to what is stored: the whole of it when there was no image. */
  async catchUpWithStore(): Promise<void> {
    const stale = this.#parts.core.documents.stale();
    for (const [index, name] of stale.entries()) {
      await this.#parts.core.documents.hydrate([name]);
      if (this.#rebuilding === undefined) continue;
      this.#rebuilding = (index + 1) / stale.length;
      this.#options.onRebuilding?.(this.#rebuilding);
      this.#parts.core.documents.dropUnderBudget();
    }
    this.#rebuilding = undefined;
    await this.#parts.sender.attachLeft();
    if (stale.length > 0) this.#parts.checkpoint.touch();
    if (this.#image.isDamaged) throw new Error('the image is damaged');
    this.#image.onDamaged = () => this.#onImageDamaged();
    this.#stopHydrating = this.#parts.core.deps.setTimer(HYDRATE_AFTER_MS, () => {
      this.#hydrateLive();
      void this.#image.readAhead(READ_AHEAD_BYTES); // never rejects
    });
    this.#parts.board.changed();
  }

  /** Rows of any SELECT. Throws for a statement that would write, and when it needs a damaged part of the image. */
  query(sql: string, params: SqlParams = []): SqlRow[] {
    if (this.#parts.isClosed)
      throw new StoreError('closed', 'the database was closed, and nothing of it can be read');
    assertMayRead(sql, this.#parts.core.analysis);
    return this.#parts.core.sql.rows(sql, params);
  }

  /** Resolves once the write is on disk; rejects, with nothing kept, when a rule or the disk refuses it. */
  execute(sql: string, params: SqlParams = [], options: WriteOptions = {}): Promise<WriteResult> {
    return this.#parts.writer.transaction([{ sql, params }], options);
  }

  /** All statements as one commit, or none. */
  transaction(statements: readonly Statement[], options: WriteOptions = {}): Promise<WriteResult> {
    return this.#parts.writer.transaction(statements, options);
  }

  watch(sql: string, params: SqlParams, onRows: OnRows, onError: (error: unknown) => void = () => {}): Stop {
    return this.#parts.core.live.watch(sql, params, onRows, onError);
  }

  liveQueries(): QueryReport[] {
    return this.#parts.core.live.report();
  }

  editText(ref: TextRef, base: string, next: string): Promise<string> {
    return this.#parts.writer.editText(ref, base, next);
  }

  /** Ends a conflict with this value; column '' is the row itself: 1 deletes it, 0 keeps it. */
  resolve(ref: TextRef, value: CellValue): Promise<WriteResult> {
    return this.#parts.writer.resolve(ref, value);
  }

  setPresence(document: string, state: Readonly<Record<string, unknown>> | null): void {
    this.#parts.presence.set(document, state);
  }

  watchPresence(document: string, onChange: (present: readonly Presence[]) => void): Stop {
    return this.#parts.presence.watch(document, onChange);
  }

  documentOf(table: string, row: SqlRow): string {
    return documentOf(this.#parts.core.schema, table, row);
  }

  status(): Status {
    const { outbox, sql, clock, grants, deps, metrics } = this.#parts.core;
    const connection = this.#parts.connection.status;
    const { lastSyncAtMs } = this.#parts.record;
    const count = (of: string, params: SqlParams = []) =>
      sql.rows(`select count(*) as n from ${of}`, params)[0]!.n as number;
    return {
      ...connection,
      ...(this.#parts.sender.isTooOld ? { stopped: 'update-required' as const } : {}),
      pending: outbox.pendingCount,
      rejected: outbox.rejectedCount,
      conflicts: count("_conflict where policy = 'manual' or winner_hlc > ?", [listedAfter(deps.nowMs())]),
      violations: count('_violation'),
      receivedEvents: metrics.receivedEvents,
      firstSync: lastSyncAtMs === undefined,
      lastSyncAtMs: connection.level ? deps.nowMs() : lastSyncAtMs,
      clockOffsetMs: Math.round(clock.offsetMs),
      device: this.device,
      user: this.user,
      acting: this.#parts.core.acting?.user,
      grants,
      rebuilding: this.#rebuilding,
      storage: this.#parts.board.storage,
    };
  }

  /** Calls soon, and after each change, at most once per turn. */
  onStatus(onChange: (status: Status) => void): Stop {
    return this.#parts.board.watch(onChange);
  }

  connect(target: Target): void {
    this.#parts.connection.connect(target);
  }

  disconnect(because?: Status['stopped']): void {
    this.#parts.connection.disconnect(because);
  }

  /**
   * From here on this person writes: rows name them in `created_by`, commits in their label. Undefined: the user of
   * the session again. What may be sent stays a matter of the session.
   */
  actAs(acting: Acting | undefined): void {
    this.#parts.core.acting = acting;
    this.#parts.board.changed();
  }

  /** Tries to connect and to send now, whatever waits for its next attempt. */
  retry(): void {
    this.#parts.core.outbox.retryNow();
    this.#parts.connection.retry();
  }

  /** Gives up a commit that the relay has not stored: its rows go back to what they were without it. */
  discard(commit: string): Promise<void> {
    return this.#parts.sender.discard(commit);
  }

  /** Sends a rejected commit once more, after whatever made the relay refuse it was put right. */
  resend(commit: string): Promise<void> {
    return this.#parts.sender.resend(commit);
  }

  /** Resolves when nothing waits here: every write is on disk, every commit stored by the relay, everything received applied. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#parts.core.queue.idle();
      await this.#parts.connection.idle();
      await this.#parts.sender.idle();
      if (
        this.#parts.connection.status.level &&
        this.#parts.core.outbox.pendingCount === 0 &&
        this.#parts.core.queue.isIdle
      )
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
    return this.#parts.verifier.verify();
  }

  syncReport(): SyncReport {
    const { metrics, outbox } = this.#parts.core;
    return metrics.read(outbox.pendingCount);
  }

  /** The last proof of this run, asked for or not. */
  lastProof(): Proof | undefined {
    return this.#parts.verifier.last;
  }

  undo(commit?: string): Promise<UndoResult> {
    return this.#parts.undo.undo(commit);
  }

  redo(): Promise<UndoResult> {
    return this.#parts.undo.redo();
  }

  /** One file with the image and the unsent commits; importing it anywhere loses nothing. */
  exportRescue(): Uint8Array {
    return encodeRescue(this.#parts.core, this.exportSqlite());
  }

  importRescue(file: Uint8Array): Promise<RescueResult> {
    return importRescue(this.#parts.core, file);
  }

  /** The image for any SQLite tool: mirrored tables, conflicts and violations; nothing of the outbox. */
  exportSqlite(): Uint8Array {
    return this.#parts.core.sql.export();
  }

  /** Writes the SQL image and folds documents now, instead of in the background. */
  checkpoint(): Promise<void> {
    return this.#parts.checkpoint.run();
  }

  storageHealth(health: Partial<StorageHealth>): void {
    this.#parts.board.storageIs(health);
  }

  /** Small values of the page that outlive it, such as the session. */
  page(): Readonly<Record<string, unknown>> {
    return this.#parts.record.page;
  }

  setPage(page: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#parts.record.setPage(page);
  }

  /** Resolves when a damaged image was dropped and `onImageDamaged` called, or cannot be; undefined while it is whole. */
  get damageTold(): Promise<void> | undefined {
    return this.#damageTold;
  }

  /** For diagnosis, tests and tools inside the engine. */
  get core(): Core {
    return this.#parts.core;
  }

  async close(): Promise<void> {
    if (this.#parts.isClosed) return;
    await this.leave();
    await this.#options.store.close();
  }

  /** Ends everything but the store. */
  async leave(): Promise<void> {
    this.#stopHydrating();
    await this.#parts.close();
    this.#image.release();
  }

  /** Opened anew, it is rebuilt. Not when the disk refuses this: then it would not be opened either. */
  #onImageDamaged(): void {
    this.#damageTold = this.#parts.dropImage().then(
      () => {
        if (!this.#parts.isClosed) this.#options.onImageDamaged?.();
      },
      () => {}, // told through the status
    );
  }

  /** What is written daily, so that the first write of the day need not wait: this month, and what has no months. */
  #hydrateLive(): void {
    const { documents, deps } = this.#parts.core;
    const month = bucketOfMs(deps.nowMs());
    const live = documents.names().filter((name) => {
      const isLive = !name.includes('/') || name.endsWith(`/${month}`);
      return isLive && documents.record(name).snapshotBytes <= MAX_LIVE_BYTES;
    });
    documents.hydrate(live).catch(() => {}); // whoever needs one tries again
  }
}
