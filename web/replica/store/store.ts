/**
 * Where a replica keeps what must outlive the process. One `write` is one transaction: all of it is stored or
 * nothing, so a commit and its outbox entry, or a received unit and its positions, can never be parted
 * [STORE-1]. A resolved strict write survives a power cut [STORE-2]. Writes become durable in the order they
 * were asked for [STORE-3].
 *
 *   document  name -> position and sizes           updates  (document, number) -> one Yjs update
 *   snapshot  name -> the document up to a number  outbox   commit id -> what the relay has not stored
 *   meta      device id, clock, session            image    manifest and 64 KB blocks of the SQL image
 *
 * Updates carry a local number that counts up by one per write and is shared by all updates of one write; the
 * image and each snapshot say up to which number they contain everything. So the tail to replay is a range.
 */
import type { DeviceId } from '../../../shared/base/ids.ts';
import type { SqlRow } from '../../../shared/mirror/sql.ts';
import type { Commit } from '../../../shared/protocol/commit.ts';

export interface Store {
  readonly kind: 'indexeddb' | 'file' | 'memory';
  /** What open needs, read in one go; no update or snapshot bytes. Called before any write. */
  readHead(): Promise<StoreHead>;
  /** Every block the manifest names, in its order; undefined when one is missing. */
  openImageBlocks(hashes: readonly string[]): Promise<readonly StoredBlock[] | undefined>;
  /** A document's snapshot and every update after it, in order of their numbers. */
  readDocument(document: string): Promise<StoredDocument>;
  write(write: StoreWrite): Promise<void>;
  /** Waits for writes under way. Does nothing the second time. */
  close(): Promise<void>;
}

/** A block's bytes where they are at hand. Nobody writes to them. */
export type StoredBlock = Uint8Array | UnreadBlock;

/** Stays readable when the store drops the block meanwhile. Both throw when the disk does not have it any more. */
export interface UnreadBlock {
  readNow(): Uint8Array;
  read(): Promise<Uint8Array>;
}

export interface StoreHead {
  readonly meta: StoreMeta;
  readonly notes: StoreNotes;
  readonly documents: readonly DocumentRecord[];
  readonly outbox: readonly OutboxEntry[];
  readonly image: ImageManifest | undefined;
  /** [document, number] of every stored update, ordered by document, then number. */
  readonly updates: readonly (readonly [document: string, number: number])[];
}

export interface StoreMeta {
  readonly device?: DeviceId;
  readonly user?: string;
  /** At least the hlc of every stored commit that is not in the outbox. */
  readonly hlc?: number;
  /** Relay time minus device time when last measured, in ms. */
  readonly offsetMs?: number;
  readonly lastSyncAtMs?: number;
  /** When rows were last proved to be right. */
  readonly provedAtMs?: number;
  /** Small values of the page, such as the session. JSON. */
  readonly page?: Readonly<Record<string, unknown>>;
}

/** Kept for convenience (notes.ts); each key is stored by itself. */
export interface StoreNotes {
  readonly undo?: UndoNote;
  /** Rows of `_sync` that the relay has stored, the latest first. */
  readonly sync?: readonly SyncNote[];
}

export interface UndoNote {
  /** Steps of another version name columns that may be gone. */
  readonly schemaVersion: number;
  readonly done: readonly UndoStep[];
  readonly undone: readonly UndoStep[];
}

export interface UndoStep {
  readonly label: string;
  /** The commit that did it last; notes of an earlier build have none. */
  readonly commit?: string;
  readonly rows: readonly {
    readonly table: string;
    readonly id: string;
    readonly before: SqlRow | undefined;
    readonly after: SqlRow | undefined;
  }[];
}

/** A row of `_sync`, by the names of its columns. */
export type SyncNote = SqlRow;

export interface DocumentRecord {
  readonly name: string;
  readonly epoch: number;
  /** The log of this epoch is stored up to here. */
  readonly seq: number;
  /** Last head the relay announced. */
  readonly head: number;
  /** How far `report` and the object store have it, by the relay. */
  readonly reported: number;
  readonly archived: number;
  /** The snapshot holds every update up to this number; 0 when there is none. */
  readonly snapshotNumber: number;
  readonly snapshotBytes: number;
}

export interface StoredUpdate {
  readonly document: string;
  readonly number: number;
  /** Yjs update, v1 encoding. */
  readonly update: Uint8Array;
  /** The commit of this device that it is a part of; absent when received. */
  readonly commit?: string;
}

export interface StoredDocument {
  readonly snapshot: Uint8Array | undefined;
  readonly updates: readonly StoredUpdate[];
}

export interface OutboxEntry {
  readonly commit: Commit;
  /** Order of making: commits of one document are sent in this order. */
  readonly number: number;
  readonly createdAtMs: number;
  readonly priority: number;
  readonly attempts: number;
  readonly lastAttemptAtMs?: number;
  readonly state: 'waiting' | 'rejected';
  /** Of the last attempt; for a rejected one the relay's sentence. */
  readonly errorCode?: string;
  readonly error?: string;
  /** Rows it changed, for `_sync`, undo and discard: [table, id]. Left out when there are very many. */
  readonly rows?: readonly (readonly [table: string, id: string])[];
  /**
   * Present when the commit is taken out of its documents: refused, or about to be made anew on what the relay
   * has. Its parts then name the documents only.
   */
  readonly content?: CommitContent;
}

/** What a commit wrote, apart from any Y.Doc. */
export interface CommitContent {
  /** value is what the register holds: [hlc, seen, …]. */
  readonly registers: readonly (readonly [document: string, map: string, key: string, value: unknown])[];
  /** A shared text before and after. */
  readonly texts: readonly (readonly [document: string, name: string, before: string, after: string])[];
}

export interface ImageManifest {
  /** Counts up with every checkpoint. */
  readonly generation: number;
  /** Everything up to this number is in the image. */
  readonly number: number;
  readonly schemaHash: string;
  readonly bytes: number;
  /** Hash of each block in order. */
  readonly blocks: readonly string[];
  /** Hash over the fields above: a foreign or half-written manifest is not believed. */
  readonly checksum: string;
}

export interface StoreWrite {
  /** `strict` resolves once on disk; `relaxed` may lose the last moments, never their order. */
  readonly durability: 'strict' | 'relaxed';
  /** Keys given replace those stored. */
  readonly meta?: StoreMeta;
  readonly notes?: StoreNotes;
  readonly documents?: readonly DocumentRecord[];
  readonly updates?: readonly StoredUpdate[];
  readonly outboxPut?: readonly OutboxEntry[];
  readonly outboxRemove?: readonly string[];
  /** Replaces the snapshot and drops the updates up to its number. */
  readonly snapshots?: readonly DocumentSnapshot[];
  /** Removes record, snapshot and updates; carried out before everything else in the same write. */
  readonly dropDocuments?: readonly string[];
  /** Removes single updates: those of a commit that was discarded. */
  readonly dropUpdates?: readonly (readonly [document: string, number: number])[];
  readonly image?: ImageWrite | 'drop';
}

export interface DocumentSnapshot {
  readonly document: string;
  readonly number: number;
  readonly snapshot: Uint8Array;
}

export interface ImageWrite {
  readonly manifest: ImageManifest;
  /** Blocks that are not stored yet. */
  readonly put: ReadonlyMap<string, Uint8Array>;
  /** Blocks that no manifest names any more. */
  readonly drop: readonly string[];
}

/** The disk refused: full, private mode, evicted, closed. Nothing of the write is stored. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly reason: 'quota' | 'closed' | 'failed';

  constructor(reason: 'quota' | 'closed' | 'failed', message: string) {
    super(message);
    this.reason = reason;
  }
}
