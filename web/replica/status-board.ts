/** Who wants to know how the replica stands, and how its disk is; told at most once per turn. */
import { type Status, type Stop, type StorageHealth, UNKNOWN_STORAGE } from './status.ts';

export class StatusBoard {
  readonly #read: () => Status;
  readonly #watchers = new Set<(status: Status) => void>();
  #storage: StorageHealth = UNKNOWN_STORAGE;
  #isDue = false;
  #closed = false;

  constructor(read: () => Status) {
    this.#read = read;
  }

  /** Calls soon, and after each change. */
  watch(onChange: (status: Status) => void): Stop {
    this.#watchers.add(onChange);
    queueMicrotask(() => {
      if (this.#watchers.has(onChange)) onChange(this.#read());
    });
    return () => this.#watchers.delete(onChange);
  }

  /** Something that the status tells has changed. */
  changed(): void {
    if (this.#isDue || this.#watchers.size === 0) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#closed) return;
      const status = this.#read();
      for (const onChange of [...this.#watchers]) onChange(status);
    });
  }

  get storage(): StorageHealth {
    return this.#storage;
  }

  storageIs(health: Partial<StorageHealth>): void {
    this.#storage = { ...this.#storage, ...health };
    this.changed();
  }

  close(): void {
    this.#closed = true;
  }
}
