/**
 * What crosses between page and worker: the calls, and the shapes they carry. Plain data and functions only, so
 * comlink can carry it. The page knows nothing else of the engine.
 */
import type { Grants } from '../../shared/permissions/grants.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { QueryReport as LiveQueryReport } from '../replica/live-queries.ts';
import type { RescueResult } from '../replica/rescue.ts';
import type { Status } from '../replica/status.ts';
import type { PackedStatements } from './packed-statements.ts';

export type { QueryReport as LiveQueryReport } from '../replica/live-queries.ts';
export type { Status, Stop } from '../replica/status.ts';

export type Params = readonly CellValue[];
export type ResultRow = Readonly<Record<string, CellValue>>;

export interface Statement {
  readonly sql: string;
  readonly params?: Params;
}

export interface WriteOptions {
  /** What the user did, for history and undo: `wo.create`. */
  readonly label?: string;
}

export interface WriteResult {
  /** Rows changed by SQL. */
  readonly changes: number;
  /** Id of the commit; undefined when nothing replicated changed. */
  readonly commit: string | undefined;
  /**
   * What the statements gave, by RETURNING or as a SELECT, in their order. RETURNING tells a row as the statement wrote
   * it; `created_at` and its like are filled in when the commit is made.
   */
  readonly rows: readonly ResultRow[];
}

/** Who is signed in, as `POST /api/session` answered; kept by the worker, so that it reopens offline. */
export interface Session {
  /** Origin of the relay, `https://host`. */
  readonly relayUrl: string;
  readonly workspace: string;
  readonly user: string;
  readonly displayName: string;
  readonly role: string;
  readonly token: string;
  readonly expiresAtMs: number;
  readonly grants: Grants;
  /** Exchanged for a fresh token; bound to this device, once its replica was open. */
  readonly refreshToken?: string;
  /** Who took the device over with a PIN, until somebody else does. */
  readonly acting?: ActingPerson;
}

/** Somebody else than the user of the session, who writes on this device. */
export interface ActingPerson {
  readonly user: string;
  readonly displayName: string;
  readonly role: string;
  readonly grants: Grants;
}

export interface TextRef {
  readonly table: string;
  readonly id: string;
  readonly column: string;
}

/** Somebody who has the document open now. Not stored. */
export interface Presence {
  /** Unique per open replica, not per person. */
  readonly clientId: number;
  readonly device: string;
  readonly user: string;
  /** What that page said of itself: `{ row, field, displayName, … }`. */
  readonly state: Readonly<Record<string, unknown>>;
  /** This device itself. */
  readonly self: boolean;
}

/**
 * How a live result changed. `order` names every row of the result: a number is a row of the previous result by
 * index, an object is a row that is new or differs. So unchanged rows keep their identity on the page.
 */
export type ResultChange =
  | { readonly type: 'rows'; readonly rows: readonly ResultRow[] }
  | { readonly type: 'diff'; readonly order: readonly (number | ResultRow)[] };

/** A failure as it crosses to the page: comlink keeps only name and message of an error. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** For a refused write: `unique`, `reference`, `check`, `not-null`, … */
  readonly rule?: string;
  readonly table?: string;
  readonly column?: string;
  readonly row?: string;
}

/** One table of one document: what its registers say against what SQL holds. */
export interface TableProof {
  readonly document: string;
  readonly table: string;
  /** As the registers have it. */
  readonly rows: number;
  /** 16 hex digits; equal hashes mean equal rows. */
  readonly registerHash: string;
  /** Before anything was mended. */
  readonly sqlHash: string;
  /** Which of its 64 ranges of rows differed. */
  readonly differingRanges: readonly number[];
  /** Rows written anew from the registers. */
  readonly mendedIds: readonly string[];
}

/** How sending and receiving goes, since the engine was started. */
export interface SyncReport {
  readonly sinceMs: number;
  /** Commits that the relay has not stored yet. */
  readonly pendingEvents: number;
  /** Commits that the relay stored. */
  readonly syncedEvents: number;
  /** Sendings that were refused, or lost with the line. */
  readonly failedEvents: number;
  /** Updates of others. */
  readonly receivedEvents: number;
  /** From being sent to being stored; each new one counts a tenth. */
  readonly avgSyncDurationMs: number | undefined;
  readonly lastSyncDurationMs: number | undefined;
  readonly lastSyncAtMs: number | undefined;
  /** 0 to 1, of the last hundred answers. */
  readonly errorRate: number;
  readonly lastError: { readonly code: string; readonly message: string; readonly atMs: number } | undefined;
  /** Sent and received, over the last minute. */
  readonly eventsPerMinute: number;
  readonly bytesPerSecond: number;
}

/** One document: what this device has stored of it against the relay's log and report. */
export interface DocumentProof {
  readonly document: string;
  readonly epoch: number;
  /** Both sides were compared with everything up to here. */
  readonly seq: number;
  /**
   * `unknown-here`: the relay has what this device did not know, and asks for. `mended`, `rebuilt`: the device had
   * something else than the log; it has taken what it lacked, or the whole document anew. `set-aside`: device and log
   * agree, and the report leaves out what breaks a rule: see `setAside`. `report-differs`: device and log agree, the
   * report does not; that is the relay's to mend. `not-compared`: see `because`.
   */
  readonly outcome:
    | 'equal'
    | 'unknown-here'
    | 'mended'
    | 'rebuilt'
    | 'set-aside'
    | 'report-differs'
    | 'not-compared';
  readonly because?: 'report-behind' | 'moving' | 'too-large' | 'waiting' | 'not-reported';
  readonly setAside?: readonly SetAside[];
  /** Empty for a document that is unknown here or was not compared. */
  readonly tables: readonly ReportTableProof[];
}

/** One update that the report leaves out, and this device shows. */
export interface SetAside {
  readonly seq: number;
  /** Replica that wrote it; undefined: a stock Yjs client. */
  readonly device: string | undefined;
  /** One sentence without values. */
  readonly reason: string;
}

export interface ReportTableProof {
  readonly table: string;
  /** As the registers have it, without unsent work. */
  readonly rows: number;
  readonly reportRows: number;
  readonly registerHash: string;
  readonly reportHash: string;
  /** Rows that differ, by id. */
  readonly ids: readonly string[];
}

/** The comparison with the relay. */
export interface RelayProof {
  /** `compared` where the relay answered; else `reason` says why not. */
  readonly state: 'compared' | 'not-connected' | 'failed';
  readonly reason?: string;
  readonly documents: readonly DocumentProof[];
}

/** Whether SQL holds what the registers say, for everything stored on this device; and what the relay says of it. */
export interface Proof {
  readonly atMs: number;
  readonly tookMs: number;
  readonly device: string;
  readonly user: string;
  readonly schemaVersion: number;
  readonly unsentCommits: number;
  readonly tables: readonly TableProof[];
  readonly mendedRows: number;
  readonly relay: RelayProof;
  /** All of it, for people. */
  readonly text: string;
}

/** What the worker offers to each page. Every call is a promise on the page. */
export interface EngineApi {
  /** The session kept from last time, so that the app opens offline. */
  session(): Promise<Session | undefined>;
  /** Opens the replica of this workspace and user (if it is not open) and connects. Also refreshes a token. */
  openSession(session: Session): Promise<void>;
  /** Disconnects and forgets the token; what is stored stays. */
  closeSession(): Promise<void>;
  /** Somebody else uses this device from here on; undefined: the user of the session again. Needs no network. */
  actAs(person: ActingPerson | undefined): Promise<void>;

  query(sql: string, params?: Params): Promise<readonly ResultRow[]>;
  /** Resolves once the write is on disk. */
  execute(sql: string, params?: Params, options?: WriteOptions): Promise<WriteResult>;
  transaction(statements: PackedStatements, options?: WriteOptions): Promise<WriteResult>;
  watch(
    sql: string,
    params: Params,
    onChange: (change: ResultChange) => void,
    onError: (failure: Failure) => void,
  ): Promise<() => void>;

  /** Merges an edit of a shared text, made on `base`, into what it is now; resolves to the merged text. */
  editText(ref: TextRef, base: string, next: string): Promise<string>;
  /**
   * Ends a conflict of `_conflict`: the cell gets this value, written by someone who saw both sides. Column '' is
   * the row itself: 1 deletes it, 0 keeps it.
   */
  resolve(ref: TextRef, value: CellValue): Promise<WriteResult>;
  /** Null leaves. */
  setPresence(document: string, state: Readonly<Record<string, unknown>> | null): Promise<void>;
  watchPresence(document: string, onChange: (present: readonly Presence[]) => void): Promise<() => void>;
  /** The document a row of this table with this id lives in, for presence: `work/2026-11`. */
  documentOf(table: string, row: ResultRow): Promise<string>;

  status(): Promise<Status>;
  watchStatus(onChange: (status: Status) => void): Promise<() => void>;

  /** Tries to connect and send now. */
  retry(): Promise<void>;
  /** Gives up a commit that the relay has not stored: its rows go back to what they were without it. */
  discard(commit: string): Promise<void>;
  /** Sends a rejected commit once more. */
  resend(commit: string): Promise<void>;
  /** Compares SQL with the registers, and those with the relay's log and report; mends this side; unsent work stays. */
  verify(): Promise<Proof>;
  /** The last proof since the engine was started, by itself or on demand. */
  lastProof(): Promise<Proof | undefined>;
  syncReport(): Promise<SyncReport>;
  /** Statements that pages watch, with their run times. */
  liveQueries(): Promise<readonly LiveQueryReport[]>;
  /** The last step of this device, or the one that `commit` made. */
  undo(commit?: string): Promise<UndoResult>;
  redo(): Promise<UndoResult>;
  /** The SQL image as a file for any SQLite tool. */
  exportSqlite(): Promise<Uint8Array>;
  exportRescue(): Promise<Uint8Array>;
  /** What somebody else needs to see the fault; with `redact` without the values. `engine`: the browser's name. */
  exportIncident(options: { readonly redact: boolean; readonly engine: string }): Promise<Uint8Array>;
  importRescue(file: Uint8Array): Promise<RescueResult>;
}

export type UndoResult =
  | { readonly done: true; readonly commit: string; readonly label: string }
  | { readonly done: false; readonly because: string };
