/**
 * The log: the updates of every document, numbered 1, 2, 3 per document and epoch with no gap, and the commits they
 * came in. What is in it is durable; nothing is told to anyone before it is in it [LOG-1].
 *
 * Two implementations, one contract suite: Postgres (postgres-log.ts) and memory (memory-log.ts, for tests).
 */
import type { Commit, CommitPart } from '../../shared/protocol/commit.ts';

/** One atomic write: all parts are stored, or none [LOG-2]. */
export interface AppendRequest {
  readonly workspace: string;
  readonly user: string;
  /** Absent for stock clients. */
  readonly device: string | undefined;
  /** Absent for an update of a stock client: one part, no id, stored as often as it is sent. */
  readonly commit: Omit<Commit, 'parts'> | undefined;
  /** At least one; each document at most once. */
  readonly parts: readonly CommitPart[];
}

export interface StoredPart {
  /** Number of the document, on the wire and in every call below. */
  readonly documentId: number;
  readonly document: string;
  readonly epoch: number;
  readonly seq: number;
}

export interface StoredCommit {
  readonly id: string;
  readonly parts: readonly StoredPart[];
}

/** What became of a request. */
export type AppendOutcome =
  | {
      readonly kind: 'stored';
      /** Order of appends: of two that share a document the later one has the higher position. */
      readonly position: number;
      /** In the order of the request's parts. */
      readonly parts: readonly StoredPart[];
    }
  /** The commit's id was stored before; these are its first seqs [LOG-3]. */
  | { readonly kind: 'duplicate'; readonly parts: readonly StoredPart[] };

/** One document, at the snapshot of Postgres in which it was read. */
export interface DocumentState {
  readonly documentId: number;
  readonly document: string;
  readonly epoch: number;
  /** Last seq of the epoch; 0 for none. */
  readonly head: number;
  /** Log rows up to this seq are gone. */
  readonly trimmedSeq: number;
  /** What the snapshot holds; 0 for none. */
  readonly snapshotSeq: number;
  readonly snapshotKey: string | undefined;
  readonly snapshotSha256: string | undefined;
  readonly snapshotBytes: number;
  /** Bytes of updates after the snapshot. */
  readonly logBytes: number;
}

/** How far a document's current epoch has come behind the log. */
export interface DocumentStage {
  readonly workspace: string;
  readonly documentId: number;
  readonly epoch: number;
  /** Written to schema report up to this seq. */
  readonly reported: number;
  /** In a snapshot up to this seq. */
  readonly archived: number;
}

export interface Position {
  readonly documentId: number;
  readonly epoch: number;
  readonly seq: number;
}

/** One update as it was stored. */
export interface LogRow {
  readonly documentId: number;
  readonly epoch: number;
  readonly seq: number;
  readonly position: number;
  readonly commit: string | undefined;
  /** By the clock of the storage. */
  readonly storedAtMs: number;
  readonly update: Uint8Array;
}

export interface Log {
  /**
   * Stores the requests in one transaction, in order, and tells the other instances. Resolves once it is durable.
   * Throws StorageAwayError when nothing can be said about it (resend: commits are stored once). Throws, and has stored
   * nothing of the call: EpochChangedError when a part was made for another epoch of its document, what the storage
   * threw when a request can never be stored. No two requests of one call may carry the same commit id.
   */
  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>;

  /** All documents of a workspace, read in one snapshot. Throws StorageAwayError. */
  documents(workspace: string): Promise<readonly DocumentState[]>;

  /**
   * What a reader at `positions` lacks, in one snapshot: the state of every document whose head or epoch is not the
   * one given (or that is not among them), and the rows after the given seq, ordered by position, so that the parts
   * of a commit are neighbours. Stops after about `maxBytes`, at the end of a commit. Throws StorageAwayError.
   */
  readAfter(workspace: string, positions: readonly Position[], maxBytes: number): Promise<LogSlice>;

  /** The updates of one document with `after` < seq <= `upTo`, in order. Fewer when some were trimmed. */
  readRange(documentId: number, epoch: number, after: number, upTo: number): Promise<readonly LogRow[]>;

  /**
   * Those of `workspaces` in which a reader at `positions` lacks something: one question for everything that an
   * instance follows, so that looking costs the same for one workspace and for a thousand. Throws StorageAwayError.
   */
  behind(workspaces: readonly string[], positions: readonly Position[]): Promise<readonly string[]>;

  /**
   * Those of the commits that are stored, as far as appends of this instance go that were begun before. Throws
   * StorageAwayError.
   */
  storedCommits(workspace: string, device: string, ids: readonly string[]): Promise<readonly StoredCommit[]>;

  /** Of all documents of the workspaces. Throws StorageAwayError. */
  stages(workspaces: readonly string[]): Promise<readonly DocumentStage[]>;

  close(): Promise<void>;
}

export interface LogSlice {
  readonly documents: readonly DocumentState[];
  readonly rows: readonly LogRow[];
  /** More rows follow after the last one. */
  readonly more: boolean;
}

/** One of the requests was made for an epoch that has passed; send them one by one to learn which. */
export class EpochChangedError extends Error {
  override name = 'EpochChangedError';
}

/** The storage cannot be asked now: gone, starting, or too slow. Everything may be sent again. */
export class StorageAwayError extends Error {
  override name = 'StorageAwayError';
}
