/**
 * From an append to the row in the report, at 1 000 commits a second over 20 documents: every tenth commit ties two of
 * them. Log, materializer and generator share the machine, and the whole is durable: synchronous_commit is on.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../shared/base/ids.ts';
import { bucketOfMs } from '../../shared/documents/bucket.ts';
import { percentile, report } from '../../shared/testing/bench.ts';
import { PostgresLog } from '../log/postgres-log.ts';
import { FolderStore } from '../objects/folder-store.ts';
import { openTestDatabase } from '../testing/postgres.ts';
import { testApplication } from '../testing/test-application.ts';
import { all, insert, type TestCommit, TestWriter, update } from '../testing/test-writer.ts';
import { Materializer } from './materializer.ts';

const COMMITS_PER_SECOND = 1_000;
const SECONDS = 10;
const MONTHS = 20;
/** One append of the flusher; more commits wait for the next. */
const TICK_MS = 10;

const database = await openTestDatabase();
const folder = await mkdtemp(join(tmpdir(), 'espejo-bench-'));
const log = new PostgresLog({ pool: database.pool, instance: 'bench' });
const materializer = new Materializer({
  pool: database.pool,
  objects: await FolderStore.open(folder),
  application: testApplication,
});
await materializer.prepare();

/** When the row of (document, seq) was durable, until it is seen in the report. */
const pending = new Map<number, Map<number, number>>();
const latencies: number[] = [];
const listener = await database.pool.connect();
await listener.query('listen espejo_reported');
listener.on('notification', async () => {
  const atMs = performance.now();
  const { rows } = await database.pool.query<{ document: number; seq: number }>(
    'select document, seq from espejo.report_cursor',
  );
  for (const { document, seq } of rows) {
    const waiting = pending.get(document);
    if (!waiting) continue;
    for (const [at, sinceMs] of waiting) {
      if (at > seq) break;
      latencies.push(atMs - sinceMs);
      waiting.delete(at);
    }
  }
});

const writers = Array.from({ length: MONTHS }, (_, index) => ({
  writer: new TestWriter(log, { device: `DEVICE${String(index).padStart(2, '0')}` }),
  monthMs: Date.UTC(2024, index, 3),
  work: `work/${bucketOfMs(Date.UTC(2024, index, 3))}`,
  stock: `stock/${bucketOfMs(Date.UTC(2024, index, 3))}`,
}));
materializer.start();

const startedAtMs = performance.now();
let sent = 0;
while (sent < COMMITS_PER_SECOND * SECONDS) {
  const due = Math.min(
    COMMITS_PER_SECOND * SECONDS,
    Math.floor(((performance.now() - startedAtMs) / 1000) * COMMITS_PER_SECOND),
  );
  const requests = [];
  for (; sent < due; sent++) requests.push(requestOf(sent));
  if (requests.length > 0) {
    const outcomes = await log.append(requests);
    const nowMs = performance.now();
    for (const { parts } of outcomes) {
      for (const { documentId, seq } of parts) {
        const waiting = pending.get(documentId) ?? new Map<number, number>();
        pending.set(documentId, waiting.set(seq, nowMs));
      }
    }
    materializer.wake();
  }
  await sleep(TICK_MS);
}
const sentInMs = performance.now() - startedAtMs;
// A notification is read with a query of its own, so the last figures come after the last notification.
while ([...pending.values()].some(({ size }) => size > 0)) await sleep(TICK_MS);

const { rows } = await database.pool.query<{ jobs: number }>('select count(*)::int as jobs from report.jobs');
if (rows[0]?.jobs !== sent) throw new Error(`${rows[0]?.jobs} rows of ${sent} commits are in the report`);

const note = `${sent} commits in ${(sentInMs / 1000).toFixed(1)} s over ${MONTHS} documents`;
const isWithin = [
  report({
    name: 'append → row in report, p50',
    value: percentile(latencies, 50),
    unit: 'ms',
    budget: { none: true },
    note,
  }),
  report({
    name: 'append → row in report, p99',
    value: percentile(latencies, 99),
    unit: 'ms',
    budget: { atMost: 500 },
    note,
  }),
];
listener.release();
await materializer.close();
await log.close();
await database.close();
await rm(folder, { recursive: true, force: true });
process.exitCode = isWithin.every(Boolean) ? 0 : 1;

function requestOf(index: number) {
  const { writer, monthMs, work, stock } = writers[index % MONTHS]!;
  const id = newId(monthMs);
  const commit: TestCommit = writer.make('job.create', {
    [work]: all(
      insert('jobs', id, { title: `job ${index}`, status: 'open' }),
      update('jobs', id, 'status', 'done'),
    ),
    ...(index % 10 === 0 ? { [stock]: insert('moves', newId(monthMs), { item: 'oil', qty: -index }) } : {}),
  });
  return {
    workspace: 'taller',
    user: 'ana',
    device: writer.device,
    commit: {
      id: commit.id,
      device: writer.device as never,
      hlc: commit.hlc,
      schema: 1,
      label: commit.label,
    },
    parts: commit.parts,
  };
}
