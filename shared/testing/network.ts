import type { Prng } from './prng.ts';
import type { TestReplica, Update } from './replicas.ts';

/** Carries updates between replicas: each to everyone else, at some time, perhaps twice, in any order. */
export class TestNetwork {
  readonly #replicas: readonly TestReplica[];
  readonly #random: Prng;
  readonly #queues: Update[][];
  readonly #isCut: boolean[];

  constructor(replicas: readonly TestReplica[], random: Prng) {
    this.#replicas = replicas;
    this.#random = random;
    this.#queues = replicas.map(() => []);
    this.#isCut = replicas.map(() => false);
  }

  send(from: number, updates: readonly Update[]): void {
    this.#queues.forEach((queue, to) => {
      if (to === from) return;
      queue.push(...updates);
      // Now and then a message comes twice.
      if (updates.length > 0 && this.#random.chance(5)) queue.push(this.#random.pick(updates));
    });
  }

  /** A replica that is cut receives nothing until the cut ends. */
  cut(index: number, isCut: boolean): void {
    this.#isCut[index] = isCut;
  }

  /** Delivers some of what is on its way to one replica. */
  deliverSome(to: number): void {
    if (this.#isCut[to]) return;
    const queue = this.#random.shuffle(this.#queues[to]!);
    const count = this.#random.int(queue.length + 1);
    this.#queues[to] = queue.slice(count);
    if (count > 0) this.#replicas[to]!.receive(queue.slice(0, count));
  }

  /** Ends every cut and delivers everything. */
  settle(): void {
    this.#queues.forEach((queue, to) => {
      this.#isCut[to] = false;
      this.#queues[to] = [];
      this.#replicas[to]!.receive(this.#random.shuffle(queue));
    });
  }
}
