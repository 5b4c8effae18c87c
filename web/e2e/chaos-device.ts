/**
 * One device of a history: an engine over a disk that takes its time. The engine is killed, handed over to another
 * tab, taken over while it still runs, updated to a newer build; the disk loses or tears the image meanwhile. What
 * the device promised stays promised.
 */
import type { Schema } from '../../shared/schema/table.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { openReplica, type Replica } from '../replica/replica.ts';
import type { ManualTime } from '../replica/testing/manual-time.ts';
import type { MemoryNetwork } from '../replica/testing/memory-network.ts';
import { SlowStore } from '../replica/testing/slow-store.ts';
import type { Tally } from './tally.ts';
import { newerSchema } from './two-builds.ts';

export interface ChaosWorld {
  readonly random: Prng;
  readonly time: ManualTime;
  readonly network: MemoryNetwork;
  readonly tally: Tally;
  /** Whether a disk has no room for the write that comes now. */
  readonly diskRefuses: () => boolean;
}

/** A device's clock is wrong by at most this; the relay refuses what is more than a minute ahead. */
const WORST_SKEW_MS = 40_000;
/** Documents come and go. */
const MAX_REGISTERS = 15;

export class ChaosDevice {
  readonly name: string;
  readonly #world: ChaosWorld;
  readonly #skewMs: number;
  #schema: Schema;
  #store: SlowStore;
  #replica!: Replica;
  /** Of the present engine; their outcome is not known yet. */
  readonly #underWay = new Set<Promise<void>>();
  #inMemory: ReadonlySet<string> = new Set();
  readonly #dead: Replica[] = [];

  static async join(world: ChaosWorld, name: string, schema: Schema): Promise<ChaosDevice> {
    const device = new ChaosDevice(world, name, schema);
    await device.#open();
    return device;
  }

  private constructor(world: ChaosWorld, name: string, schema: Schema) {
    this.#world = world;
    this.name = name;
    this.#schema = schema;
    this.#skewMs = world.random.int(2 * WORST_SKEW_MS) - WORST_SKEW_MS;
    this.#store = new SlowStore({ random: world.random, refuses: world.diskRefuses });
  }

  get replica(): Replica {
    return this.#replica;
  }

  get schema(): Schema {
    return this.#schema;
  }

  get isOlder(): boolean {
    return this.#schema.version < newerSchema.version;
  }

  /** Nothing reaches it from outside, and nothing of its own is under way. */
  get isAlone(): boolean {
    const { whole } = this.#replica.core;
    return this.#replica.status().connection === 'offline' && this.#underWay.size === 0 && whole.isWhole;
  }

  /** The history goes on before `work` has ended. */
  leaveUnderWay(work: Promise<void>): void {
    this.#underWay.add(work);
    work.then(() => this.#underWay.delete(work));
  }

  /** Resolves when nothing is under way any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** The process is gone in the middle of whatever it did, and starts again with what was stored. */
  async crash(): Promise<void> {
    const { tally, network } = this.#world;
    tally.count('crash');
    if (this.#store.isWriting) tally.count('crash-amid-a-store-write');
    network.forget(this.name);
    this.#dead.push(this.#replica);
    this.#store = await this.#store.crash();
    this.#underWay.clear(); // nobody will ever know
    this.#replica.close().catch(() => {}); // it may wait for its disk for ever
    await this.#open();
  }

  /** A tab asks for the lead, and the leading one ends its engine in order. */
  async handOver(): Promise<void> {
    if (this.#replica.core.outbox.inFlightCount > 0)
      this.#world.tally.count('handed-over-with-commits-on-their-way');
    await this.#replica.close();
    await this.ended();
    this.#store = this.#store.reopen();
    await this.#open();
  }

  /** A tab takes the lead, and the one that led, which hears of nothing, goes on for a while. */
  async takeOver(whileBothRun: (former: Replica) => Promise<void>): Promise<void> {
    const former = this.#replica;
    if (former.core.outbox.inFlightCount > 0) this.#world.tally.count('taken-over-with-commits-on-their-way');
    this.#store = this.#store.reopen();
    await this.#open();
    await whileBothRun(former);
    await this.ended();
    await former.close();
  }

  /** The newer build starts over what the older one left. */
  async update(): Promise<void> {
    if (this.#replica.status().pending > 0) this.#world.tally.count('build-updated-with-unsent-commits');
    this.#schema = newerSchema;
    await this.crash();
  }

  /** The image, or a part of it, is gone from the disk under the running engine. */
  async damageImage(): Promise<void> {
    const { random, tally } = this.#world;
    const torn = random.chance(2) && (await this.#store.tearImage());
    if (!torn) await this.#store.dropImage();
    tally.count(torn ? 'image-torn' : 'image-lost');
  }

  dropImage(): Promise<void> {
    return this.#store.dropImage();
  }

  /** Counts the documents that came into memory and left it since the last look. */
  lookAtMemory(): void {
    const now = new Set(this.#replica.core.documents.openNames());
    const { tally } = this.#world;
    for (const name of now) if (!this.#inMemory.has(name)) tally.count('document-entered-memory');
    for (const name of this.#inMemory) if (!now.has(name)) tally.count('document-left-memory');
    this.#inMemory = now;
  }

  async close(): Promise<void> {
    await this.ended();
    await this.#replica.close();
    for (const { core } of this.#dead) core.sql.close(); // all databases of a process share one memory
  }

  async #open(): Promise<void> {
    const { random, time, network } = this.#world;
    this.#replica = await openReplica({
      schema: this.#schema,
      store: this.#store,
      user: this.name,
      deps: {
        nowMs: () => time.nowMs() + this.#skewMs,
        setTimer: time.setTimer,
        random: () => random.next(),
        randomBytes: (count) => random.bytes(count),
        openSocket: network.openSocket(this.name),
        fetch: () => Promise.reject(new Error('there is no HTTP here')),
      },
      maxRegisters: MAX_REGISTERS,
    });
    this.#inMemory = new Set();
    this.#replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
  }
}
