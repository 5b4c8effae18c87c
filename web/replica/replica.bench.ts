/** The replica in Node, with a file store on disk: SQL in, durable out. `npm run bench -- web/replica/replica` */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../shared/base/assert.ts';
import { percentile, report } from '../../shared/testing/bench.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { BUSY_CUSTOMER, insertVisits, NEWEST_OF_CUSTOMER, visitSchema } from '../e2e/bench/visits.ts';
import { openHeadless } from './headless.ts';

const BULK_ROWS = 100_000;
const STORED_ROWS = 20_000;
const SINGLE_WRITES = 1_000;
const OPENINGS = 15;

const folder = await mkdtemp(join(tmpdir(), 'espejo-bench-replica-'));
const random = new Prng(1);
const open = (name: string) =>
  openHeadless({ schema: visitSchema, user: 'ana', directory: join(folder, name) });

{
  const replica = await open('bulk');
  await replica.transaction(insertVisits(random, 2_000, 0)); // compiled once
  const statements = insertVisits(random, BULK_ROWS, 0);
  const startedAtMs = performance.now();
  await replica.transaction(statements, { label: 'bulk' });
  const tookMs = performance.now() - startedAtMs;
  assert(replica.query('select count(*) as n from visits')[0]?.n === BULK_ROWS + 2_000, 'rows are missing');
  report({
    name: `captured bulk insert of ${BULK_ROWS} rows in one transaction, durable`,
    value: BULK_ROWS / (tookMs / 1000),
    unit: 'rows/s',
    budget: { atLeast: 50_000 },
  });
  await replica.close();
}
{
  const replica = await open('stored');
  await replica.transaction(insertVisits(random, STORED_ROWS, 0));
  const ids = replica.query('select id from visits limit ?', [SINGLE_WRITES]).map(({ id }) => id ?? null);
  const times: number[] = [];
  for (const id of ids) {
    const startedAtMs = performance.now();
    await replica.execute('update visits set odometer = ? where id = ?', [random.int(300_000), id]);
    times.push(performance.now() - startedAtMs);
  }
  report({
    name: 'single captured write, SQL to durable, p50',
    value: percentile(times, 50),
    unit: 'ms',
    budget: { atMost: 5 },
    note: `p99 ${percentile(times, 99).toFixed(2)}, ${times.length} writes`,
  });
  await replica.checkpoint();
  await replica.close();

  const opened: number[] = [];
  for (let run = 0; run < OPENINGS; run++) {
    const openingAtMs = performance.now();
    const again = await open('stored');
    const rows = again.query(NEWEST_OF_CUSTOMER, [BUSY_CUSTOMER]);
    opened.push(performance.now() - openingAtMs);
    assert(rows.length === 20, 'the first query did not find 20 rows');
    assert(again.core.documents.openNames().length === 0, 'a document was hydrated to answer a query');
    await again.close();
  }
  report({
    name: `open from image with ${STORED_ROWS} rows to the first result`,
    value: percentile(opened, 50),
    unit: 'ms',
    budget: { atMost: 150 },
    note: `median of ${OPENINGS}, p95 ${percentile(opened, 95).toFixed(1)}`,
  });
}
await rm(folder, { recursive: true });
process.exit();
