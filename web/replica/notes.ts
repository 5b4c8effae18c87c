/**
 * What outlives a restart for convenience: how far this device's last rows have come (`_sync`), and the steps that can
 * be undone. Written a moment after it changed, and when the replica is closed: after a crash the last moment of it is
 * missing, and nothing depends on it. Never part of a write that somebody waits for [NOTE-1].
 */
import type { ReplicaDeps } from './core.ts';
import type { Stop } from './status.ts';
import type { StoreNotes } from './store/store.ts';
import type { WriteQueue } from './store/write-queue.ts';

/** A burst of writes makes one note, once it has paused for so long. */
const DELAY_MS = 200;
/** A burst that does not pause is noted this often: reading the notes takes as long as some writes. */
const MAX_WAIT_MS = 2_000;

export class Notes {
  readonly #queue: WriteQueue;
  readonly #deps: Pick<ReplicaDeps, 'setTimer' | 'nowMs'>;
  readonly #readers = new Map<keyof StoreNotes, () => StoreNotes>();
  readonly #touched = new Set<keyof StoreNotes>();
  /** When the first and the last of those happened that are not noted yet. */
  #firstMs = 0;
  #lastMs = 0;
  #cancel: Stop | undefined;

  constructor(queue: WriteQueue, deps: Pick<ReplicaDeps, 'setTimer' | 'nowMs'>) {
    this.#queue = queue;
    this.#deps = deps;
  }

  /** `read` gives the note as it is when it is written. */
  keep(name: keyof StoreNotes, read: () => StoreNotes): void {
    this.#readers.set(name, read);
  }

  /** It changed. */
  touch(name: keyof StoreNotes): void {
    this.#touched.add(name);
    this.#lastMs = this.#deps.nowMs();
    if (this.#cancel !== undefined) return;
    this.#firstMs = this.#lastMs;
    this.#wait(DELAY_MS);
  }

  /** Handed to the store now. Does nothing when nothing changed. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#touched.size === 0) return;
    let notes: StoreNotes = {};
    for (const name of this.#touched) notes = { ...notes, ...this.#readers.get(name)?.() };
    this.#touched.clear();
    this.#queue.write({ durability: 'relaxed', notes }).catch(() => {}); // told through the status; made again next time
  }

  /** The timer is not set anew with each write: those of a burst are some thousand. */
  #wait(ms: number): void {
    this.#cancel = this.#deps.setTimer(ms, () => {
      const nowMs = this.#deps.nowMs();
      const untilMs = Math.min(this.#lastMs + DELAY_MS, this.#firstMs + MAX_WAIT_MS);
      if (untilMs > nowMs && untilMs - nowMs <= DELAY_MS) this.#wait(untilMs - nowMs);
      else this.flush();
    });
  }
}
