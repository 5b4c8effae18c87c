/**
 * Folds the log of a document into a snapshot, and takes away what nobody needs any more. In this order, so that it
 * can be killed between any two steps and nothing is missing [SNAP-2]:
 *
 *   hydrate -> encode -> put under a new key -> read back, compare SHA-256 -> move the pointer -> (grace) -> trim
 *
 * A snapshot never goes beyond what is in the report, so the report's documents hydrate from it; nor past an update
 * that still waits for its predecessor, unless that has been in vain for a day: then it is left to a person, with
 * its bytes in quarantine.
 */
import type { Pool, PoolClient } from 'pg';
import * as Y from 'yjs';
import { scanUpdate } from '../../shared/registers/update-scan.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Logger } from '../observability/log.ts';
import { inTransaction } from '../transaction.ts';
import { Breath } from './breath.ts';
import { withCompactionLock } from './compaction-lock.ts';
import { removeExpired, trimLog, trimmableDocuments } from './log-trim.ts';
import { type Recreated, recreateDocument } from './recreate-document.ts';
import { encodeSnapshot, readSnapshot, type SnapshotFile, storeVerified } from './snapshot-file.ts';
import { isReported, WarmDocuments } from './warm-documents.ts';

export interface CompactorOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly schema: Schema;
  readonly logger?: Logger;
  readonly metrics?: CompactorMetrics;
  readonly limits?: Partial<CompactorLimits>;
  readonly nowMs?: () => number;
}

export interface CompactorMetrics {
  readonly snapshots: { inc(labels: { readonly outcome: 'stored' | 'failed' }): void };
  readonly snapshotAgeSeconds: { set(seconds: number): void };
}

export interface CompactorLimits {
  /** A document is due when its log behind the snapshot has this many updates, or bytes, or is this old. */
  readonly updates: number;
  readonly bytes: number;
  readonly ageMs: number;
  /** A document that more Yjs clients than this have written is re-created: at 10 000 a transaction costs 4 ms. */
  readonly clients: number;
  /** A snapshot must have been there this long before the log behind it goes. */
  readonly graceMs: number;
  /** How long a snapshot waits for an update whose predecessor is missing. */
  readonly gapHoldMs: number;
  readonly pollMs: number;
}

export const DEFAULT_COMPACTOR_LIMITS: CompactorLimits = {
  updates: 500,
  bytes: 512 * 1024,
  ageMs: 3_600_000,
  clients: 5_000,
  graceMs: 15 * 60_000,
  gapHoldMs: 24 * 3_600_000,
  pollMs: 30_000,
};

const HOLD_MS = 8;

interface Candidate {
  readonly id: number;
  readonly workspace: string;
  readonly name: string;
  readonly epoch: number;
  readonly snapshotSeq: number;
  /** Up to where it may be folded. */
  readonly target: number;
}

export class Compactor {
  readonly #options: CompactorOptions;
  readonly #limits: CompactorLimits;
  readonly #nowMs: () => number;
  readonly #breath = new Breath(HOLD_MS);
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_COMPACTOR_LIMITS, ...options.limits };
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** Works every `pollMs` until `close`. */
  start(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#running = this.runOnce()
        .catch((error: unknown) =>
          this.#options.logger?.error({ event: 'compact', err: error }, 'compaction failed'),
        )
        .finally(() => {
          this.#timer = undefined;
          this.start();
        });
    }, this.#limits.pollMs);
    this.#timer.unref();
  }

  /** Waits for the document in hand. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Snapshots what is due, trims, and removes expired snapshots. Answers how many snapshots it made. */
  async runOnce(options: { readonly all?: boolean } = {}): Promise<number> {
    let made = 0;
    for (const id of await this.#due(options.all ?? false)) {
      if (this.#isClosed) break;
      try {
        if (await this.compact(id)) made++;
      } catch (error) {
        // One document, or the object store, is in trouble; its log goes on growing and nothing is lost.
        this.#options.metrics?.snapshots.inc({ outcome: 'failed' });
        this.#options.logger?.error({ event: 'compact', document: id, err: error }, 'no snapshot made');
      }
    }
    const trim = { ...this.#options, graceMs: this.#limits.graceMs, nowMs: this.#nowMs() };
    for (const id of await trimmableDocuments(trim)) {
      if (this.#isClosed) break;
      await trimLog(trim, id).catch((error: unknown) => {
        this.#options.logger?.error({ event: 'trim', document: id, err: error }, 'log not trimmed');
      });
    }
    await removeExpired(trim);
    await this.#measure();
    return made;
  }

  /** Makes a snapshot of one document now. False when there is nothing to fold, or another compactor is at it. */
  async compact(id: number): Promise<boolean> {
    const done = await withCompactionLock(this.#options.pool, id, async (client) => {
      const candidate = await this.#candidate(client, id);
      if (candidate === undefined || candidate.target <= candidate.snapshotSeq) return false;
      const { workspace, name: document, epoch, target: seq } = candidate;
      const { update, clients } = await this.#encode(client, candidate);
      const file = encodeSnapshot({ workspace, document, epoch, seq }, update);
      await storeVerified(this.#options.objects, file);
      await this.#movePointer(candidate, file);
      this.#options.metrics?.snapshots.inc({ outcome: 'stored' });
      if (clients > this.#limits.clients) await this.#recreate(id);
      return true;
    });
    return done ?? false;
  }

  /** Gives a document its next epoch now. */
  async recreate(id: number): Promise<Recreated> {
    const done = await withCompactionLock(this.#options.pool, id, () => this.#recreate(id));
    return done ?? { kind: 'left', because: 'busy' };
  }

  async #recreate(id: number): Promise<Recreated> {
    const recreated = await recreateDocument(this.#options, id);
    this.#options.logger?.info({ event: 'recreate', document: id, ...recreated }, 'document re-created');
    return recreated;
  }

  async #due(all: boolean): Promise<number[]> {
    const { updates, bytes, ageMs } = this.#limits;
    const { rows } = await this.#options.pool.query<{ id: number }>(
      `select d.id from espejo.document d
         left join espejo.log l on l.document = d.id and l.epoch = d.epoch and l.seq = d.snapshot_seq + 1
        where d.head > d.snapshot_seq
          and ($4 or d.head - d.snapshot_seq >= $1 or d.log_bytes >= $2
               or l.stored_at < to_timestamp($5::float8 / 1000) - $3::float8 * interval '1 millisecond')
        order by d.log_bytes desc`,
      [updates, bytes, ageMs, all, this.#nowMs()],
    );
    return rows.map(({ id }) => id);
  }

  async #candidate(client: PoolClient, id: number): Promise<Candidate | undefined> {
    const { rows } = await client.query<Candidate & { head: number; reported: number; held: number | null }>(
      `select d.id, d.workspace, d.name, d.epoch, d.head, d.snapshot_seq as "snapshotSeq",
              coalesce((select c.seq from espejo.report_cursor c where c.document = d.id and c.epoch = d.epoch), 0)
                as reported,
              (select min(q.seq) from espejo.quarantine q
                where q.document = d.id and q.epoch = d.epoch and q.state = 'waiting'
                  and q.quarantined_at > to_timestamp($2::float8 / 1000)) as held
         from espejo.document d where d.id = $1`,
      [id, this.#nowMs() - this.#limits.gapHoldMs],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const { head, reported, held, ...candidate } = row;
    if (!isReported(this.#options.schema, candidate.name)) return { ...candidate, target: head };
    return { ...candidate, target: Math.min(reported, held === null ? reported : held - 1) };
  }

  /** The document's state at `target`, and how many Yjs clients ever wrote it. */
  async #encode(
    client: PoolClient,
    { id, workspace, name, epoch, target }: Candidate,
  ): Promise<{ update: Uint8Array; clients: number }> {
    if (!isReported(this.#options.schema, name)) {
      return { update: await this.#encodeFree(client, { id, epoch, target }), clients: 0 };
    }
    const documents = new WarmDocuments({
      schema: this.#options.schema,
      objects: this.#options.objects,
      maxRegisters: 0,
      breath: this.#breath,
    });
    try {
      const warm = await documents.open(client, { document: id, workspace, name, epoch, seq: target });
      return { update: Y.encodeStateAsUpdate(warm.doc), clients: warm.doc.store.clients.size };
    } finally {
      documents.close();
    }
  }

  /** A document of no family: everything that was relayed, also what waits for its predecessor, as Yjs keeps it. */
  async #encodeFree(
    client: PoolClient,
    { id, epoch, target }: { readonly id: number; readonly epoch: number; readonly target: number },
  ): Promise<Uint8Array> {
    const doc = new Y.Doc();
    try {
      const { rows: pointers } = await client.query<{ seq: number; key: string | null; sha256: string }>(
        'select snapshot_seq as seq, snapshot_key as key, snapshot_sha256 as sha256 from espejo.document where id = $1',
        [id],
      );
      const pointer = pointers[0]!;
      if (pointer.key !== null) {
        const state = await readSnapshot(this.#options.objects, { key: pointer.key, sha256: pointer.sha256 });
        Y.applyUpdate(doc, state, this);
      }
      for (let seq = pointer.seq; seq < target; ) {
        const { rows } = await client.query<{ seq: number; update: Uint8Array }>(
          `select seq, update from espejo.log
            where document = $1 and epoch = $2 and seq > $3 and seq <= $4 order by seq limit 1000`,
          [id, epoch, seq, target],
        );
        if (rows[0]?.seq !== seq + 1) throw new Error(`log of document ${id} has no seq ${seq + 1}`);
        for (const row of rows) {
          applyIfReadable(doc, row.update, this);
          seq = row.seq;
          await this.#breath.take();
        }
      }
      return Y.encodeStateAsUpdate(doc);
    } finally {
      doc.destroy();
    }
  }

  async #movePointer(candidate: Candidate, file: SnapshotFile): Promise<void> {
    const { id, epoch, target } = candidate;
    await inTransaction(this.#options.pool, async (client) => {
      const { rows } = await client.query<{ folded: number }>(
        `select coalesce(sum(length(update)), 0)::float8 as folded from espejo.log
          where document = $1 and epoch = $2 and seq > $3 and seq <= $4`,
        [id, epoch, candidate.snapshotSeq, target],
      );
      await client.query(
        `update espejo.quarantine set state = 'open', changed_at = clock_timestamp()
          where document = $1 and epoch = $2 and seq <= $3 and state = 'waiting'`,
        [id, epoch, target],
      );
      await client.query(
        `insert into espejo.snapshot (document, epoch, seq, key, sha256, bytes, made_at)
         values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000))`,
        [id, epoch, target, file.key, file.sha256, file.bytes.length, this.#nowMs()],
      );
      // Last, because appends wait for this row.
      const { rowCount } = await client.query(
        `update espejo.document
            set snapshot_seq = $3, snapshot_key = $4, snapshot_sha256 = $5, snapshot_bytes = $6,
                snapshot_at = to_timestamp($7::float8 / 1000), log_bytes = greatest(0, log_bytes - $8)
          where id = $1 and epoch = $2 and snapshot_seq = $9`,
        [
          id,
          epoch,
          target,
          file.key,
          file.sha256,
          file.bytes.length,
          this.#nowMs(),
          rows[0]!.folded,
          candidate.snapshotSeq,
        ],
      );
      if (rowCount !== 1) throw new Error('the document moved on while its snapshot was made');
    });
  }

  async #measure(): Promise<void> {
    const { metrics, pool } = this.#options;
    if (!metrics) return;
    const { rows } = await pool.query<{ seconds: number }>(
      `select coalesce(max(extract(epoch from clock_timestamp() - l.stored_at)), 0)::float8 as seconds
         from espejo.document d
         join espejo.log l on l.document = d.id and l.epoch = d.epoch and l.seq = d.snapshot_seq + 1`,
    );
    metrics.snapshotAgeSeconds.set(rows[0]!.seconds);
  }
}

function applyIfReadable(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  try {
    scanUpdate(update);
    Y.applyUpdate(doc, update, origin);
  } catch {
    // What no replica can read either; the relay checks updates before it stores them.
  }
}
