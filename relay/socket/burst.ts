import type { Duplex } from 'node:stream';

/**
 * Holds back writes while many frames go to many sockets in one turn, so that each socket gets its frames in one
 * system call. Shared by all sockets of one relay.
 */
export class Burst {
  readonly #held: Duplex[] = [];
  #depth = 0;

  run(write: () => void): void {
    this.#depth++;
    try {
      write();
    } finally {
      if (--this.#depth === 0) for (const stream of this.#held.splice(0)) stream.uncork();
    }
  }

  /** Call before each write to `stream`: holds it until the burst ends, if there is one. */
  hold(stream: Duplex): void {
    if (this.#depth === 0 || stream.writableCorked > 0) return;
    stream.cork();
    this.#held.push(stream);
  }
}
