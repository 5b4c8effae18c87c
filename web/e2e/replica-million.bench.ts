/**
 * A million rows in 24 month documents, in a real Chromium with a profile on disk. They are written by the engine, in
 * commits of thousands of rows that a real relay stores, once; then the same profile is opened several times.
 * `npm run bench -- web/e2e/replica-million`
 */
import { assert } from '../../shared/base/assert.ts';
import { report } from '../../shared/testing/bench.ts';
import { BenchStack } from './bench/bench-stack.ts';
import { imageStored, reportMemory, reportOpening, settled } from './bench/reports.ts';

const ROWS = 1_000_000;
const MONTHS = 24;
const ROWS_PER_COMMIT = 12_500;
const MONTHS_PER_ROUND = 3;
const NAME = '1 000 000 rows in 24 months';

const stack = await BenchStack.open({ role: 'relay' });
const tablet = await stack.tablet('ana', 'million');

const startedAtMs = performance.now();
const seconds = (): number => (performance.now() - startedAtMs) / 1000;
for (let monthsAgo = 0; monthsAgo < MONTHS; monthsAgo += MONTHS_PER_ROUND) {
  const rows = (ROWS / MONTHS) * MONTHS_PER_ROUND;
  await tablet.run((bench, filling) => bench.fill(filling), {
    rows,
    months: MONTHS_PER_ROUND,
    monthsAgo,
    rowsPerCommit: ROWS_PER_COMMIT,
  });
  const written = (rows * (monthsAgo + MONTHS_PER_ROUND)) / MONTHS_PER_ROUND;
  console.log(`${written} rows written after ${seconds().toFixed(0)} s`);
}
await settled(tablet);
await imageStored(tablet);
report({ name: `write and store ${NAME}`, value: seconds(), unit: 's', budget: { none: true } });

await reportOpening(tablet, NAME, 2_000, 5);
await reportMemory(tablet, NAME);
const [rows] = await tablet.run((bench) => bench.engine.query('select count(*) as n from visits'));
const [documents] = await tablet.run((bench) => bench.engine.query('select count(*) as n from _document'));
assert(rows?.n === ROWS, `${rows?.n} rows are stored, not ${ROWS}`);
assert(documents?.n === MONTHS, `${documents?.n} documents are stored, not ${MONTHS}`);

await tablet.close();
await stack.close();
process.exit();
