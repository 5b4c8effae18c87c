/**
 * What may go wrong, one entry each: it begins when it is called, and what it answers ends it. A round plays several
 * at once (fault-round.ts). Each must be survivable: whoever finds one that is not has found a bug.
 */
import { Compactor } from '../../relay/materializer/compactor.ts';
import type { Fault as S3Fault } from '../../relay/testing/s3.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import type { FaultyLine } from './faulty-line.ts';
import type { Fleet } from './fleet.ts';
import type { RelayProcess } from './relay-process.ts';

export interface FaultPlace {
  readonly fleet: Fleet;
  readonly workspace: string;
  readonly random: Prng;
  /** The devices: their lines, and how far each clock is off. */
  readonly devices: readonly { readonly line: FaultyLine; aheadMs: number }[];
}

type End = () => Promise<void>;
export type Fault = (place: FaultPlace) => Promise<End>;

/** SIGKILL, each at any moment. */
export const KILLS = {
  'a relay killed': ({ fleet, random }) => kill([random.pick(fleet.relays)]),
  'both relays killed': ({ fleet }) => kill(fleet.relays),
  'the materializer killed': ({ fleet }) => kill([fleet.materializer]),
  'Postgres killed': async ({ fleet }) => {
    await fleet.postgres.kill();
    return () => fleet.postgres.start();
  },
} satisfies Readonly<Record<string, Fault>>;

/** Longest a fault of S3 holds a request up; the store asks again after its own time. */
const S3_SLOW_MS = 400;
/** Beyond what the relay allows a device to be ahead, in either direction. */
const CLOCK_JUMP_MS = 10 * 60_000;

/** Everything else. */
export const WEATHER = {
  'a device offline': async ({ devices, random }) => {
    const { line } = random.pick(devices);
    line.cut();
    return async () => line.mend();
  },
  'slow lines': async ({ devices, random }) => {
    for (const { line } of devices) line.delayMs = 1 + random.int(60);
    return async () => {
      for (const { line } of devices) line.delayMs = 0;
    };
  },
  'frames said twice': async ({ devices }) => {
    for (const { line } of devices) line.repeatOneIn = 3;
    return async () => {
      for (const { line } of devices) line.repeatOneIn = 0;
    };
  },
  'notifications lost': async ({ fleet, random }) => {
    fleet.line.loseOneIn = 1 + random.int(2);
    return async () => undefined; // the last ones too: then nothing but looking brings what they told
  },
  'lines to Postgres cut': async ({ fleet }) => {
    fleet.line.cut();
    return async () => undefined;
  },
  'slow disk of Postgres': async ({ fleet, random }) => {
    await fleet.setCommitDelay(3 + random.int(48));
    return () => fleet.setCommitDelay(0);
  },
  'S3 failing': async ({ fleet, random }) => {
    fleet.s3.faults = () => (random.chance(2) ? random.pick(S3_FAULTS) : undefined);
    return async () => undefined; // until the end of the round: snapshots are made once a second
  },
  'the clock of a relay jumps': async ({ fleet, random }) => {
    const relay = random.pick(fleet.relays);
    relay.setClock(jump(random));
    return async () => relay.setClock(0);
  },
  'the clock of a device jumps': async ({ devices, random }) => {
    const device = random.pick(devices);
    device.aheadMs = jump(random);
    return async () => undefined; // nobody sets it back
  },
  'documents re-created': async ({ fleet, workspace }) => {
    await recreateAll(fleet, workspace).catch(() => undefined); // Postgres or S3 may just be away
    return async () => undefined;
  },
} satisfies Readonly<Record<string, Fault>>;

const S3_FAULTS: readonly S3Fault[] = [
  { kind: 'status', status: 409, code: 'ConditionalRequestConflict' },
  { kind: 'status', status: 412, code: 'PreconditionFailed' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'answer-lost' },
  { kind: 'slow', ms: S3_SLOW_MS },
  { kind: 'torn' },
  { kind: 'corrupt' },
  { kind: 'half-stored' },
];

function jump(random: Prng): number {
  return (random.chance(2) ? 1 : -1) * (CLOCK_JUMP_MS / 2 + random.int(CLOCK_JUMP_MS));
}

async function kill(processes: readonly RelayProcess[]): Promise<End> {
  await Promise.all(processes.map((process) => process.kill()));
  return async () => {
    // Another fault may kill it again while it starts; the end of the round starts what is down.
    await Promise.all(processes.map((process) => process.restart().catch(() => undefined)));
  };
}

async function recreateAll({ pool, objects }: Fleet, workspace: string): Promise<void> {
  const compactor = new Compactor({ pool, objects, schema: tallerSchema });
  const { rows } = await pool.query<{ id: number }>(
    'select id from espejo.document where workspace = $1 order by id',
    [workspace],
  );
  for (const { id } of rows) await compactor.recreate(id);
}
