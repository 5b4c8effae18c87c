/**
 * Whether SQL holds everything this device has. It does not while commits are taken out to be made anew, or a document
 * gives way to its next epoch: an UPDATE would find no row then and be lost without a word, a reference no target, and
 * a live query would show half of what was done. So writes wait, and live queries stay as they are.
 */
import type { Stop } from './status.ts';

export class Wholeness {
  readonly #quiet: () => Stop;
  #holds = 0;
  #waiting: (() => void)[] = [];

  /** `quiet`: keeps live queries as they are until it is stopped. */
  constructor(quiet: () => Stop) {
    this.#quiet = quiet;
  }

  /** From here on rows may be missing, until what this answers is called; does nothing the second time. */
  break(): Stop {
    const show = this.#quiet();
    this.#holds++;
    let isBroken = true;
    return () => {
      if (!isBroken) return;
      isBroken = false;
      this.#holds--;
      show();
      if (this.#holds === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  get isWhole(): boolean {
    return this.#holds === 0;
  }

  /** Resolves when nothing is missing; look again after it, since something may be again. */
  wait(): Promise<void> {
    return this.isWhole ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}
