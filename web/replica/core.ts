/**
 * What the parts of a replica share. Made once by openReplica; every part gets it whole, and each part is the
 * only one that does its job.
 */
import type { HybridClock } from '../../shared/base/hlc.ts';
import type { DeviceId } from '../../shared/base/ids.ts';
import type { Capture } from '../../shared/mirror/capture.ts';
import type { Mirror } from '../../shared/mirror/mirror.ts';
import type { SqlDatabase } from '../../shared/mirror/sql.ts';
import type { Grants } from '../../shared/permissions/grants.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { Documents } from './hydration.ts';
import type { LiveQueries } from './live-queries.ts';
import type { Outbox } from './outbox.ts';
import type { SqlAnalysis } from './sql-analysis.ts';
import type { Stop } from './status.ts';
import type { StoredDocument } from './store/store.ts';
import type { WriteQueue } from './store/write-queue.ts';
import type { OpenSocket } from './sync/channels.ts';
import type { SyncMetrics } from './sync-metrics.ts';
import type { SystemTables } from './system-tables.ts';
import type { Wholeness } from './wholeness.ts';

/** The world outside; tests pass their own. */
export interface ReplicaDeps {
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly setTimer: (ms: number, run: () => void) => Stop;
  /** Runs it as a task of its own, once those are done that wait. */
  readonly nextTurn: (run: () => void) => void;
  readonly openSocket: OpenSocket;
  readonly fetch: typeof fetch;
}

/** Somebody else than the user of the session, who writes on this device for a while. */
export interface Acting {
  readonly user: string;
  /** Beside those of the session: what either may not write is refused. */
  readonly grants: Grants;
}

export interface Core {
  readonly schema: Schema;
  readonly sql: SqlDatabase;
  readonly mirror: Mirror;
  readonly capture: Capture;
  readonly analysis: SqlAnalysis;
  readonly live: LiveQueries;
  readonly whole: Wholeness;
  readonly documents: Documents;
  readonly outbox: Outbox;
  readonly tables: SystemTables;
  readonly queue: WriteQueue;
  readonly metrics: SyncMetrics;
  readonly clock: HybridClock;
  readonly device: DeviceId;
  readonly user: string;
  /** Who took the device over with a PIN; undefined while it is the user of the session. */
  acting: Acting | undefined;
  readonly deps: ReplicaDeps;
  /** Importance of a commit by the tables it writes; DEFAULT_PRIORITY where the owner of the schema says nothing. */
  readonly priorityOf: (tables: Iterable<string>) => number;
  /** What the relay said this user may do; undefined before the first connection. */
  grants: Grants | undefined;
  readDocument(name: string): Promise<StoredDocument>;
  /** The number of the next store write that carries updates. */
  takeNumber(): number;
  lastNumber(): number;
  /** Something that `status()` tells has changed. */
  statusChanged(): void;
  /** A commit was added: send it when there is a connection. */
  committed(): void;
}
