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
  #lacking: Error | undefined;
  #ended: Error | undefined;

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

  /** What is missing stays missing for this reason, which writes are refused with; undefined: not any more. */
  lacks(reason: Error | undefined): void {
    this.#lacking = reason;
  }

  /** The replica is closing: what waits, and whatever is asked for from now on, is refused with this. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get isWhole(): boolean {
    return this.#holds === 0 && this.#lacking === undefined && this.#ended === undefined;
  }

  /** Resolves when it may be whole: look again after it. Rejects when it will not be, for a while or ever. */
  wait(): Promise<void> {
    if (this.#holds > 0 && !this.#ended) return new Promise((resolve) => this.#waiting.push(resolve));
    const reason = this.#ended ?? this.#lacking;
    return reason ? Promise.reject(reason) : Promise.resolve();
  }
}
