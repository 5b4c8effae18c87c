/** A log and a fan-out that fail as networks and disks do, for the fault suite. */
import type { Prng } from '../../shared/testing/prng.ts';
import type { Fanout, FanoutListener } from '../fanout/fanout.ts';
import {
  type AppendOutcome,
  type AppendRequest,
  type DocumentStage,
  type DocumentState,
  type Log,
  type LogRow,
  type LogSlice,
  type Position,
  StorageAwayError,
  type StoredCommit,
} from '../log/log.ts';

export interface Faults {
  /** Appends take up to this long more. */
  readonly slowMs: number;
  /** One call in so many fails before it reached the storage. */
  readonly lostCall: number;
  /** One append in so many is stored, and its answer lost. */
  readonly lostAnswer: number;
  /** One notification in so many is lost. */
  readonly lostNotification: number;
}

export class FaultyLog implements Log {
  /** A process that was killed: nothing more comes out of it. */
  isDead = false;
  /** No more faults from now on. */
  isHealed = false;
  readonly #log: Log;
  readonly #faults: Faults;
  readonly #random: Prng;

  constructor(log: Log, faults: Faults, random: Prng) {
    this.#log = log;
    this.#faults = faults;
    this.#random = random;
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    await this.#reach();
    if (!this.isHealed)
      await new Promise((resolve) => setTimeout(resolve, this.#random.int(this.#faults.slowMs)));
    const outcomes = await this.#log.append(requests);
    if (this.isDead) return new Promise(() => undefined);
    if (!this.isHealed && this.#random.chance(this.#faults.lostAnswer))
      throw new StorageAwayError('the answer was lost');
    return outcomes;
  }

  async documents(workspace: string): Promise<readonly DocumentState[]> {
    if (workspace !== '') await this.#reach();
    return this.#log.documents(workspace);
  }

  async readAfter(workspace: string, positions: readonly Position[], maxBytes: number): Promise<LogSlice> {
    await this.#reach();
    return this.#log.readAfter(workspace, positions, maxBytes);
  }

  async readRange(
    documentId: number,
    epoch: number,
    after: number,
    upTo: number,
  ): Promise<readonly LogRow[]> {
    await this.#reach();
    return this.#log.readRange(documentId, epoch, after, upTo);
  }

  async behind(workspaces: readonly string[], positions: readonly Position[]): Promise<readonly string[]> {
    await this.#reach();
    return this.#log.behind(workspaces, positions);
  }

  async storedCommits(
    workspace: string,
    device: string,
    ids: readonly string[],
  ): Promise<readonly StoredCommit[]> {
    await this.#reach();
    return this.#log.storedCommits(workspace, device, ids);
  }

  stages(workspaces: readonly string[]): Promise<readonly DocumentStage[]> {
    return this.#log.stages(workspaces);
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  async #reach(): Promise<void> {
    if (this.isDead) return new Promise(() => undefined);
    if (!this.isHealed && this.#random.chance(this.#faults.lostCall))
      throw new StorageAwayError('the call was lost');
  }
}

export class FaultyFanout implements Fanout {
  readonly instance: string;
  readonly #fanout: Fanout;
  readonly #faults: Faults;
  readonly #random: Prng;

  constructor(fanout: Fanout, faults: Faults, random: Prng) {
    this.instance = fanout.instance;
    this.#fanout = fanout;
    this.#faults = faults;
    this.#random = random;
  }

  start(listener: FanoutListener): Promise<void> {
    return this.#fanout.start({
      onPointers: (pointers) => {
        if (!this.#random.chance(this.#faults.lostNotification)) listener.onPointers(pointers);
      },
      onMessage: (lane, payload) => listener.onMessage(lane, payload),
      onSuspect: () => listener.onSuspect(),
    });
  }

  publish(lane: string, payload: string): void {
    this.#fanout.publish(lane, payload);
  }

  close(): Promise<void> {
    return this.#fanout.close();
  }
}
