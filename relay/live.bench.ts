/**
 * The relay under load, everything durable in Postgres (`synchronous_commit = on`, fsync on), relay and load
 * generator in processes of their own on this machine.
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { report } from '../shared/testing/bench.ts';
import { migrate } from './migrations/migrate.ts';
import { startBenchRelay } from './testing/bench-relay.ts';
import type { LoadOptions } from './testing/load.ts';
import type { LoadSummary } from './testing/load-process.ts';
import { startTestPostgres } from './testing/postgres.ts';

const ROOT = join(import.meta.dirname, '..');

const server = await startTestPostgres({ fsync: true });
const pool = new pg.Pool({ connectionString: server.url });
await migrate(pool);

await runScenario('400 edits/s, 20 documents × 10 clients', 1, 400, { p50: undefined, p99: 50 });
await runScenario('2 000 edits/s, 20 documents × 10 clients', 1, 2_000, { p50: 6, p99: 30 });
await runScenario('2 000 edits/s across 2 instances', 2, 2_000, { p50: undefined, p99: 60 });

await pool.end();
await server.close();

if (process.platform === 'linux' && cpus().length > 1)
  await reportCpuParts('2 000 edits/s, 20 documents × 10 clients', 2_000);
process.exit(0);

async function runScenario(
  name: string,
  instances: number,
  editsPerSecond: number,
  budget: { readonly p50: number | undefined; readonly p99: number },
): Promise<void> {
  const relays = await Promise.all(
    Array.from({ length: instances }, (_, index) =>
      startBenchRelay(server.url, { instance: `${instances}-${index}` }),
    ),
  );
  const workspace = `w${instances}-${editsPerSecond}`;
  const cpuBefore = await Promise.all(relays.map((relay) => relay.cpuSeconds()));
  const load = await runLoadProcess({
    urls: relays.map(({ port }) => `ws://127.0.0.1:${port}/sync/${workspace}`),
    token: `${workspace}.load.writer`,
    documents: 20,
    clientsPerDocument: 10,
    editsPerSecond,
    seconds: 10,
  });
  const cpuAfter = await Promise.all(relays.map((relay) => relay.cpuSeconds()));
  const cpuSeconds = cpuAfter.reduce((sum, after, index) => sum + after - cpuBefore[index]!, 0);
  const { rows } = await pool.query<{ stored: number }>(
    `select sum(head)::int as stored from espejo.document where workspace = $1`,
    [workspace],
  );
  for (const relay of relays) await relay.kill();

  const p50Budget = budget.p50 === undefined ? ({ none: true } as const) : { atMost: budget.p50 };
  report({ name: `${name}: delivery p50`, value: load.p50Ms, unit: 'ms', budget: p50Budget });
  report({
    name: `${name}: delivery p99`,
    value: load.p99Ms,
    unit: 'ms',
    budget: { atMost: budget.p99 },
    note: `max ${load.maxMs.toFixed(0)} ms of ${load.deliveries} deliveries`,
  });
  report({
    name: `${name}: delivered`,
    value: (100 * load.deliveries) / load.expectedDeliveries,
    unit: '%',
    budget: { atLeast: 100 },
  });
  report({
    name: `${name}: stored`,
    value: (100 * (rows[0]?.stored ?? 0)) / load.sent,
    unit: '%',
    budget: { atLeast: 100 },
  });
  report({
    name: `${name}: CPU per 10 000 edits`,
    value: (cpuSeconds * 10_000) / load.sent,
    unit: 's',
    budget: instances === 1 && editsPerSecond >= 2_000 ? { atMost: 2.5 } : { none: true },
    note: 'relay processes, user and system',
  });
}

/**
 * In a run of its own, since looking costs time too, with the relay alone on the first core: this process, and so the
 * Postgres and the load that it starts from here on, keep to the others.
 */
async function reportCpuParts(name: string, editsPerSecond: number): Promise<void> {
  await promisify(execFile)('taskset', ['-cp', `1-${cpus().length - 1}`, String(process.pid)]);
  const server = await startTestPostgres({ fsync: true });
  const pool = new pg.Pool({ connectionString: server.url });
  await migrate(pool);
  await pool.end();
  const relay = await startBenchRelay(server.url, { instance: 'profiled', core: 0 });
  const end = await relay.profileCpu();
  await runLoadProcess({
    urls: [`ws://127.0.0.1:${relay.port}/sync/profiled`],
    token: 'profiled.load.writer',
    documents: 20,
    clientsPerDocument: 10,
    editsPerSecond,
    seconds: 5,
  });
  const shares = await end();
  await relay.kill();
  await server.close();
  for (const [part, share] of Object.entries(shares))
    report({ name: `${name}: ${part}, of that CPU`, value: 100 * share, unit: '%', budget: { none: true } });
}

async function runLoadProcess(options: LoadOptions): Promise<LoadSummary> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'relay/testing/load-process.ts'), JSON.stringify(options)],
    { cwd: ROOT },
  );
  return JSON.parse(stdout) as LoadSummary;
}
