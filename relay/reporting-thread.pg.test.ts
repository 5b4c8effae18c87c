import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../shared/base/ids.ts';
import { readConfig } from './config.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { createLogger } from './observability/log.ts';
import { Metrics } from './observability/metrics.ts';
import { openReportingThread } from './reporting-thread.ts';
import { openTestDatabase } from './testing/postgres.ts';
import { insert, TEST_START_MS, TestWriter } from './testing/test-writer.ts';

const test = suite('reporting in a thread');

test('[MAT-1] a thread writes the report, tells its figures, and ends when told', async () => {
  const database = await openTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'espejo-thread-'));
  const log = new PostgresLog({ pool: database.pool, instance: 'test' });
  const metrics = new Metrics();
  const thread = await openReportingThread({
    config: readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }),
    databaseUrl: database.url,
    instance: 'thread',
    logger: createLogger({ level: 'silent' }),
    metrics,
  });

  const ana = new TestWriter(log, { device: 'AAAAAAAA' });
  await ana.commit('x', { people: insert('customers', newId(TEST_START_MS), { name: 'Marta' }) });
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    const { rows } = await database.pool.query('select name from report.customers');
    const { values } = await metrics.materialized.get();
    if (rows.length === 1 && values[0]?.value === 1) break;
    if (Date.now() > deadlineMs) assert.unreachable('no row and no figure after 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  await thread.close();
  await thread.close();
  await log.close();
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('a thread that cannot start says why', async () => {
  const failure = await openReportingThread({
    config: readConfig({ LOG_LEVEL: 'silent' }),
    databaseUrl: 'postgres://nobody:wrong@127.0.0.1:1/none',
    instance: 'thread',
    logger: createLogger({ level: 'silent' }),
    metrics: new Metrics(),
  }).catch((error) => error);

  assert.instance(failure, Error);
});

test.run();
