/**
 * One round: three replicas write a hundred commits each, or fewer, through lines of their own, while processes are killed and
 * everything else of faults.ts goes wrong at moments that a seed decides; then everything is whole again, and
 * kill-oracle.ts says whether anything was lost, repeated or torn.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tallerSchema } from '../../shared/taller/schema.ts';
import type { Prng } from '../../shared/testing/prng.ts';
import { openHeadless } from '../replica/headless.ts';
import type { Replica } from '../replica/replica.ts';
import { createAccount, signIn } from './accounts.ts';
import { type FaultPlace, KILLS, WEATHER } from './faults.ts';
import { FaultyLine } from './faulty-line.ts';
import type { Fleet } from './fleet.ts';
import { Oracle } from './kill-oracle.ts';
import { openWorkplace, Writer } from './killed-workshop.ts';

export interface Round {
  readonly fleet: Fleet;
  readonly workspace: string;
  readonly random: Prng;
  /** Of each of the three replicas. */
  readonly commits: number;
  /** Killed for sure; what else goes wrong is left to chance. */
  readonly kills: readonly (keyof typeof KILLS)[];
  readonly weather: readonly (keyof typeof WEATHER)[];
}

const REPLICAS = 3;
/** With it, 100 commits take a bit more than a second. */
const LONGEST_PAUSE_MS = 22;
/** Faults begin within this: the writers' time, and some more in which the outboxes empty. */
const FAULTY_MS = 1_600;
/** How long one lasts. */
const LASTING_MS = { least: 50, most: 700 } as const;
const SETTLE_TIMEOUT_MS = 60_000;
const USER = 'recepcion';

/** Three of the weather that this seed gives. */
export function randomWeather(random: Prng): (keyof typeof WEATHER)[] {
  return random.shuffle(Object.keys(WEATHER) as (keyof typeof WEATHER)[]).slice(0, 3);
}

/** Throws what was broken. Answers what happened, in words. */
export async function playRound(round: Round): Promise<string> {
  const { fleet, workspace, random } = round;
  const folder = await mkdtemp(join(tmpdir(), 'espejo-replicas-'));
  const devices = await Promise.all(Array.from({ length: REPLICAS + 1 }, () => openDevice(fleet, random)));
  const [newcomer, ...writing] = devices;
  const place: FaultPlace = { fleet, workspace, random, devices: writing };
  await createAccount(fleet.pool, { workspace, name: USER, role: USER });
  const { token } = await signIn(fleet.relays[0]!.url, workspace, USER);
  const open = (device: TestDevice) =>
    openHeadless({
      schema: tallerSchema,
      user: USER,
      directory: join(folder, String(device.line.port)),
      target: { url: `ws://127.0.0.1:${device.line.port}`, workspace, token },
      deps: { nowMs: () => Date.now() + device.aheadMs },
    });
  const replicas: Replica[] = [];
  for (const device of writing) replicas.push(await open(device));
  const workplace = await openWorkplace(replicas[0]!);
  await settle(replicas, fleet);
  const writers = replicas.map((replica) => new Writer(replica, random));
  const oracle = new Oracle({
    pool: fleet.pool,
    objects: fleet.objects,
    schema: tallerSchema,
    workspace,
    writers,
  });
  for (const replica of replicas) await oracle.assertHasEverything(replica);

  const working = Promise.all(
    writers.map((writer) => writer.work(workplace, round.commits, LONGEST_PAUSE_MS)),
  );
  working.catch(() => undefined); // thrown below, unless a fault throws first
  const what: string[] = [];
  const play = async (name: string, fault: (place: FaultPlace) => Promise<() => Promise<void>>) => {
    const atMs = random.int(FAULTY_MS);
    const forMs = LASTING_MS.least + random.int(LASTING_MS.most - LASTING_MS.least);
    await pause(atMs);
    oracle.noteTold();
    const end = await fault(place);
    what.push(`${name} at ${atMs} ms for ${forMs} with ${oracle.toldCount} stored`);
    await pause(forMs);
    await end();
  };
  await Promise.all([
    ...round.kills.map((name) => play(name, KILLS[name])),
    ...round.weather.map((name) => play(name, WEATHER[name])),
  ]);
  await working;
  await fleet.heal();
  for (const replica of replicas) replica.retry();
  await settle(replicas, fleet);
  const fresh = await open(newcomer!);
  try {
    await oracle.assertEnd();
    await oracle.assertHasEverything(fresh);
    await oracle.assertSameAs(fresh);
  } catch (error) {
    if (error instanceof Error) error.message += `\nafter ${what.join(', ')}`;
    throw error;
  }

  for (const writer of writers) writer.close();
  for (const replica of [...replicas, fresh]) await replica.close();
  for (const { line } of devices) await line.close();
  await rm(folder, { recursive: true });
  return what.join(', ');
}

interface TestDevice {
  readonly line: FaultyLine;
  aheadMs: number;
}

async function openDevice(fleet: Fleet, random: Prng): Promise<TestDevice> {
  const line = await FaultyLine.open({
    relays: () => random.shuffle(fleet.relays.map(({ port }) => port)),
    chance: (oneIn) => random.chance(oneIn),
  });
  return { line, aheadMs: 0 };
}

async function settle(replicas: readonly Replica[], fleet: Fleet): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const states = replicas.map((replica) =>
        JSON.stringify([replica.status(), replica.query('select * from _outbox limit 3')]),
      );
      reject(
        new Error(
          `replicas did not settle in ${SETTLE_TIMEOUT_MS} ms:\n${states.join('\n')}\n${fleet.output()}`,
        ),
      );
    }, SETTLE_TIMEOUT_MS);
  });
  await Promise.race([Promise.all(replicas.map((replica) => replica.settled())), late]).finally(() =>
    clearTimeout(timer),
  );
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
