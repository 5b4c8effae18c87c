/**
 * How syncing goes, measured where it happens: a commit's way from being sent to being stored, what failed, and how
 * much passes the line. Averages move by a tenth with each new value, the rate of errors is that of the last hundred
 * answers, and throughput that of the last minute [METRIC-1].
 */
import type { SyncReport } from '../client/engine-messages.ts';

const KEPT_OF_OLD = 0.9;
const ANSWERS = 100;
const WINDOW_S = 60;
/** Failures that are remembered, for an incident file. */
const ERRORS = 50;

export class SyncMetrics {
  readonly #nowMs: () => number;
  readonly #sinceMs: number;
  readonly #sentAtMs = new Map<string, number>();
  #synced = 0;
  #failed = 0;
  #received = 0;
  #avgMs: number | undefined;
  #lastMs: number | undefined;
  #lastAtMs: number | undefined;
  /** The latest last. */
  readonly #errors: NonNullable<SyncReport['lastError']>[] = [];
  /** True for each answer that was a failure; the oldest first. */
  readonly #answers: boolean[] = [];
  readonly #events = new Window();
  readonly #bytes = new Window();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  sent(id: string): void {
    this.#sentAtMs.set(id, this.#nowMs());
  }

  stored(id: string): void {
    const nowMs = this.#nowMs();
    const sentAtMs = this.#sentAtMs.get(id);
    this.#sentAtMs.delete(id);
    this.#synced++;
    this.#lastAtMs = nowMs;
    this.#answered(false);
    this.#events.add(nowMs, 1);
    if (sentAtMs === undefined) return; // by another tab's life of this device, or over HTTP
    this.#lastMs = nowMs - sentAtMs;
    this.#avgMs =
      this.#avgMs === undefined ? this.#lastMs : KEPT_OF_OLD * this.#avgMs + (1 - KEPT_OF_OLD) * this.#lastMs;
  }

  /** Refused, or on its way when the line was lost. */
  failed(id: string, code: string, message: string): void {
    this.#sentAtMs.delete(id);
    this.#failed++;
    this.#answered(true);
    this.noteError(code, message);
  }

  /** Something went wrong that is no answer to a sending. */
  noteError(code: string, message: string): void {
    this.#errors.push({ code, message, atMs: this.#nowMs() });
    if (this.#errors.length > ERRORS) this.#errors.shift();
  }

  errors(): readonly NonNullable<SyncReport['lastError']>[] {
    return [...this.#errors];
  }

  /** Entries of the log, made by others. */
  received(count: number): void {
    this.#received += count;
    this.#lastAtMs = this.#nowMs();
    this.#events.add(this.#nowMs(), count);
  }

  /** In either direction. */
  passed(bytes: number): void {
    this.#bytes.add(this.#nowMs(), bytes);
  }

  get receivedEvents(): number {
    return this.#received;
  }

  read(pendingEvents: number): SyncReport {
    const nowMs = this.#nowMs();
    // At first there is no whole minute to divide by.
    const windowS = Math.min(WINDOW_S, Math.max(1, (nowMs - this.#sinceMs) / 1000));
    const failures = this.#answers.filter((isFailure) => isFailure).length;
    return {
      sinceMs: this.#sinceMs,
      pendingEvents,
      syncedEvents: this.#synced,
      failedEvents: this.#failed,
      receivedEvents: this.#received,
      avgSyncDurationMs: this.#avgMs,
      lastSyncDurationMs: this.#lastMs,
      lastSyncAtMs: this.#lastAtMs,
      errorRate: this.#answers.length === 0 ? 0 : failures / this.#answers.length,
      lastError: this.#errors.at(-1),
      eventsPerMinute: (this.#events.sum(nowMs) * 60) / windowS,
      bytesPerSecond: this.#bytes.sum(nowMs) / windowS,
    };
  }

  #answered(isFailure: boolean): void {
    this.#answers.push(isFailure);
    if (this.#answers.length > ANSWERS) this.#answers.shift();
  }
}

/** A sum over the last minute, by seconds. */
class Window {
  readonly #bySecond = new Map<number, number>();

  add(nowMs: number, count: number): void {
    const second = Math.floor(nowMs / 1000);
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + count);
    if (this.#bySecond.size > 2 * WINDOW_S) this.#forget(second);
  }

  sum(nowMs: number): number {
    this.#forget(Math.floor(nowMs / 1000));
    let sum = 0;
    for (const count of this.#bySecond.values()) sum += count;
    return sum;
  }

  #forget(second: number): void {
    for (const known of this.#bySecond.keys())
      if (known <= second - WINDOW_S || known > second) this.#bySecond.delete(known);
  }
}
