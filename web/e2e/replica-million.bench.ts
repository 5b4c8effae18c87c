/**
 * A million rows in 24 month documents, in a real Chromium with a profile on disk. They are written by the engine, in
 * commits of thousands of rows that a real relay stores, once; then the same profile is opened several times.
 * `npm run bench -- web/e2e/replica-million`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestDatabase } from '../../relay/testing/postgres.ts';
import { assert } from '../../shared/base/assert.ts';
import { tallerRoles } from '../../shared/taller/roles.ts';
import { report } from '../../shared/testing/bench.ts';
import { createAccount, signIn } from './accounts.ts';
import { serveBenchPage } from './bench/bench-server.ts';
import { imageStored, reportMemory, reportOpening, settled } from './bench/reports.ts';
import { Tablet } from './bench/tablet.ts';
import { RelayProcess } from './relay-process.ts';

const ROWS = 1_000_000;
const MONTHS = 24;
const ROWS_PER_COMMIT = 12_500;
const MONTHS_PER_ROUND = 3;
const NAME = '1 000 000 rows in 24 months';

const page = await serveBenchPage();
const dataDir = await mkdtemp(join(tmpdir(), 'espejo-bench-'));
const database = await openTestDatabase();
const relay = await RelayProcess.start({
  databaseUrl: database.url,
  dataDir,
  // The report is not what is measured, and would take half of the machine.
  role: 'relay',
  env: { ALLOWED_ORIGINS: page.origin, LOG_LEVEL: 'error' },
});
await createAccount(database.pool, { workspace: 'million', name: 'ana', role: 'admin' });
const { token, expiresAtMs } = await signIn(relay.url, 'million', 'ana');
const tablet = await Tablet.open(page.origin, relay.port);
await tablet.signIn({ workspace: 'million', user: 'ana', token, expiresAtMs, grants: tallerRoles.admin });

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
await relay.kill();
await database.close();
await page.close();
await rm(dataDir, { recursive: true });
process.exit();
