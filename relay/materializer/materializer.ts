/**
 * The log as rows: takes what devices appended and writes it to schema `report`, each update exactly once, however
 * many materializers run and wherever one is killed.
 *
 *   wake or poll -> claim cursors (skip locked) -> read log, close over commits -> advance -> commit -> again
 *
 * [MAT-1] rows, history and cursor move in one transaction
 * [MAT-2] a commit over several documents is in the report as a whole or not at all
 * [MAT-3] an update that cannot be read is set aside and never stops its document; one document never stops others
 */
import type { Pool, PoolClient } from 'pg';
import type { Application } from '../../shared/schema/application.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Logger } from '../observability/log.ts';
import { inTransaction } from '../transaction.ts';
import { type Advanced, advance, StaleMemoryError } from './advance.ts';
import {
  addCursors,
  type BatchLimits,
  type Claim,
  claimDocuments,
  claimLagging,
  readBatch,
} from './batch.ts';
import { Breath } from './breath.ts';
import { Report, RowTakenError } from './report.ts';
import { applyReportSchema } from './report-schema.ts';
import { verifyReport } from './verify-report.ts';
import { Violations } from './violations.ts';
import { WarmDocuments } from './warm-documents.ts';

export interface MaterializerOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly application: Pick<Application, 'name' | 'schema' | 'reportViews'>;
  readonly logger?: Logger;
  readonly metrics?: MaterializerMetrics;
  readonly limits?: Partial<MaterializerLimits>;
  readonly nowMs?: () => number;
}

/** What Metrics has of it (observability/metrics.ts), and what a thread passes on. */
export interface MaterializerMetrics {
  readonly materialized: { inc(updates: number): void };
  readonly materializerLag: { set(updates: number): void };
  readonly materializerLagSeconds: { set(seconds: number): void };
  readonly quarantined: { set(updates: number): void };
}

export interface MaterializerLimits extends BatchLimits {
  /** Registers kept in memory over all documents; 100 000 are about 80 MB. */
  readonly warmRegisters: number;
  /** A notification that was lost costs at most this. */
  readonly pollMs: number;
  /** Longest time the event loop is held; in one process with the relay it is what a keystroke may wait. */
  readonly holdMs: number;
  /**
   * Batches begin at least so long apart, full ones excepted. A batch costs a dozen statements whatever is in it, so
   * what comes in a burst goes into few; what comes alone is not kept waiting.
   */
  readonly gatherMs: number;
}

const DEFAULT_MATERIALIZER_LIMITS: MaterializerLimits = {
  documents: 32,
  entries: 500,
  bytes: 8 * 1024 * 1024,
  warmRegisters: 300_000,
  pollMs: 1_000,
  holdMs: 8,
  gatherMs: 100,
};

/** Waits after a batch that failed, doubling up to the last: an outage is not hammered. */
const RETRY_MS = { first: 250, last: 30_000 } as const;
/** Two consumers that wait for each other's documents try again at different times. */
const CONTENDED_MS = { least: 5, most: 40 } as const;
const LAG_EVERY_MS = 2_000;

export class Materializer {
  readonly #options: MaterializerOptions;
  readonly #limits: MaterializerLimits;
  readonly #documents: WarmDocuments;
  readonly #report: Report;
  readonly #violations: Violations;
  readonly #breath: Breath;
  readonly #nowMs: () => number;
  /** Documents whose batch failed: each is tried alone, when its time has come. */
  readonly #suspects = new Map<number, { failures: number; retryAtMs: number }>();
  #state: { name: 'idle' } | { name: 'running'; ended: Promise<void> } | { name: 'closed' } = {
    name: 'idle',
  };
  #wake: () => void = () => {};
  #endGathering: () => void = () => {};
  #woken = false;
  #lagMeasuredAtMs = 0;

  constructor(options: MaterializerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_MATERIALIZER_LIMITS, ...options.limits };
    this.#nowMs = options.nowMs ?? Date.now;
    this.#breath = new Breath(this.#limits.holdMs);
    this.#report = new Report(options.application.schema);
    this.#violations = new Violations(options.application.schema);
    this.#documents = new WarmDocuments({
      schema: options.application.schema,
      objects: options.objects,
      maxRegisters: this.#limits.warmRegisters,
      breath: this.#breath,
    });
  }

  /**
   * Makes the tables of `report`, and rebuilds it when they have more columns than before. Call once, before `start`
   * or `runOnce`.
   */
  async prepare(): Promise<'first' | 'changed' | 'same'> {
    const { pool, objects, application, logger } = this.#options;
    const outcome = await applyReportSchema(pool, application);
    const left = await this.#violations.prepare(pool);
    if (left.length > 0)
      logger?.warn({ checks: left }, 'checks that Postgres cannot evaluate are left to the replicas');
    if (outcome === 'changed') {
      const { rows } = await verifyReport({ pool, objects, application, mend: true });
      logger?.info({ rows }, 'report rebuilt for its new columns');
    }
    return outcome;
  }

  /** Works until `close`. Does nothing the second time. */
  start(): void {
    if (this.#state.name !== 'idle') return;
    this.#state = { name: 'running', ended: this.#loop() };
  }

  /** There is something new in the log. Cheap; call it with every notification. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Finishes the batch in hand. Idempotent. */
  async close(): Promise<void> {
    const before = this.#state;
    this.#state = { name: 'closed' };
    this.wake();
    this.#endGathering();
    if (before.name === 'running') await before.ended;
    this.#documents.close();
  }

  /** Works until nothing that it can claim is left; for tests and one-shot commands. Answers how many updates. */
  async runUntilLevel(): Promise<number> {
    let total = 0;
    for (;;) {
      const advanced = await this.runOnce();
      if (advanced === undefined) return total;
      total += advanced.updates;
    }
  }

  /** One batch. Undefined: nothing to do, or others have it. Throws what stopped the batch, which then had no effect. */
  async runOnce(): Promise<Advanced | undefined> {
    const { pool } = this.#options;
    let claimed: readonly number[] = [];
    // Not part of the batch: a cursor must outlive a batch that fails.
    await addCursors(pool);
    try {
      const advanced = await inTransaction(pool, async (client) => {
        // Every statement of a batch finds its few rows by key. Right after an import the planner does not know how
        // large the tables have become and would rather read them whole.
        await client.query('set local enable_seqscan = off');
        const { claims, careful } = await this.#claim(client);
        claimed = claims.map(({ document }) => document);
        if (claims.length === 0) return undefined;
        const parts = await readBatch(client, claims, this.#batchLimits(claims));
        claimed = parts.map(({ claim }) => claim.document);
        const done = await advance(client, parts, {
          schema: this.#options.application.schema,
          report: this.#report,
          violations: this.#violations,
          documents: this.#documents,
          breath: this.#breath,
          careful,
        });
        if (done.documents.length > 0) await tellReported(client, done.documents);
        return done;
      });
      for (const document of claimed) this.#suspects.delete(document);
      this.#documents.trim();
      if (advanced === undefined || advanced.documents.length === 0) return undefined;
      this.#options.metrics?.materialized.inc(advanced.updates);
      return advanced;
    } catch (error) {
      // What is in memory may be ahead of the cursors now.
      for (const document of claimed) this.#documents.drop(document);
      if (error instanceof StaleMemoryError || error instanceof RowTakenError) return this.runOnce();
      this.#suspect(claimed, error);
      throw error;
    }
  }

  async #claim(client: PoolClient): Promise<{ claims: readonly Claim[]; careful: boolean }> {
    const now = this.#nowMs();
    const due = [...this.#suspects].find(([, { retryAtMs }]) => retryAtMs <= now);
    if (due) {
      const claims = (await claimDocuments(client, [due[0]])).filter(isLagging);
      if (claims.length > 0) return { claims, careful: due[1].failures > 1 };
      this.#suspects.delete(due[0]);
    }
    const claims = await claimLagging(client, this.#limits.documents, [...this.#suspects.keys()]);
    return { claims, careful: false };
  }

  /** A suspect is taken alone, update by update: what is wrong with one costs neither others nor those before it. */
  #batchLimits(claims: readonly Claim[]): BatchLimits {
    const alone = claims.length === 1 && this.#suspects.has(claims[0]!.document);
    return alone ? { ...this.#limits, entries: 1 } : this.#limits;
  }

  #suspect(documents: readonly number[], error: unknown): void {
    if (isOutage(error)) return;
    for (const document of documents) {
      const failures = (this.#suspects.get(document)?.failures ?? 0) + 1;
      // The first time it is only sorted out from its batch; then it waits longer and longer.
      const waitMs = failures <= 2 ? 0 : Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** (failures - 2));
      this.#suspects.set(document, { failures, retryAtMs: this.#nowMs() + waitMs });
    }
  }

  async #loop(): Promise<void> {
    let failures = 0;
    while (this.#state.name !== 'closed') {
      this.#woken = false;
      const startedAtMs = performance.now();
      try {
        const advanced = await this.runOnce();
        failures = 0;
        await this.#measureLag();
        if (advanced === undefined) await this.#sleep(await this.#idleMs());
        else if (advanced.updates < this.#limits.entries) await this.#gather(startedAtMs);
      } catch (error) {
        failures++;
        this.#options.logger?.error({ event: 'materialize', err: error }, 'batch failed');
        if (isOutage(error) || failures > 3) {
          await this.#sleep(Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** Math.min(failures, 8)));
        }
      }
    }
  }

  /** Short when there is work that others held or that was cut to nothing, else until the next poll. */
  async #idleMs(): Promise<number> {
    const { rows } = await this.#options.pool.query<{ lagging: boolean }>(
      `select exists (select from espejo.report_cursor c join espejo.document d on d.id = c.document
                       where (d.epoch > c.epoch or d.head > c.seq) and c.document <> all ($1::int[])) as lagging`,
      [[...this.#suspects.keys()]],
    );
    if (!rows[0]?.lagging) return this.#limits.pollMs;
    return CONTENDED_MS.least + Math.random() * (CONTENDED_MS.most - CONTENDED_MS.least);
  }

  #sleep(ms: number): Promise<void> {
    if (this.#woken || this.#state.name === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits until the next batch may begin; notifications do not shorten it. */
  #gather(startedAtMs: number): Promise<void> {
    const leftMs = startedAtMs + this.#limits.gatherMs - performance.now();
    if (leftMs <= 0 || this.#state.name === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      this.#endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #measureLag(): Promise<void> {
    const { metrics, pool } = this.#options;
    if (!metrics || this.#nowMs() - this.#lagMeasuredAtMs < LAG_EVERY_MS) return;
    this.#lagMeasuredAtMs = this.#nowMs();
    const { rows } = await pool.query<{ updates: number; seconds: number; quarantined: number }>(`
      select coalesce(sum(d.head - c.seq), 0)::float8 as updates,
             coalesce(max(extract(epoch from clock_timestamp() - l.stored_at)), 0)::float8 as seconds,
             (select count(*) from espejo.quarantine where state in ('open', 'waiting'))::float8 as quarantined
        from espejo.report_cursor c
        join espejo.document d on d.id = c.document and d.epoch = c.epoch and d.head > c.seq
        left join espejo.log l on l.document = c.document and l.epoch = c.epoch and l.seq = c.seq + 1`);
    metrics.materializerLag.set(rows[0]!.updates);
    metrics.materializerLagSeconds.set(rows[0]!.seconds);
    metrics.quarantined.set(rows[0]!.quarantined);
  }
}

function isLagging({ epoch, seq, liveEpoch, head }: Claim): boolean {
  return liveEpoch > epoch || head > seq;
}

/** The database is away or busy: nothing is wrong with any document. */
function isOutage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return false;
  // Connection (08), transaction rollback such as deadlock (40), resources (53), operator (57), or a socket error.
  return /^(08|40|53|57)/.test(code) || /^E[A-Z]+$/.test(code);
}

/** 7 500 bytes of ids stay below the 8 000 a notification may have. */
const MAX_NOTIFICATION_BYTES = 7_500;

/** Lets relays tell replicas that their rows are in the report. What does not fit is told by a later batch. */
async function tellReported(client: PoolClient, documents: readonly number[]): Promise<void> {
  const fitting = documents.slice(0, Math.floor(MAX_NOTIFICATION_BYTES / 11));
  await client.query('select pg_notify($1, $2)', ['espejo_reported', fitting.join()]);
}
