/**
 * What outlives a restart for convenience: how far this device's last rows have come (`_sync`), and the steps that can
 * be undone. Written a moment after it changed, and when the replica is closed: after a crash the last moment of it is
 * missing, and nothing depends on it. Never part of a write that somebody waits for [NOTE-1].
 */
import type { ReplicaDeps } from './core.ts';
import type { Stop } from './status.ts';
import type { StoreNotes } from './store/store.ts';
import type { WriteQueue } from './store/write-queue.ts';

/** A burst of writes makes one note. */
const DELAY_MS = 200;

export class Notes {
  readonly #queue: WriteQueue;
  readonly #setTimer: ReplicaDeps['setTimer'];
  readonly #readers = new Map<keyof StoreNotes, () => StoreNotes>();
  readonly #touched = new Set<keyof StoreNotes>();
  #cancel: Stop | undefined;

  constructor(queue: WriteQueue, { setTimer }: Pick<ReplicaDeps, 'setTimer'>) {
    this.#queue = queue;
    this.#setTimer = setTimer;
  }

  /** `read` gives the note as it is when it is written. */
  keep(name: keyof StoreNotes, read: () => StoreNotes): void {
    this.#readers.set(name, read);
  }

  /** It changed. */
  touch(name: keyof StoreNotes): void {
    this.#touched.add(name);
    this.#cancel ??= this.#setTimer(DELAY_MS, () => this.flush());
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
}
