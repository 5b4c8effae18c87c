import type { Fanout, FanoutListener, Pointer } from '../fanout/fanout.ts';
import type { Limits } from '../limits.ts';
import type { StoredAppend } from '../log/flusher.ts';
import { type DocumentStage, type Log, type Position, StorageAwayError } from '../log/log.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Burst } from '../socket/burst.ts';
import type { AwarenessOptions } from './awareness.ts';
import { Feed } from './feed.ts';
import { PresenceAccounts } from './presence-accounts.ts';

export interface FeedsOptions {
  readonly log: Log;
  readonly fanout: Fanout;
  readonly burst: Burst;
  readonly limits: Limits;
  readonly nowMs: () => number;
  readonly pollMs: number;
  readonly metrics: Metrics | undefined;
  readonly logger: Logger | undefined;
}

/** Lanes of the fan-out that carry presence: `<workspace> <document> <base64>`, and who asks for it. */
const AWARENESS_LANE = 'awareness';
const AWARENESS_QUERY_LANE = 'awareness-query';
/** A workspace without sockets is forgotten after this long; most come back at once after a reload. */
const IDLE_MS = 30_000;
const STAGES_MS = 1_000;
const SWEEP_MS = 10_000;

/** The feeds of the workspaces that have sockets here, kept current by notifications and by looking. */
export class Feeds {
  readonly #options: FeedsOptions;
  readonly #feeds = new Map<
    string,
    { readonly feed: Feed; readonly opened: Promise<void>; usedAtMs: number }
  >();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #accounts: PresenceAccounts;

  constructor(options: FeedsOptions) {
    this.#options = options;
    this.#accounts = new PresenceAccounts(options.limits.maxAwarenessBytesPerSocket);
  }

  async start(): Promise<void> {
    const { fanout, pollMs } = this.#options;
    this.#every(pollMs, () => this.#lookAgain());
    this.#every(STAGES_MS, () => this.#tellStages());
    this.#every(SWEEP_MS, async () => this.#sweep());
    const listener: FanoutListener = {
      onPointers: (pointers) => this.#hear(pointers),
      onMessage: (lane, payload) => this.#receive(lane, payload),
      onSuspect: () => void this.#lookAgain(),
    };
    await fanout.start(listener);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const { feed } of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  find(workspace: string): Feed | undefined {
    return this.#feeds.get(workspace)?.feed;
  }

  /** The feed of a workspace, opened when it is not. Throws StorageAwayError. */
  async open(workspace: string): Promise<Feed> {
    let entry = this.#feeds.get(workspace);
    if (!entry) {
      const feed = this.#make(workspace);
      const opened = feed.open();
      entry = { feed, opened, usedAtMs: this.#options.nowMs() };
      this.#feeds.set(workspace, entry);
      opened.catch(() => {
        this.#feeds.delete(workspace);
        feed.close();
      });
    }
    entry.usedAtMs = this.#options.nowMs();
    await entry.opened;
    return entry.feed;
  }

  /** Own appends, in order. Those of workspaces that nobody follows here are only settled. */
  offer(batch: readonly StoredAppend[]): void {
    const byFeed = new Map<Feed, StoredAppend[]>();
    for (const stored of batch) {
      const feed = this.#feeds.get(stored.pending.request.workspace)?.feed;
      if (!feed) {
        stored.pending.stored(stored.outcome);
        continue;
      }
      const own = byFeed.get(feed);
      if (own) own.push(stored);
      else byFeed.set(feed, [stored]);
    }
    for (const [feed, own] of byFeed) feed.offer(own);
  }

  #make(workspace: string): Feed {
    const { log, burst, nowMs, metrics, logger } = this.#options;
    return new Feed({
      workspace,
      log,
      burst,
      awareness: (room) => this.#awarenessOf(workspace, room),
      onDelivered: (frames, bytes) => {
        metrics?.deliveries.inc(frames);
        metrics?.bytesOut.inc(bytes);
      },
      onRemote: (storedAtMs) => metrics?.fanoutLag.observe(Math.max(0, nowMs() - storedAtMs) / 1000),
      onFault: (error, document) =>
        logger?.error({ err: error, workspace, document }, 'fault while delivering'),
    });
  }

  #awarenessOf(workspace: string, room: string): AwarenessOptions {
    const { fanout, limits, nowMs, burst, metrics } = this.#options;
    fanout.publish(AWARENESS_QUERY_LANE, `${workspace} ${room}`);
    return {
      maxBytes: limits.maxAwarenessBytes,
      maxClients: limits.maxAwarenessClients,
      accounts: this.#accounts,
      nowMs,
      broadcast: (update, local) => {
        if (local)
          fanout.publish(AWARENESS_LANE, `${workspace} ${room} ${Buffer.from(local).toString('base64')}`);
        const found = this.find(workspace)?.rooms.find(room);
        if (!found) return;
        metrics?.awareness.inc({ outcome: 'sent' });
        burst.run(() => {
          for (const member of found.stock) member.deliverAwareness(update);
          for (const member of found.watchers) member.deliverAwareness(update, found);
        });
      },
    };
  }

  #hear(pointers: readonly Pointer[]): void {
    const behind = new Set<Feed>();
    for (const { workspace, documentId, epoch, seq } of pointers) {
      const feed = this.find(workspace);
      if (feed?.lacks(documentId, epoch, seq)) behind.add(feed);
    }
    for (const feed of behind) void feed.lookAgain();
  }

  #receive(lane: string, payload: string): void {
    const [workspace = '', document = '', content = ''] = payload.split(' ');
    const room = this.find(workspace)?.rooms.find(document);
    if (!room) return;
    if (lane === AWARENESS_LANE) {
      try {
        room.awareness.receive(Buffer.from(content, 'base64'), undefined);
      } catch {
        // ProtocolError: an instance of another build says what this one cannot read
      }
    } else if (lane === AWARENESS_QUERY_LANE) {
      const local = room.awareness.local();
      if (local)
        this.#options.fanout.publish(
          AWARENESS_LANE,
          `${workspace} ${document} ${Buffer.from(local).toString('base64')}`,
        );
    }
  }

  /**
   * One question for all documents that are followed; then only where something is missing, one workspace after the
   * other: after a lost connection, thousands of them must not read at once.
   */
  async #lookAgain(): Promise<void> {
    if (this.#feeds.size === 0) return;
    const positions: Position[] = [];
    for (const { feed } of this.#feeds.values()) positions.push(...feed.positions());
    try {
      const behind = await this.#options.log.behind([...this.#feeds.keys()], positions);
      for (const workspace of behind) await this.find(workspace)?.lookAgain();
    } catch (error) {
      this.#note(error);
    }
  }

  async #tellStages(): Promise<void> {
    const followed = [...this.#feeds.values()].filter(({ feed }) => feed.replicaCount > 0);
    if (followed.length === 0) return;
    const byWorkspace = new Map<string, DocumentStage[]>();
    try {
      for (const stage of await this.#options.log.stages(followed.map(({ feed }) => feed.workspace))) {
        const stages = byWorkspace.get(stage.workspace);
        if (stages) stages.push(stage);
        else byWorkspace.set(stage.workspace, [stage]);
      }
    } catch (error) {
      return this.#note(error);
    }
    for (const { feed } of followed) feed.tellStages(byWorkspace.get(feed.workspace) ?? []);
  }

  /** An absent storage is the flusher's to report; the next round asks again. */
  #note(error: unknown): void {
    if (!(error instanceof StorageAwayError)) this.#options.logger?.error({ err: error }, 'could not look');
  }

  #sweep(): void {
    const { nowMs, metrics } = this.#options;
    let rooms = 0;
    for (const [workspace, entry] of this.#feeds) {
      const { feed } = entry;
      for (const room of feed.rooms) room.awareness.sweep();
      rooms += feed.rooms.size;
      if (!feed.isEmpty) entry.usedAtMs = nowMs();
      else if (entry.usedAtMs < nowMs() - IDLE_MS) {
        this.#feeds.delete(workspace);
        feed.close();
      }
    }
    metrics?.documentsOpen.set(rooms);
  }

  /** A round begins `ms` after the last one began, or when that one is done. */
  #every(ms: number, run: () => Promise<void>): void {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      void run().finally(() => {
        isRunning = false;
      });
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}
