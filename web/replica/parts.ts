/**
 * The parts of a replica, made and put together. Each does its own job; what one of them tells the others goes through
 * here.
 *
 *   SQL ──► Writer ──► registers ──► store ──► Outbox ──► Connection ──► relay
 *   relay ──► Connection ──► Receiver ──► documents ──► mirror ──► SQL ──► LiveQueries
 */
import { HybridClock } from '../../shared/base/hlc.ts';
import { newDeviceId } from '../../shared/base/ids.ts';
import { Capture } from '../../shared/mirror/capture.ts';
import { Mirror } from '../../shared/mirror/mirror.ts';
import { mayRead } from '../../shared/permissions/grants.ts';
import type { Proof } from '../client/engine-messages.ts';
import { Checkpoint } from './checkpoint.ts';
import type { Core, ReplicaDeps } from './core.ts';
import { DeviceRecord } from './device-record.ts';
import { fillSystemTables } from './fill-system-tables.ts';
import { DEFAULT_MAX_REGISTERS, Documents } from './hydration.ts';
import type { Image } from './image.ts';
import { LiveQueries } from './live-queries.ts';
import { takeBack } from './lost-writes.ts';
import { Notes } from './notes.ts';
import { adopted, DEFAULT_PRIORITY, Outbox } from './outbox.ts';
import type { PreparedDatabase } from './prepared-database.ts';
import type { ReplicaOptions } from './replica.ts';
import { Sender } from './sender.ts';
import { SqlAnalysis } from './sql-analysis.ts';
import type { Status, Stop } from './status.ts';
import { StatusBoard } from './status-board.ts';
import { StoreError, type StoreHead, type StoreWrite } from './store/store.ts';
import { WriteQueue } from './store/write-queue.ts';
import { highestHlcOf, lastNumberOf } from './stored-head.ts';
import { Connection } from './sync/connection.ts';
import { PresenceRooms } from './sync/presence.ts';
import { SyncMetrics } from './sync-metrics.ts';
import { systemDeps } from './system-deps.ts';
import { SystemTables } from './system-tables.ts';
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

/** What is open already when the parts are made. */
export interface Opened {
  readonly sql: PreparedDatabase;
  readonly head: StoreHead;
  /** The file of `sql`. */
  readonly image: Image;
  readonly schemaHash: string;
}

export class Parts {
  readonly core: Core;
  readonly record: DeviceRecord;
  readonly writer: Writer;
  readonly undo: UndoStack;
  readonly connection: Connection;
  readonly sender: Sender;
  readonly presence: PresenceRooms;
  readonly checkpoint: Checkpoint;
  readonly verifier: Verifier;
  readonly board: StatusBoard;
  readonly #notes: Notes;
  #number: number;
  #isClosed = false;

  constructor(options: ReplicaOptions, opened: Opened, readStatus: () => Status) {
    const { schema } = options;
    const { sql, head, image, schemaHash } = opened;
    const deps: ReplicaDeps = { ...systemDeps(), ...options.deps };
    const device = head.meta.device ?? newDeviceId(deps.randomBytes);
    const imageNumber = image.manifest?.number;
    this.board = new StatusBoard(readStatus);
    this.#number = lastNumberOf(head);

    const isReadable = (family: string) => {
      const grants = this.core === undefined ? options.grants : this.core.grants;
      return grants === undefined || mayRead(grants, family);
    };
    const mirror = new Mirror(sql, schema, { isReadable });
    const capture = new Capture(sql, schema, { isReadable });
    const analysis = new SqlAnalysis(sql);
    sql.prepareBy = () => {
      sql.exec(PRAGMAS);
      mirror.createTables();
      capture.install();
      this.core.tables.create();
      fillSystemTables(this.core, head.notes);
      analysis.forget();
    };
    const live = new LiveQueries(sql, analysis, () => performance.now());
    const clock = new HybridClock(deps.nowMs, highestHlcOf(head));
    clock.offsetMs = head.meta.offsetMs ?? 0;
    const queue = new WriteQueue(options.store, {
      setTimer: deps.setTimer,
      onStored: (write) => this.#onStored(write),
      onFailure: (error, lost) => {
        if (!this.#isClosed) this.board.storageIs({ failure: takeBack(this.core, error, lost) });
      },
    });
    const record = new DeviceRecord(head.meta, device, options.user, { queue, nowMs: deps.nowMs });
    this.record = record;
    this.#notes = new Notes(queue, deps);
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
          this.checkpoint.touch();
        },
        onRebuilt: () => {
          live.changedAll();
          this.checkpoint.touch();
        },
        onOpened: (document) => {
          clock.observe(document.rows.maxHlc);
          this.presence.opened(document);
          this.#tellMemory(document.name, document.rows.registerCount);
        },
        onDropped: (document) => {
          this.presence.dropped(document);
          this.#tellMemory(document.name, undefined);
        },
      },
      head,
      imageNumber ?? -1,
    );
    this.core = {
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
      device,
      user: options.user,
      acting: undefined,
      deps,
      priorityOf: options.priorityOf ?? (() => DEFAULT_PRIORITY),
      grants: options.grants,
      readDocument: (name) => options.store.readDocument(name),
      takeNumber: () => {
        this.checkpoint.touch();
        return ++this.#number;
      },
      lastNumber: () => this.#number,
      statusChanged: () => this.board.changed(),
      committed: () => this.connection.pump(),
    };
    this.writer = new Writer(this.core);
    this.undo = new UndoStack(this.core, this.writer, head.notes.undo);
    this.sender = new Sender(this.core, {
      rejoin: () => this.connection.rejoin(),
      settleUnsure: () => this.connection.settleUnsure(),
      readClock: () => this.connection.readClock(),
      onWithdrawn: () => this.undo.clear(),
    });
    this.connection = new Connection(this.core, {
      ...this.sender.listener,
      onLevel: () => this.#onLevel(),
      onLevelLost: () => record.levelLost(),
    });
    this.presence = new PresenceRooms({
      channels: this.connection.channels,
      device,
      user: options.user,
      hold: (document) => this.#hold(document),
    });
    this.checkpoint = new Checkpoint(this.core, schemaHash, image);
    this.verifier = new Verifier({
      core: this.core,
      target: () => this.connection.target,
      isLevel: () => this.connection.status.level,
      renew: (document) => this.sender.renew(document),
      rejoin: () => this.connection.rejoin(),
      provedAtMs: head.meta.provedAtMs,
      onProved: (proof) => this.#onProved(proof),
    });
    // In an image of this very schema the tables are there, and reading needs no triggers.
    if (imageNumber === undefined) sql.prepareNow();
    else deps.setTimer(PREPARE_AFTER_MS, () => sql.prepareNow());
    this.#keepNotes();
    // Of no use, and its blocks would stay for ever.
    if (imageNumber === undefined && head.image !== undefined) this.dropImage().catch(() => {}); // told through the status
    record.keep();
  }

  dropImage(): Promise<void> {
    return this.core.queue.write({ durability: 'relaxed', image: 'drop' });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends them all; resolves once what they wrote is on disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.core.whole.end(new StoreError('closed', 'the database was closed, and nothing of this was written'));
    this.board.close();
    this.checkpoint.close();
    this.verifier.close();
    this.sender.close();
    this.connection.disconnect();
    this.presence.close();
    this.#notes.flush();
    await this.core.queue.idle();
    this.core.documents.close();
    this.core.sql.close();
  }

  #onLevel(): void {
    this.record.levelReached(this.core.clock.offsetMs);
    this.sender.onLevel();
    this.verifier.onLevel();
    this.checkpoint.touch();
  }

  #onProved({ atMs, mendedRows }: Proof): void {
    if (mendedRows > 0) this.checkpoint.touch();
    this.record.proved(atMs);
  }

  #hold(document: string): Stop {
    const { documents } = this.core;
    const release = documents.pin(document);
    if (!documents.getOrCreate(document)) documents.hydrate([document]).catch(() => {}); // told through the status
    return release;
  }

  #onStored(write: StoreWrite): void {
    if (write.image === 'drop') this.checkpoint.imageDropped();
    if (this.board.storage.failure !== undefined && write.updates)
      this.board.storageIs({ failure: undefined });
  }

  #keepNotes(): void {
    const { tables } = this.core;
    this.#notes.keep('undo', () => ({ undo: this.undo.note() }));
    this.#notes.keep('sync', () => ({ sync: tables.storedSync() }));
    this.undo.onChanged = () => this.#notes.touch('undo');
    tables.onStored = () => this.#notes.touch('sync');
  }

  /** In `_document`. Told to no live query: this may be in the middle of a transaction. */
  #tellMemory(name: string, registers: number | undefined): void {
    const { tables, documents } = this.core;
    tables.documentChanged(documents.record(name), registers, documents.tailLength(name));
  }
}
