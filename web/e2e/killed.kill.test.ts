/**
 * Processes are killed with SIGKILL at random moments while three replicas write 100 commits each. The relay in
 * twenty rounds, twice in each: once while everybody writes, once while the outboxes empty after the restart.
 * Postgres in three. What must be true is in kill-oracle.ts. `SEED=123` repeats one round.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { openTestDatabase, startTestPostgres } from '../../relay/testing/postgres.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { openHeadless } from '../replica/headless.ts';
import type { Replica } from '../replica/replica.ts';
import { createAccount, signIn } from './accounts.ts';
import { Oracle } from './kill-oracle.ts';
import { openWorkplace, Writer } from './killed-workshop.ts';
import { RelayProcess } from './relay-process.ts';

const RELAY_ROUNDS = 20;
const POSTGRES_ROUNDS = 3;
const REPLICAS = 3;
/** With it, 100 commits take about two seconds, so that a kill falls among them. */
const LONGEST_PAUSE_MS = 30;
const WORKING_MS = 1_800;
const EMPTYING_MS = 400;
/** Backoff after an outage reaches 16 s. */
const SETTLE_TIMEOUT_MS = 60_000;
const USER = 'recepcion';

interface Machine {
  readonly relay: RelayProcess;
  readonly pool: pg.Pool;
  /** Kills what this suite is about, and resolves once it is down. Whoever calls it takes `told` just before. */
  kill(): Promise<void>;
  /** Resolves once relay and Postgres serve again. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

async function machineWithMortalRelay(): Promise<Machine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'espejo-kill-'));
  const database = await openTestDatabase();
  const relay = await RelayProcess.start({ databaseUrl: database.url, dataDir });
  return {
    relay,
    pool: database.pool,
    kill: () => relay.kill(),
    revive: () => relay.restart(),
    close: async () => {
      await relay.kill();
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function machineWithMortalPostgres(): Promise<Machine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'espejo-kill-'));
  const postgres = await startTestPostgres({ fsync: true });
  const relay = await RelayProcess.start({ databaseUrl: postgres.url, dataDir });
  const pool = new pg.Pool({ connectionString: postgres.url });
  pool.on('error', () => {}); // idle connections die with Postgres
  return {
    relay,
    pool,
    kill: () => postgres.kill(),
    revive: async () => {
      await postgres.start();
      await relay.restart(); // does nothing when it has stayed up
      await relay.ready();
    },
    close: async () => {
      await relay.kill();
      await pool.end();
      await postgres.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function playRound(machine: Machine, workspace: string, random: Prng): Promise<string> {
  const { relay, pool } = machine;
  const folder = await mkdtemp(join(tmpdir(), 'espejo-replicas-'));
  await createAccount(pool, { workspace, name: USER, role: USER });
  const replicas: Replica[] = [];
  for (let index = 0; index < REPLICAS; index++) {
    const { token } = await signIn(relay.url, workspace, USER);
    const replica = await openHeadless({
      schema: tallerSchema,
      user: USER,
      directory: join(folder, String(index)),
      target: { url: relay.url.replace('http', 'ws'), workspace, token },
    });
    replicas.push(replica);
  }
  const [first] = replicas;
  if (!first) throw new Error('no replicas');
  const workplace = await openWorkplace(first);
  await settle(replicas, relay);
  for (const replica of replicas) await hasOrder(replica, workplace.order);

  const writers = replicas.map((replica) => new Writer(replica, random));
  const oracle = new Oracle(pool, tallerSchema, workspace, writers);
  const working = Promise.all(writers.map((writer) => writer.work(workplace, LONGEST_PAUSE_MS)));
  const moments: string[] = [];
  for (const span of [WORKING_MS, EMPTYING_MS]) {
    const momentMs = random.int(span);
    await pause(momentMs);
    const told = writers.flatMap((writer) => writer.told());
    await machine.kill();
    moments.push(`killed after ${momentMs} ms with ${told.length} stored`);
    await machine.revive();
    await oracle.assertStored(told);
    for (const replica of replicas) replica.retry();
  }
  await working;
  await settle(replicas, relay);
  await oracle.assertEnd();

  for (const writer of writers) writer.close();
  for (const replica of replicas) await replica.close();
  await rm(folder, { recursive: true });
  return moments.join(', ');
}

async function settle(replicas: readonly Replica[], relay: RelayProcess): Promise<void> {
  const late = pause(SETTLE_TIMEOUT_MS).then(() => {
    const states = replicas.map((replica) => JSON.stringify(replica.status())).join('\n');
    throw new Error(
      `replicas did not settle in ${SETTLE_TIMEOUT_MS} ms:\n${states}\n${relay.output.slice(-3_000)}`,
    );
  });
  await Promise.race([Promise.all(replicas.map((replica) => replica.settled())), late]);
  late.catch(() => {}); // it loses the race later on
}

async function hasOrder(replica: Replica, order: string): Promise<void> {
  const deadlineMs = Date.now() + SETTLE_TIMEOUT_MS;
  while (replica.query('select 1 from work_orders where id = ?', [order]).length === 0) {
    if (Date.now() > deadlineMs) throw new Error(`${replica.device} never got the order`);
    await pause(10);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function testRounds(name: string, rounds: number, open: () => Promise<Machine>): void {
  const test = suite(name);
  let machine: Machine;
  test.before(async () => {
    machine = await open();
  });
  test.after(() => machine?.close());
  const only = process.env.SEED;
  const first = only === undefined ? Date.now() % 1_000_000_000 : Number(only);
  for (let round = 1; round <= (only === undefined ? rounds : 1); round++) {
    const seed = first + round - 1;
    test(`round ${round} of ${rounds}: nothing that was told stored is lost, everything arrives once`, async () => {
      const startedAtMs = Date.now();
      try {
        const what = await playRound(machine, `round-${round}`, new Prng(seed));
        const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1);
        process.stdout.write(`\n» ${name}, round ${round}, seed ${seed}: ${what}; ${seconds} s\n`);
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    });
  }
  test.run();
}

testRounds('SIGKILL of the relay', RELAY_ROUNDS, machineWithMortalRelay);
testRounds('SIGKILL of Postgres', POSTGRES_ROUNDS, machineWithMortalPostgres);
