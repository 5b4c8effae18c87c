/**
 * A few replicas, a relay in memory, and a network that delays, repeats, reorders and cuts. One seed gives one
 * history of writes, restarts and network weather.
 */

import type { Commit } from '../../shared/protocol/commit.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { testSchema } from '../../shared/testing/test-schema.ts';
import { openReplica, type Replica } from '../replica/replica.ts';
import { MemoryStore } from '../replica/store/memory-store.ts';
import { ManualTime } from '../replica/testing/manual-time.ts';
import { MemoryNetwork } from '../replica/testing/memory-network.ts';
import { MemoryRelay } from '../replica/testing/memory-relay.ts';
import { Ids, randomWrite } from './random-sql.ts';
import { type Contents, replicaContents } from './report-rows.ts';

const START_MS = Date.UTC(2026, 10, 15, 12);
/** A device's clock is wrong by at most this; the relay refuses what is more than a minute ahead. */
const WORST_SKEW_MS = 40_000;
/** The two faces share their first UTF-16 unit: a difference by units would tear them apart. */
const TYPED = ['hola ', 'ñ', '🙂', '🙃', ''];
const REFUSED_ONE_IN = 40;
const MAX_SETTLE_ROUNDS = 2_000;

interface Device {
  readonly name: string;
  readonly skewMs: number;
  store: MemoryStore;
  replica: Replica;
}

export interface ChaosOptions {
  /** The relay refuses a commit now and then, and the device gives it up in the end. */
  readonly refusals: boolean;
}

export class Chaos {
  readonly relay: MemoryRelay;
  readonly #random: Prng;
  readonly #time = new ManualTime(START_MS);
  readonly #network: MemoryNetwork;
  readonly #ids: Ids;
  /** Commit ids the relay has seen, and whether it refused them: it never changes its mind. */
  readonly #judged = new Map<string, boolean>();
  #devices: Device[] = [];

  static async begin(random: Prng, replicas: number, options: ChaosOptions): Promise<Chaos> {
    const chaos = new Chaos(random, options);
    for (let index = 0; index < replicas; index++) await chaos.#join(`device-${index}`);
    return chaos;
  }

  private constructor(random: Prng, { refusals }: ChaosOptions) {
    this.#random = random;
    this.#ids = new Ids(random);
    this.relay = new MemoryRelay();
    this.relay.nowMs = this.#time.nowMs;
    this.relay.refuse = ({ id }) => {
      if (!this.#judged.has(id)) this.#judged.set(id, refusals && random.chance(REFUSED_ONE_IN));
      return this.#judged.get(id) ? { code: 'not-allowed', message: 'by chance', retry: false } : undefined;
    };
    this.#network = new MemoryNetwork(this.relay, random, { repeatOneIn: 8, repeatUpdatesOnly: refusals });
  }

  get replicas(): readonly Replica[] {
    return this.#devices.map(({ replica }) => replica);
  }

  /** Every commit that the relay has stored, in order. */
  commits(): Commit[] {
    const all = [...this.relay.documents.values()].flatMap(({ entries }) => entries);
    const byId = new Map(all.map(({ commit }) => [commit.id, commit]));
    return [...this.relay.commits.keys()].map((id) => byId.get(id)!);
  }

  /** One thing happens. */
  async step(): Promise<void> {
    const device = this.#random.pick(this.#devices);
    const dice = this.#random.int(100);
    if (dice < 40) await this.#write(device.replica);
    else if (dice < 44) await this.#typeText(device.replica);
    else if (dice < 48) await this.#changeMind(device.replica);
    else if (dice < 52) await this.#resolve(device.replica);
    else if (dice < 82) await this.#carry(1 + this.#random.int(12));
    else if (dice < 87) this.#network.cut(device.name);
    else if (dice < 92) this.#network.mend(device.name);
    else if (dice < 96) this.#time.advance(this.#random.int(20_000));
    else if (dice < 97) await device.replica.checkpoint();
    else await this.#restart(device, { keepImage: this.#random.chance(2) });
    await turn();
  }

  /** The network is whole again: resolves once everybody has everything. */
  async settle(): Promise<void> {
    for (const { name } of this.#devices) this.#network.mend(name);
    for (let round = 0; round < MAX_SETTLE_ROUNDS; round++) {
      await this.#carry(50);
      const isQuiet = !this.#network.step();
      if (isQuiet && this.#isLevel()) {
        await this.#applied();
        // What was applied may have asked for more.
        if (this.#isLevel() && !this.#network.step() && !(await this.#discardRejected())) return;
      }
      if (isQuiet) this.#time.advance(1_000);
      await turn();
    }
    const states = this.#devices.map(({ replica }) => JSON.stringify(replica.status()));
    throw new Error(`not level after ${MAX_SETTLE_ROUNDS} rounds: ${states.join('\n')}`);
  }

  /** A device that was never there before, with nothing but what the relay has. */
  async newcomer(): Promise<Replica> {
    const device = await this.#join('newcomer');
    await this.settle();
    return device.replica;
  }

  /** Each device starts again without its SQL image, so that SQL is rebuilt from the documents. */
  async rebuildAll(): Promise<void> {
    for (const device of this.#devices) await this.#restart(device, { keepImage: false });
  }

  async close(): Promise<void> {
    for (const { replica } of this.#devices) await replica.close();
  }

  async #join(name: string): Promise<Device> {
    const skewMs = this.#random.int(2 * WORST_SKEW_MS) - WORST_SKEW_MS;
    const store = new MemoryStore();
    const device = { name, skewMs, store, replica: await this.#open(name, skewMs, store) };
    this.#devices.push(device);
    return device;
  }

  async #open(name: string, skewMs: number, store: MemoryStore): Promise<Replica> {
    const replica = await openReplica({
      schema: testSchema,
      store,
      user: name,
      deps: {
        nowMs: () => this.#time.nowMs() + skewMs,
        setTimer: this.#time.setTimer,
        random: () => this.#random.next(),
        randomBytes: (count) => this.#random.bytes(count),
        openSocket: this.#network.openSocket(name),
      },
      maxRegisters: 40, // documents come and go
    });
    replica.connect({ url: 'ws://relay', workspace: 'test', token: 'token' });
    return replica;
  }

  /** The process is gone in the middle of whatever it did, and starts again with what was stored. */
  async #restart(device: Device, { keepImage }: { readonly keepImage: boolean }): Promise<void> {
    this.#network.forget(device.name);
    const dead = device.replica;
    device.store = device.store.reopen(); // from here on the old one stores nothing
    await dead.close().catch(() => {}); // it may complain of its closed store
    if (!keepImage) await device.store.write({ durability: 'strict', image: 'drop' });
    device.replica = await this.#open(device.name, device.skewMs, device.store);
  }

  /** A write that a rule refuses must leave no trace. */
  async #write(replica: Replica): Promise<void> {
    const statements = randomWrite(this.#random, this.#ids);
    const before = replicaContents(replica, testSchema);
    try {
      await replica.transaction(statements, { label: 'chaos' });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const left = sameContents(before, replicaContents(replica, testSchema));
      if (!left) throw new Error(`a refused write left something behind: ${(error as Error).message}`);
    }
  }

  #isLevel(): boolean {
    return this.#devices.every(({ replica }) => {
      const { connection, level, pending } = replica.status();
      return connection === 'connected' && level && pending === 0;
    });
  }

  /** What arrived is in SQL and in the store. */
  async #applied(): Promise<void> {
    for (let round = 0; round < 10; round++) {
      for (const { replica } of this.#devices) await replica.core.queue.idle();
      await turn();
    }
  }

  /** What the relay refused for good is given up. True when there was any. */
  async #discardRejected(): Promise<boolean> {
    let any = false;
    for (const { replica } of this.#devices) {
      for (const { id } of replica.query(`select id from _outbox where state = 'rejected'`)) {
        await replica.discard(String(id));
        any = true;
      }
    }
    return any;
  }

  async #changeMind(replica: Replica): Promise<void> {
    await refusable(() => (this.#random.chance(3) ? replica.redo() : replica.undo()));
  }

  async #resolve(replica: Replica): Promise<void> {
    const conflicts = replica.query('select * from _conflict order by table_name, row_id, column_name');
    if (conflicts.length === 0) return;
    const { table_name, row_id, column_name, winner_value, loser_value } = this.#random.pick(conflicts);
    const ref = { table: String(table_name), id: String(row_id), column: String(column_name) };
    const isAboutRow = ref.column === ''; // one side deleted it, the other edited it
    const value = isAboutRow
      ? this.#random.int(2)
      : this.#random.pick([winner_value ?? null, loser_value ?? null]);
    await refusable(() => replica.resolve(ref, value));
  }

  async #typeText(replica: Replica): Promise<void> {
    const row = replica.query('select id, remarks from customers order by id limit 1')[0];
    if (!row) return;
    const base = String(row.remarks ?? '');
    const letters = [...base]; // by code point: nobody can put the cursor inside an emoji
    letters.splice(this.#random.int(letters.length + 1), this.#random.int(3), this.#random.pick(TYPED));
    await replica.editText(
      { table: 'customers', id: String(row.id), column: 'remarks' },
      base,
      letters.join(''),
    );
  }

  async #carry(frames: number): Promise<void> {
    for (let frame = 0; frame < frames; frame++) {
      if (!this.#network.step()) return;
      if (this.#random.chance(3)) await turn();
    }
  }
}

/** Lets everything that waits for a promise go on. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function refusable(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'RefusedWriteError' || /constraint failed/i.test(error.message))
  );
}

function sameContents(a: Contents, b: Contents): boolean {
  return (
    a.size === b.size && [...a].every(([key, row]) => JSON.stringify(row) === JSON.stringify(b.get(key)))
  );
}
