/**
 * The live path of one relay: sockets in, log, fan-out, sockets out. Holds no Y.Doc and nothing that may not be lost.
 *
 *   upgrade → authenticate → authorize → validate → append (group commit) → fan out, sender included → acknowledge
 *
 * A parts list. Who decides what is in socket/ (who comes in, what is said), room/ (which commits pass, in what order
 * they are delivered, what a join is sent, awareness) and log/ (what is stored).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { BatchAnswer } from '../shared/protocol/batch.ts';
import type { CloseReason } from '../shared/protocol/close-codes.ts';
import type { Commit } from '../shared/protocol/commit.ts';
import type { Fanout } from './fanout/fanout.ts';
import type { Identity, Seat } from './identity/seat.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { Flusher } from './log/flusher.ts';
import type { Log } from './log/log.ts';
import type { Logger } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { appendBatch } from './room/batch.ts';
import { Feeds } from './room/feeds.ts';
import { Joins, type SnapshotSource } from './room/join.ts';
import { Burst } from './socket/burst.ts';
import type { ConnectionDeps } from './socket/connection.ts';
import { Doorway } from './socket/doorway.ts';
import { Heartbeat } from './socket/heartbeat.ts';

export interface LiveDeps {
  readonly log: Log;
  readonly fanout: Fanout;
  readonly identity: Identity;
  /** Absent: documents whose log was trimmed cannot be joined. */
  readonly snapshots?: SnapshotSource;
  readonly limits?: Limits;
  /** Commits of an older schema are refused; their devices keep them until they are updated. */
  readonly minSchema?: number;
  readonly nowMs?: () => number;
  readonly metrics?: Metrics;
  readonly logger?: Logger;
  /** Origins beside the relay's own host whose pages may open sockets. */
  readonly allowedOrigins?: readonly string[];
  readonly trustedProxies?: number;
  readonly timings?: Partial<LiveTimings>;
}

export interface LiveTimings {
  /** How often each workspace looks for what no notification told. */
  readonly pollMs: number;
  /** Longest silence towards a client. Stock clients drop the line after 30 s without data. */
  readonly heartbeatMs: number;
  /** Before a permanent refusal of a stock client, on average; those up to 3.0 come back at once. */
  readonly refusalDelayMs: number;
  /** How long sockets have to leave at shutdown. */
  readonly drainMs: number;
}

const DEFAULT_TIMINGS: LiveTimings = {
  pollMs: 1_500,
  heartbeatMs: 20_000,
  refusalDelayMs: 3_000,
  drainMs: 2_000,
};

export class Live {
  readonly #timings: LiveTimings;
  readonly #deps: LiveDeps;
  readonly #flusher: Flusher;
  readonly #feeds: Feeds;
  readonly #doorway: Doorway;
  readonly #heartbeat: Heartbeat;
  readonly #joins: Joins;
  readonly #connectionDeps: ConnectionDeps;
  #isClosed = false;

  constructor(deps: LiveDeps) {
    const { log, fanout, identity, metrics, logger } = deps;
    const limits = deps.limits ?? DEFAULT_LIMITS;
    const nowMs = deps.nowMs ?? Date.now;
    const timings = { ...DEFAULT_TIMINGS, ...deps.timings };
    const burst = new Burst();
    this.#deps = deps;
    this.#timings = timings;
    this.#feeds = new Feeds({ log, fanout, burst, limits, nowMs, pollMs: timings.pollMs, metrics, logger });
    this.#flusher = new Flusher({
      log,
      maxWaitingBytes: limits.maxUnsentBytes,
      onBatch: (size) => metrics?.batchSize.observe(size),
      onAway: (isAway) => {
        metrics?.postgresUp.set(isAway ? 0 : 1);
        if (isAway) logger?.error('the storage is away');
        else logger?.info('the storage is back');
      },
      onStored: (batch) => {
        const committedAtMs = nowMs();
        burst.run(() => this.#feeds.offer(batch));
        metrics?.fanoutSeconds.observe((nowMs() - committedAtMs) / 1000);
        for (const { pending } of batch)
          metrics?.appendSeconds.observe((committedAtMs - pending.receivedAtMs) / 1000);
      },
    });
    this.#joins = new Joins({
      log,
      snapshots: deps.snapshots,
      maxBytesInFlight: limits.maxJoinBytesInFlight,
      onWaiting: (count) => metrics?.joinsWaiting.set(count),
    });
    const minSchema = deps.minSchema ?? 0;
    this.#connectionDeps = {
      flusher: this.#flusher,
      log,
      joins: this.#joins,
      limits,
      minSchema,
      nowMs,
      metrics,
      logger,
    };
    this.#doorway = new Doorway({
      identity,
      feeds: this.#feeds,
      burst,
      deps: this.#connectionDeps,
      allowedOrigins: deps.allowedOrigins ?? [],
      trustedProxies: deps.trustedProxies ?? 0,
      refusalDelayMs: timings.refusalDelayMs,
    });
    this.#heartbeat = new Heartbeat({
      connections: this.#doorway.connections,
      intervalMs: timings.heartbeatMs,
      nowMs,
    });
  }

  /** Resolves once fan-out listens, or has begun to try. */
  async start(): Promise<void> {
    this.#deps.metrics?.postgresUp.set(1);
    this.#heartbeat.start();
    await this.#feeds.start();
  }

  /** True while commits cannot be stored. */
  get isStorageAway(): boolean {
    return this.#flusher.isAway;
  }

  /** For `server.on('upgrade')`; answers what is not for a sync path with 404. */
  handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#doorway.handleUpgrade(request, stream, head);
  }

  /** The commits of one `POST /api/sync/batch`, in order. Never throws for what is in them. */
  appendBatch(seat: Seat, commits: readonly Commit[]): Promise<BatchAnswer> {
    return appendBatch(this.#connectionDeps, seat, commits, this.#feeds.find(seat.workspace));
  }

  /** Closes the sockets of every seat that `predicate` names; answers how many. */
  cut(predicate: (seat: Seat) => boolean, reason: CloseReason, sentence = 'access was taken away'): number {
    return this.#doorway.cut(predicate, reason, sentence);
  }

  /** Stores what has arrived, tells everyone to come back, and ends. Log and fan-out are their owner's to close. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#flusher.close();
    await this.#doorway.close(this.#timings.drainMs);
    this.#heartbeat.stop();
    await this.#feeds.close();
    await this.#joins.close();
  }
}
