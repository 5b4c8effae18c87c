/**
 * A few devices, a relay in memory, and a network that delays, repeats, reorders and cuts. One seed gives one history
 * of writes, changes of mind, crashes, tabs that take over, builds of two ages, documents re-created, disks that fill
 * and network weather.
 */
import { applyUpdate, Doc, encodeStateAsUpdate } from 'yjs';
import { DocumentCopy } from '../../relay/materializer/document-copy.ts';
import type { Schema } from '../../shared/schema/table.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { ManualTime } from '../replica/testing/manual-time.ts';
import { MemoryNetwork } from '../replica/testing/memory-network.ts';
import { type LogEvent, MemoryRelay } from '../replica/testing/memory-relay.ts';
import { ChaosDevice, type ChaosWorld } from './chaos-device.ts';
import { Promises } from './promises.ts';
import { Ids, randomWrite } from './random-sql.ts';
import { type Contents, replicaContents } from './report-rows.ts';
import type { Tally } from './tally.ts';
import { newerSchema, olderSchema } from './two-builds.ts';

const START_MS = Date.UTC(2026, 10, 15, 12);
/** The two faces share their first UTF-16 unit: a difference by units would tear them apart. */
const TYPED = ['hola ', 'ñ', '🙂', '🙃', ''];
const REFUSED_ONE_IN = 40;
const DISK_FULL_ONE_IN = 60;
const MAX_SETTLE_ROUNDS = 2_000;

export interface ChaosOptions {
  /** The relay refuses a commit now and then, and the device gives it up in the end. */
  readonly refusals: boolean;
  /** Some devices run an older build, which is updated sooner or later. */
  readonly builds: boolean;
  /** Documents are re-created. */
  readonly epochs: boolean;
  /** A disk has no room now and then. */
  readonly fullDisks: boolean;
}

export class Chaos {
  readonly relay = new MemoryRelay();
  readonly promises = new Promises();
  readonly #random: Prng;
  readonly #options: ChaosOptions;
  readonly #time = new ManualTime(START_MS);
  readonly #network: MemoryNetwork;
  readonly #world: ChaosWorld;
  readonly #ids: Ids;
  /** Labels that the relay has seen, and whether it refuses what carries them: it never changes its mind. */
  readonly #judged = new Map<string, boolean>();
  #devices: ChaosDevice[] = [];
  #writes = 0;
  /** From here on no disk is full. */
  #isCalm = false;

  static async begin(random: Prng, tally: Tally, replicas: number, options: ChaosOptions): Promise<Chaos> {
    const chaos = new Chaos(random, tally, options);
    for (let index = 0; index < replicas; index++)
      await chaos.#join(`device-${index}`, options.builds && random.chance(2) ? olderSchema : newerSchema);
    return chaos;
  }

  private constructor(random: Prng, tally: Tally, options: ChaosOptions) {
    this.#random = random;
    this.#options = options;
    this.#ids = new Ids(random);
    this.relay.nowMs = this.#time.nowMs;
    this.relay.refuse = ({ label }) => {
      if (!this.#judged.has(label)) {
        // An undo that is refused leaves what it took back, and a redo that is not puts it there once more: as asked for.
        const isLeft = label.startsWith('undo:');
        this.#judged.set(label, options.refusals && !isLeft && random.chance(REFUSED_ONE_IN));
        if (this.#judged.get(label)) tally.count('commit-refused-by-the-relay');
      }
      return this.#judged.get(label)
        ? { code: 'not-allowed', message: 'by chance', retry: false }
        : undefined;
    };
    this.#network = new MemoryNetwork(this.relay, random, {
      repeatOneIn: 8,
      repeatUpdatesOnly: options.refusals || options.epochs,
    });
    this.#world = {
      random,
      tally,
      time: this.#time,
      network: this.#network,
      diskRefuses: () => options.fullDisks && !this.#isCalm && random.chance(DISK_FULL_ONE_IN),
    };
  }

  get devices(): readonly ChaosDevice[] {
    return this.#devices;
  }

  /** What the relay's log went through, in order. */
  get log(): readonly LogEvent[] {
    return this.relay.history;
  }

  /** One thing happens. */
  async step(): Promise<void> {
    const device = this.#random.pick(this.#devices);
    const dice = this.#random.int(200);
    if (dice < 76) await this.#write(device);
    else if (dice < 84) await this.#typeText(device);
    else if (dice < 92) await this.#changeMind(device);
    else if (dice < 100) await this.#resolve(device);
    else if (dice < 154) await this.#carry(1 + this.#random.int(12));
    else if (dice < 162) this.#network.cut(device.name);
    else if (dice < 170) this.#network.mend(device.name);
    else if (dice < 178) this.#time.advance(this.#random.int(20_000));
    else if (dice < 181) await refusable(() => device.replica.checkpoint());
    else if (dice < 183) await device.damageImage();
    else if (dice < 186) await device.crash();
    else if (dice < 189) await device.handOver();
    else if (dice < 192) await this.#takeOver(device);
    else if (dice < 194) await this.#verify(device);
    else if (dice < 197) this.#recreate();
    else await this.#age(device);
    device.lookAtMemory();
    await turn();
  }

  /** The network is whole again and the disks have room: resolves once everybody has everything. */
  async settle(): Promise<void> {
    this.#isCalm = true;
    for (const { name } of this.#devices) this.#network.mend(name);
    for (let round = 0; round < MAX_SETTLE_ROUNDS; round++) {
      await this.#carry(50);
      const isQuiet = !this.#network.step();
      if (isQuiet && (await this.#updateTooOld())) continue;
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
  async newcomer(): Promise<void> {
    await this.#join('newcomer', newerSchema);
    await this.settle();
  }

  /** Each device starts again with the newest build and without its SQL image, so that SQL is made of the documents. */
  async rebuildAll(): Promise<void> {
    for (const device of this.#devices) {
      await device.dropImage();
      await device.update();
    }
  }

  async close(): Promise<void> {
    for (const device of this.#devices) await device.close();
  }

  async #join(name: string, schema: Schema): Promise<void> {
    this.#devices.push(await ChaosDevice.join(this.#world, name, schema));
  }

  /** A write that a rule or the disk refuses must leave no trace. */
  async #write(device: ChaosDevice): Promise<void> {
    const statements = randomWrite(this.#random, this.#ids, device.schema);
    const label = `write ${this.#writes++}`;
    const { tally } = this.#world;
    const before = device.isAlone ? replicaContents(device.replica, device.schema) : undefined;
    this.promises.asked(label, statements);
    const written = device.replica.transaction(statements, { label }).then(
      () => {
        this.promises.resolved(label);
        if (device.isOlder) tally.count('older-build-wrote');
      },
      (error: unknown) => {
        this.promises.broken(label);
        if (isRefusal(error)) tally.count('write-refused-by-a-rule');
        else if (isDiskRefusal(error)) tally.count('write-refused-by-the-disk');
        else throw error;
        if (
          before &&
          isRefusal(error) &&
          !sameContents(before, replicaContents(device.replica, device.schema))
        )
          throw new Error(`a refused write left something behind: ${(error as Error).message}`);
      },
    );
    if (before || this.#random.chance(2)) await written;
    else device.leaveUnderWay(written);
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
      for (const device of this.#devices) {
        await device.ended();
        await device.replica.core.queue.idle();
      }
      await turn();
    }
  }

  /** The relay takes no more of the older build: whoever was told so gets the newer one. True when anybody was. */
  async #updateTooOld(): Promise<boolean> {
    let any = false;
    for (const device of this.#devices) {
      if (device.replica.status().stopped !== 'update-required') continue;
      this.#world.tally.count('older-build-told-to-update');
      await device.update();
      any = true;
    }
    return any;
  }

  /** What the relay refused for good is given up. True when there was any. */
  async #discardRejected(): Promise<boolean> {
    let any = false;
    for (const { replica } of this.#devices) {
      for (const { id, label } of replica.query(`select id, label from _outbox where state = 'rejected'`)) {
        this.promises.broken(String(label));
        await replica.discard(String(id));
        this.#world.tally.count('refused-commit-discarded');
        any = true;
      }
    }
    return any;
  }

  async #changeMind({ replica }: ChaosDevice): Promise<void> {
    const { tally } = this.#world;
    const remarks = () =>
      replica
        .query('select remarks from customers')
        .map((row) => row.remarks)
        .join();
    let before = remarks();
    if ((await replica.undo()).done) tally.count('undone');
    this.promises.putBack(before, remarks());
    before = remarks();
    if (this.#random.chance(2) && (await replica.redo()).done) tally.count('redone');
    this.promises.putBack(before, remarks());
  }

  async #resolve(device: ChaosDevice): Promise<void> {
    const { name, replica } = device;
    const conflicts = replica.query('select * from _conflict order by table_name, row_id, column_name');
    if (conflicts.length === 0) return;
    const { table_name, row_id, column_name, winner_value, loser_value } = this.#random.pick(conflicts);
    const ref = { table: String(table_name), id: String(row_id), column: String(column_name) };
    const isAboutRow = ref.column === ''; // one side deleted it, the other edited it
    const value = isAboutRow
      ? this.#random.int(2)
      : this.#random.pick([winner_value ?? null, loser_value ?? null]);
    if (this.#random.chance(2)) this.#network.cut(name);
    const isDone = await refusable(() => replica.resolve(ref, value));
    if (!isDone || !this.#network.isCut(name)) return;
    this.#world.tally.count('conflict-resolved-offline');
    const isStill = replica
      .query('select table_name, row_id, column_name from _conflict')
      .some(
        (left) =>
          left.table_name === table_name && left.row_id === row_id && left.column_name === column_name,
      );
    if (isStill && device.isAlone)
      throw new Error(`${JSON.stringify(ref)} is in conflict after it was resolved`);
  }

  async #typeText({ replica }: ChaosDevice): Promise<void> {
    const row = replica.query('select id, remarks from customers order by id limit 1')[0];
    if (!row) return;
    const base = String(row.remarks ?? '');
    const letters = [...base]; // by code point: nobody can put the cursor inside an emoji
    const typed = this.#random.pick(TYPED) + this.promises.newSign();
    letters.splice(this.#random.int(letters.length + 1), this.#random.int(3), typed);
    const ref = { table: 'customers', id: String(row.id), column: 'remarks' };
    await refusable(() => replica.editText(ref, base, letters.join('')));
  }

  /** Both tabs write for a moment; what the former one promises then counts as well. */
  async #takeOver(device: ChaosDevice): Promise<void> {
    await device.takeOver(async (former) => {
      const label = `write ${this.#writes++}`;
      const statements = randomWrite(this.#random, this.#ids, device.schema);
      this.promises.asked(label, statements);
      await former.transaction(statements, { label }).then(
        ({ commit }) => {
          if (commit !== undefined) throw new Error('a tab wrote after another had taken over');
        },
        () => this.promises.broken(label),
      );
      await this.#carry(this.#random.int(6));
    });
  }

  async #verify({ replica }: ChaosDevice): Promise<void> {
    const { mendedRows, text } = await replica.verify();
    if (mendedRows > 0) throw new Error(`verify() mended rows under load:\n${text}`);
    this.#world.tally.count('verified-under-load');
  }

  /** Some document begins a new life, as relay/materializer/recreate-document.ts gives it. */
  #recreate(): void {
    if (!this.#options.epochs || this.relay.documents.size === 0) return;
    const { tally } = this.#world;
    const name = this.#random.pick([...this.relay.documents.keys()]);
    const old = new Doc();
    for (const { update } of this.relay.documents.get(name)!.entries) applyUpdate(old, update);
    const copy = new DocumentCopy(old);
    copy.doc.clientID = this.#random.int(2 ** 31);
    this.relay.recreate(name, encodeStateAsUpdate(copy.doc));
    tally.count('document-recreated');
    for (const { replica } of this.#devices)
      if (replica.core.outbox.touches(name)) tally.count('unsent-commit-made-anew-on-a-new-epoch');
  }

  /** An older build is updated, or the relay stops taking what it sends. */
  async #age(device: ChaosDevice): Promise<void> {
    if (!this.#options.builds) return;
    if (this.#random.chance(4)) {
      this.relay.minSchema = newerSchema.version;
      this.relay.cut(1012, 'a newer version');
    } else if (device.isOlder) await device.update();
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

/** False when a rule or the disk refused. */
async function refusable(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isRefusal(error) && !isDiskRefusal(error)) throw error;
    return false;
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    // The row, or its conflict, may have gone while commits were made anew, for which the write waited.
    (error.name === 'RefusedWriteError' ||
      /constraint failed|has no row|there is no conflict any more/i.test(error.message))
  );
}

function isDiskRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreError';
}

function sameContents(a: Contents, b: Contents): boolean {
  return (
    a.size === b.size && [...a].every(([key, row]) => JSON.stringify(row) === JSON.stringify(b.get(key)))
  );
}
