/**
 * Fan-out by LISTEN and NOTIFY on two channels: `espejo_log` (pointers, sent by espejo.append within its transaction)
 * and `espejo_lane` (everything else). One connection listens; when it is lost it comes back by itself and says that
 * something may have been missed.
 *
 *   espejo_log:   <instance>|<workspace>|<document>.<epoch>.<seq>,…
 *   espejo_lane:  <instance>|<lane>|<payload>
 */
import pg from 'pg';
import { type Fanout, type FanoutListener, MAX_LANE_PAYLOAD, type Pointer } from './fanout.ts';

export interface PostgresFanoutOptions {
  /** A listener needs a connection of its own: poolers in between drop LISTEN. */
  readonly connectionString: string;
  /** For `publish`. */
  readonly pool: pg.Pool;
  readonly instance: string;
  readonly onReconnect?: () => void;
}

/** Pauses between attempts to listen again; the last one repeats. */
const RETRY_MS = [100, 250, 500, 1_000];
/** A listener that sends nothing does not notice that its server has gone: it asks from time to time. */
const PROBE_MS = 5_000;
/** Messages on their way to Postgres at once; more would queue up behind a slow commit, and nobody wants old ones. */
const MAX_PUBLISHING = 64;

export class PostgresFanout implements Fanout {
  readonly instance: string;
  readonly #options: PostgresFanoutOptions;
  #listener: FanoutListener | undefined;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;
  #publishing = 0;
  #isClosed = false;

  constructor(options: PostgresFanoutOptions) {
    if (/[|,.]/.test(options.instance)) throw new Error('instance names hold no "|", "," or "."');
    this.#options = options;
    this.instance = options.instance;
  }

  async start(listener: FanoutListener): Promise<void> {
    this.#listener = listener;
    this.#probe = setInterval(() => void this.#client?.query('select').catch(() => undefined), PROBE_MS);
    this.#probe.unref();
    await this.#listen(0);
  }

  publish(lane: string, payload: string): void {
    if (this.#isClosed || this.#publishing >= MAX_PUBLISHING || Buffer.byteLength(payload) > MAX_LANE_PAYLOAD)
      return;
    this.#publishing++;
    this.#options.pool
      .query({
        name: 'espejo-publish',
        text: `select pg_notify('espejo_lane', $1)`,
        values: [`${this.instance}|${lane}|${payload}`],
      })
      .catch(() => undefined) // it was not promised to arrive
      .finally(() => {
        this.#publishing--;
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#probe);
    await this.#client?.end().catch(() => undefined);
  }

  async #listen(attempt: number): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.connectionString,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    let isLost = false;
    const lost = () => {
      if (isLost) return;
      isLost = true;
      if (this.#client === client) this.#client = undefined;
      void client.end().catch(() => undefined);
      if (this.#isClosed) return;
      const waitMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
      this.#retry = setTimeout(() => void this.#listen(attempt + 1), waitMs);
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ channel, payload }) => this.#hear(channel, payload ?? ''));
    try {
      await client.connect();
      await client.query('listen espejo_log; listen espejo_lane');
    } catch {
      lost();
      return;
    }
    if (this.#isClosed) {
      await client.end().catch(() => undefined);
      return;
    }
    this.#client = client;
    if (attempt > 0) this.#options.onReconnect?.();
    attempt = 0;
    this.#listener?.onSuspect();
  }

  #hear(channel: string, payload: string): void {
    const first = payload.indexOf('|');
    const second = payload.indexOf('|', first + 1);
    if (first < 0 || second < 0 || payload.slice(0, first) === this.instance) return;
    const subject = payload.slice(first + 1, second);
    const rest = payload.slice(second + 1);
    if (channel === 'espejo_log') this.#listener?.onPointers(readPointers(subject, rest));
    else this.#listener?.onMessage(subject, rest);
  }
}

function readPointers(workspace: string, text: string): Pointer[] {
  return text.split(',').map((pointer) => {
    const [documentId, epoch, seq] = pointer.split('.').map(Number);
    return { workspace, documentId: documentId ?? 0, epoch: epoch ?? 0, seq: seq ?? 0 };
  });
}
