/**
 * Two materializers as processes of their own, as they run in production (`main.ts --role materializer`): documents
 * are shared out between them by lock, each update is in the report once, also when one of them is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { bucketOfMs } from '../../shared/documents/bucket.ts';
import { tallerApplication } from '../../shared/taller/application.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { FolderStore } from '../objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from '../testing/postgres.ts';
import { all, insert, TestWriter, update } from '../testing/test-writer.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('materializer processes');
const MONTHS = 12;
const COMMITS = 240;
const PATIENCE_MS = 60_000;

test('[MAT-1] two processes write every update once, though each is killed in the middle of it', async () => {
  const random = new Prng(Number(process.env.SEED ?? Date.now() % 1_000_000));
  const database = await openTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'espejo-processes-'));
  const processes: Consumer[] = [];
  const log = new PostgresLog({ pool: database.pool, instance: 'test' });
  try {
    processes.push(...(await Promise.all([0, 1].map(() => startConsumer(database.url, dataDir)))));
    const killsAt = new Set([COMMITS / 4 + random.int(20), COMMITS / 2 + random.int(20)]);
    const writers = Array.from({ length: MONTHS }, (_, index) => {
      const atMs = Date.UTC(2025, index, 5);
      return {
        writer: new TestWriter(log, { device: `MONTH0${String(index).padStart(2, '0')}` }),
        atMs,
        work: `work/${bucketOfMs(atMs)}`,
        order: newId(atMs),
      };
    });
    for (const { writer, work, order } of writers)
      await writer.commit('order', { [work]: insert('work_orders', order, { number: order }) });
    for (let index = 0; index < COMMITS; index++) {
      const { writer, atMs, work, order } = random.pick(writers);
      await writer.commit('step', {
        // Going round: done twice, it would leave history lines twice.
        [work]: all(
          insert('gate_events', newId(atMs), { plate: `${index}`, direction: 'in' }),
          update('work_orders', order, 'discount_minor', index + 1),
        ),
        ...(random.chance(4) ? { people: insert('customers', `c${index}`, { name: `${index}` }) } : {}),
      });
      if (!killsAt.has(index)) continue;
      const victim = processes.shift()!;
      await victim.kill();
      processes.push(await startConsumer(database.url, dataDir));
    }
    await until(async () => (await lagging(database)) === 0);

    const [counts] = await rows<{ events: number; customers: number; lines: number }>(
      database,
      `select (select count(*) from report.gate_events)::int as events,
              (select count(*) from report.customers)::int as customers,
              (select count(*) from report.history)::int as lines`,
    );
    const seed = `seed ${random.seed}`;
    assert.is(counts!.events, COMMITS, seed);
    assert.is(counts!.lines, MONTHS + COMMITS * 2 + counts!.customers, seed);
    assert.equal(await rows(database, 'select * from espejo.quarantine'), [], seed);
    const objects = await FolderStore.open(join(dataDir, 'objects'));
    const application = tallerApplication;
    const { differences } = await verifyReport({ pool: database.pool, objects, application, mend: false });
    assert.equal(differences, [], seed);
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    await log.close();
    await database.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

interface Consumer {
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Resolves once it serves. */
async function startConsumer(databaseUrl: string, dataDir: string): Promise<Consumer> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, '../main.ts'), '--role', 'materializer'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        DATA_DIR: dataDir,
        HOST: '127.0.0.1',
        PORT: '0',
        LOG_LEVEL: 'info',
      },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the materializer ended with ${code}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('"serving"')) resolve();
    });
  });
  return {
    async kill() {
      child.removeAllListeners('exit');
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGKILL');
      await Promise.race([gone, ended]);
    },
  };
}

async function lagging(database: TestDatabase): Promise<number> {
  const [row] = await rows<{ lag: number }>(
    database,
    `select coalesce(sum(d.head - coalesce(c.seq, 0)), 0)::int as lag
       from espejo.document d left join espejo.report_cursor c on c.document = d.id`,
  );
  return row!.lag;
}

async function rows<Row = unknown>(database: TestDatabase, sql: string): Promise<Row[]> {
  return (await database.pool.query(sql)).rows as Row[];
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (!(await isDone())) {
    if (Date.now() > deadlineMs) throw new Error(`it did not happen within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.run();
