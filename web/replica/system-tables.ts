/**
 * The engine's own tables that tell about sending and storing, queryable like any other: `_outbox`, `_sync`,
 * `_document`, `_device`. They are TEMP, because they repeat what the store and the relay hold: an exported image
 * has none of it. (`_conflict`, `_violation` and `_quarantine` belong to the mirror.)
 */
import type { SqlDatabase } from '../../shared/mirror/sql.ts';
import { bytesOf } from './outbox.ts';
import type { DocumentRecord, OutboxEntry, SyncNote } from './store/store.ts';

/** How far one row's last write of this device has come; each stage includes those before it. */
export type Stage = 'local' | 'sent' | 'stored' | 'reported' | 'archived';

const TABLES = `
create temp table if not exists _outbox (
  id text primary key,
  label text not null,
  state text not null, -- waiting, sent, rejected
  priority integer not null,
  attempts integer not null,
  created_at integer not null,
  last_attempt_at integer,
  next_attempt_at integer,
  error_code text,
  error text,
  documents text not null, -- json array
  rows text, -- json array of [table, id]; null for a bulk write
  bytes integer not null
);
create temp table if not exists _sync (
  table_name text not null,
  row_id text not null,
  stage text not null,
  commit_id text not null,
  document text,
  seq integer,
  local_at integer,
  sent_at integer,
  stored_at integer,
  reported_at integer,
  archived_at integer,
  primary key (table_name, row_id)
) without rowid;
create index if not exists temp._sync_commit on _sync (commit_id);
create index if not exists temp._sync_stored on _sync (stored_at) where stored_at is not null;
create temp table if not exists _document (
  name text primary key,
  epoch integer not null,
  seq integer not null,
  head integer not null,
  hydrated integer not null,
  registers integer,
  bytes integer not null, -- of the stored snapshot
  updates integer not null, -- stored since the snapshot
  reported integer not null,
  archived integer not null
);
create temp table if not exists _device (
  id text primary key,
  user_name text not null,
  self integer not null,
  clock_offset_ms integer not null
);
`;

/** Rows of `_sync` that are kept over a restart: a day's work of one tablet. */
const KEPT_SYNC_ROWS = 300;
const SYNC_COLUMNS =
  'table_name, row_id, stage, commit_id, document, seq, local_at, sent_at, stored_at, reported_at, archived_at';
/** A statement that names one of these tables. */
export const SYSTEM_TABLE = /\b_(?:outbox|sync|document|device)\b/i;

export class SystemTables {
  readonly #sql: SqlDatabase;
  /** Rows of `_sync` have got as far as the relay, or further. */
  onStored: () => void = () => {};

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(TABLES);
  }

  /** Added, or something about it changed. */
  outboxChanged(entry: OutboxEntry, inFlight = false, nextAttemptAtMs?: number): void {
    const { commit } = entry;
    this.#sql.run(
      `insert into _outbox (id, label, state, priority, attempts, created_at, last_attempt_at, next_attempt_at,
         error_code, error, documents, rows, bytes) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (id) do update set state = excluded.state, attempts = excluded.attempts,
         last_attempt_at = excluded.last_attempt_at, next_attempt_at = excluded.next_attempt_at,
         error_code = excluded.error_code, error = excluded.error`,
      [
        commit.id,
        commit.label,
        inFlight ? 'sent' : entry.state,
        entry.priority,
        entry.attempts,
        entry.createdAtMs,
        entry.lastAttemptAtMs ?? null,
        nextAttemptAtMs ?? null,
        entry.errorCode ?? null,
        entry.error ?? null,
        JSON.stringify(commit.parts.map(({ document }) => document)),
        entry.rows ? JSON.stringify(entry.rows) : null,
        bytesOf(entry),
      ],
    );
  }

  outboxRemoved(id: string): void {
    this.#sql.run('delete from _outbox where id = ?', [id]);
  }

  /** Rows that a commit wrote, as of its making. */
  rowsChanged(entry: OutboxEntry, stage: Stage, atMs: number): void {
    const document = entry.commit.parts.length === 1 ? entry.commit.parts[0]!.document : null;
    for (const [table, id] of entry.rows ?? []) {
      this.#sql.run(
        `insert into _sync (table_name, row_id, stage, commit_id, document, local_at) values (?, ?, ?, ?, ?, ?)
         on conflict (table_name, row_id) do update set stage = excluded.stage, commit_id = excluded.commit_id,
           document = excluded.document, seq = null, local_at = excluded.local_at, sent_at = null,
           stored_at = null, reported_at = null, archived_at = null`,
        [table, id, stage, entry.commit.id, document, atMs],
      );
    }
  }

  commitSent(id: string, atMs: number): void {
    this.#sql.run(
      "update _sync set stage = 'sent', sent_at = ? where commit_id = ? and stage in ('local', 'sent')",
      [atMs, id],
    );
  }

  commitStored(id: string, document: string, seq: number, atMs: number): void {
    this.#sql.run(
      `update _sync set stage = 'stored', stored_at = ?, seq = ?, document = coalesce(document, ?)
       where commit_id = ?`,
      [atMs, seq, document, id],
    );
    this.onStored();
  }

  /** The latest rows that the relay has. */
  storedSync(): SyncNote[] {
    return this.#sql.rows(
      `select ${SYNC_COLUMNS} from _sync where stored_at is not null order by stored_at desc limit ${KEPT_SYNC_ROWS}`,
    );
  }

  /** As `storedSync` gave them in an earlier life. */
  restoreSync(rows: readonly SyncNote[]): void {
    const columns = SYNC_COLUMNS.split(', ');
    for (const row of rows)
      this.#sql.run(
        `insert or ignore into _sync (${SYNC_COLUMNS}) values (${columns.map(() => '?').join(', ')})`,
        columns.map((column) => row[column] ?? null),
      );
  }

  /** The document begins anew with all that was stored of it in its first entry. */
  epochBegan(document: string): void {
    this.#sql.run('update _sync set seq = 0 where document = ? and seq is not null', [document]);
  }

  /** The relay's materializer and compactor have come this far. */
  stagesChanged(document: string, reported: number, archived: number, atMs: number): void {
    this.#sql.run(
      `update _sync set stage = 'reported', reported_at = ?
       where document = ? and stage = 'stored' and seq <= ?`,
      [atMs, document, reported],
    );
    this.#sql.run(
      `update _sync set stage = 'archived', archived_at = ?
       where document = ? and stage = 'reported' and seq <= ?`,
      [atMs, document, archived],
    );
    this.onStored();
  }

  commitDropped(id: string): void {
    this.#sql.run('delete from _sync where commit_id = ?', [id]);
  }

  documentChanged(record: DocumentRecord, registers: number | undefined, updates: number): void {
    this.#sql.run(
      `insert into _document (name, epoch, seq, head, hydrated, registers, bytes, updates, reported, archived)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (name) do update set epoch = excluded.epoch, seq = excluded.seq, head = excluded.head,
         hydrated = excluded.hydrated, registers = excluded.registers, bytes = excluded.bytes,
         updates = excluded.updates, reported = excluded.reported, archived = excluded.archived`,
      [
        record.name,
        record.epoch,
        record.seq,
        record.head,
        registers === undefined ? 0 : 1,
        registers ?? null,
        record.snapshotBytes,
        updates,
        record.reported,
        record.archived,
      ],
    );
  }

  /** The device keeps nothing of it any more. */
  documentRemoved(name: string): void {
    this.#sql.run('delete from _document where name = ?', [name]);
    this.#sql.run('delete from _sync where document = ?', [name]);
    this.#sql.run('delete from _quarantine where document = ?', [name]);
  }

  /** What could not be read: kept aside with its reason, never a reason to stop. `_quarantine` is the mirror's. */
  quarantine(part: {
    readonly document: string;
    readonly epoch: number;
    readonly seq: number;
    readonly reason: string;
    readonly bytes: Uint8Array;
    readonly atMs: number;
  }): void {
    this.#sql.run(
      'insert or replace into _quarantine (id, document, epoch, seq, reason, at_ms, bytes) values (?, ?, ?, ?, ?, ?, ?)',
      [
        `${part.document}@${part.epoch}.${part.seq}`,
        part.document,
        part.epoch,
        part.seq,
        part.reason,
        part.atMs,
        part.bytes,
      ],
    );
  }

  deviceChanged(id: string, user: string, clockOffsetMs: number): void {
    this.#sql.run(
      `insert into _device (id, user_name, self, clock_offset_ms) values (?, ?, 1, ?)
       on conflict (id) do update set user_name = excluded.user_name, clock_offset_ms = excluded.clock_offset_ms`,
      [id, user, Math.round(clockOffsetMs)],
    );
  }
}
