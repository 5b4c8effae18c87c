/**
 * What the store keeps of the device itself, beside documents and outbox: who it is, how its clock stood, when it was
 * last level with the relay and last proved right, and small values of the page. Dates are written in passing; a write
 * of them that fails costs nothing but the date.
 */
import type { DeviceId } from '../../shared/base/ids.ts';
import type { StoreMeta } from './store/store.ts';
import type { WriteQueue } from './store/write-queue.ts';

export interface DeviceRecordDeps {
  readonly queue: WriteQueue;
  readonly nowMs: () => number;
}

export class DeviceRecord {
  readonly #isStored: boolean;
  readonly #deps: DeviceRecordDeps;
  #meta: StoreMeta;

  constructor(stored: StoreMeta, device: DeviceId, user: string, deps: DeviceRecordDeps) {
    this.#isStored = stored.device !== undefined;
    this.#deps = deps;
    this.#meta = { ...stored, device, user };
  }

  /** A device that was opened for the first time is this one from now on. */
  keep(): void {
    if (this.#isStored) return;
    this.#deps.queue.write({ durability: 'strict', meta: this.#meta }).catch(() => {}); // told through the status
  }

  /** Everything was here then; undefined: never. */
  get lastSyncAtMs(): number | undefined {
    return this.#meta.lastSyncAtMs;
  }

  levelReached(offsetMs: number): void {
    const meta = { lastSyncAtMs: this.#deps.nowMs(), offsetMs };
    this.#meta = { ...this.#meta, ...meta };
    this.#note(meta);
  }

  levelLost(): void {
    this.#meta = { ...this.#meta, lastSyncAtMs: this.#deps.nowMs() };
  }

  proved(provedAtMs: number): void {
    this.#note({ provedAtMs });
  }

  get page(): Readonly<Record<string, unknown>> {
    return this.#meta.page ?? {};
  }

  /** Resolves once on disk. */
  async setPage(page: Readonly<Record<string, unknown>>): Promise<void> {
    this.#meta = { ...this.#meta, page };
    await this.#deps.queue.write({ durability: 'strict', meta: { page } });
  }

  #note(meta: StoreMeta): void {
    this.#deps.queue.write({ durability: 'relaxed', meta }).catch(() => {}); // only a date
  }
}
