/** What one device holds: SQL database, documents, outbox, storage. */
import type { DeviceId } from '../../shared/base/ids.ts';
import type { SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type {
  Presence,
  Statement,
  TextRef,
  UndoResult,
  WriteOptions,
  WriteResult,
} from '../client/engine-messages.ts';
import type { Status, Stop } from './status.ts';
import type { Store } from './store/store.ts';

export interface ReplicaDeps {
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}

export interface ReplicaOptions {
  readonly schema: Schema;
  readonly store: Store;
  readonly user: string;
  readonly deps?: Partial<ReplicaDeps>;
}

export interface Connection {
  /** `ws://host` or `wss://host`. */
  readonly url: string;
  readonly workspace: string;
  readonly token: string;
}

export interface Replica {
  readonly device: DeviceId;
  query(sql: string, params?: SqlParams): SqlRow[];
  execute(sql: string, params?: SqlParams, options?: WriteOptions): Promise<WriteResult>;
  transaction(statements: readonly Statement[], options?: WriteOptions): Promise<WriteResult>;
  watch(
    sql: string,
    params: SqlParams,
    onRows: (rows: readonly SqlRow[]) => void,
    onError?: (error: unknown) => void,
  ): Stop;
  editText(ref: TextRef, base: string, next: string): Promise<string>;
  setPresence(document: string, state: Readonly<Record<string, unknown>> | null): void;
  watchPresence(document: string, onChange: (present: readonly Presence[]) => void): Stop;
  status(): Status;
  onStatus(onChange: (status: Status) => void): Stop;
  connect(connection: Connection): void;
  disconnect(): void;
  /** Resolves when everything made so far is stored by the relay and everything it had is here. */
  settled(): Promise<void>;
  retry(): void;
  discard(commit: string): Promise<void>;
  undo(): Promise<UndoResult>;
  redo(): Promise<UndoResult>;
  exportSqlite(): Uint8Array;
  close(): Promise<void>;
}

export async function openReplica(_options: ReplicaOptions): Promise<Replica> {
  throw new Error('not built yet');
}
