import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../shared/base/ids.ts';
import { documentOf } from '../shared/documents/route.ts';
import type { ApplicationWrite } from '../shared/schema/application.ts';
import { tallerApplication } from '../shared/taller/application.ts';
import { insert } from '../shared/taller/flows/statement.ts';
import { ApplicationRows } from './application-rows.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Materializer } from './materializer/materializer.ts';
import { NumberGiver } from './number-giver.ts';
import { FolderStore } from './objects/folder-store.ts';
import { createLogger } from './observability/log.ts';
import { Metrics } from './observability/metrics.ts';
import { ReportAlarms } from './report-alarms.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';

const AT_MS = Date.UTC(2026, 10, 22, 9);
const { schema } = tallerApplication;
const logger = createLogger({ level: 'silent' });

let folder: string;
let database: TestDatabase;
let log: PostgresLog;
let rows: ApplicationRows;
let materializer: Materializer;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espejo-test-numbers-'));
  database = await openTestDatabase();
  const { pool } = database;
  const objects = await FolderStore.open(folder);
  log = new PostgresLog({ pool, instance: 'test' });
  rows = new ApplicationRows({
    pool,
    log,
    objects,
    application: tallerApplication,
    logger,
    nowMs: () => AT_MS,
  });
  materializer = new Materializer({ pool, objects, application: tallerApplication });
  await materializer.prepare();
});
test.after(async () => {
  await materializer.close();
  await rows.close();
  await log.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test('[NUM-1] orders of a series of the server are numbered in the order they were opened, over months', async () => {
  await series('one', { next_hint: 41 });
  const ids = [newId(Date.UTC(2026, 9, 30)), newId(AT_MS), newId(AT_MS + 1)];
  for (const [index, id] of [...ids.entries()].reverse()) await order('one', id, AT_MS + index);
  await order('one', newId(AT_MS), AT_MS, { series_id: 'own', number: 'OR26-T1-000001' });

  assert.is(await giver().runOnce(), 3);
  await materializer.runUntilLevel();

  assert.equal(await numbersOf('one'), ['OR26-000041', 'OR26-000042', 'OR26-000043', 'OR26-T1-000001']);
  assert.equal(
    (await database.pool.query(`select number::int, document_id from report.number_uses order by number`))
      .rows,
    ids.map((id, index) => ({ number: 41 + index, document_id: id })),
  );
  assert.is(await giver().runOnce(), 0, 'nobody waits');
});

test('[NUM-1] several givers at once, and a report that lags: no number twice, none left out', async () => {
  await series('many', {});
  for (let index = 0; index < 6; index++) await order('many', newId(AT_MS + index), AT_MS + index);

  await Promise.all([giver().runOnce(), giver().runOnce(), giver().runOnce()]);
  await giver().runOnce(); // the report has not heard of it yet
  await materializer.runUntilLevel();

  const expected = Array.from({ length: 6 }, (_, index) => `OR26-00000${index + 1}`);
  assert.equal(await numbersOf('many'), expected);
  const { rows: uses } = await database.pool.query(
    `select number::int from report.number_uses where workspace = 'many' order by 1`,
  );
  assert.equal(
    uses.map(({ number }) => number),
    [1, 2, 3, 4, 5, 6],
  );
  assert.is((await database.pool.query('select from espejo.quarantine')).rowCount, 0);
});

test('[NUM-1] a write that fails leaves the number to its row', async () => {
  await series('late', {});
  await order('late', newId(AT_MS), AT_MS);
  const unlucky = new NumberGiver({
    pool: database.pool,
    application: tallerApplication,
    rows: {
      write: async () => {
        throw new Error('no luck');
      },
    },
    logger,
  });
  assert.instance(await unlucky.runOnce().catch((error) => error), Error);
  await order('late', newId(AT_MS + 1), AT_MS - 1);

  await giver().runOnce();
  await materializer.runUntilLevel();

  assert.equal(await numbersOf('late'), ['OR26-000001', 'OR26-000002']);
});

test('[NUM-1] a range that is used up gives no more, and the orders wait', async () => {
  await series('range', { range_from: 5, range_to: 6 });
  for (let index = 0; index < 3; index++) await order('range', newId(AT_MS + index), AT_MS + index);

  await giver().runOnce();
  await materializer.runUntilLevel();

  assert.equal(await numbersOf('range'), ['', 'OR26-000005', 'OR26-000006']);
});

test('[NUM-2] stock below zero and a number given twice are counted as alarms', async () => {
  const metrics = new Metrics();
  const alarms = new ReportAlarms({
    pool: database.pool,
    application: tallerApplication,
    metrics,
    logger,
  });
  await alarms.runOnce();
  assert.match(await metrics.text(), 'espejo_report_alarms{view="stock_alerts"} 0');

  const [item, movement] = [newId(AT_MS), newId(AT_MS)];
  await rows.write('alarm', [
    {
      label: 'test',
      documents: ['catalog'],
      statements: [insert('items', item, { sku: 'A', name_es: 'a', tracked: 1 })],
    },
    {
      label: 'test',
      documents: [documentOf(schema, 'stock_movements', { id: movement })],
      statements: [
        insert('stock_movements', movement, { at: AT_MS, item_id: item, qty_milli: -1000, kind: 'wo_issue' }),
      ],
    },
  ]);
  await materializer.runUntilLevel();
  await alarms.runOnce();

  assert.match(await metrics.text(), 'espejo_report_alarms{view="stock_alerts"} 1');
  assert.match(await metrics.text(), 'espejo_report_alarms{view="duplicate_numbers"} 0');
});

function giver(): NumberGiver {
  return new NumberGiver({ pool: database.pool, application: tallerApplication, rows, logger });
}

async function series(workspace: string, cells: Readonly<Record<string, number>>): Promise<void> {
  const statement = insert('document_series', `${workspace}-all`, {
    doc_type: 'work_order',
    prefix: 'OR',
    year: 2026,
    mode: 'server',
    ...cells,
  });
  await write(workspace, { label: 'test', documents: ['admin'], statements: [statement] });
}

async function order(
  workspace: string,
  id: string,
  openedAtMs: number,
  cells: Readonly<Record<string, string>> = {},
): Promise<void> {
  const statement = insert('work_orders', id, {
    number: '',
    series_id: `${workspace}-all`,
    opened_at: openedAtMs,
    status_key: 'received',
    ...cells,
  });
  const documents = [documentOf(schema, 'work_orders', { id })];
  await write(workspace, { label: 'test', documents, statements: [statement] });
}

async function write(workspace: string, one: ApplicationWrite): Promise<void> {
  await rows.write(workspace, [one]);
  await materializer.runUntilLevel();
}

async function numbersOf(workspace: string): Promise<string[]> {
  const { rows: found } = await database.pool.query<{ number: string }>(
    'select number from report.work_orders where workspace = $1 order by number',
    [workspace],
  );
  return found.map(({ number }) => number);
}

test.run();
