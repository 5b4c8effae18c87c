/**
 * The replica in a real Chromium: real IndexedDB on disk, real worker, real relay and Postgres. Every figure is
 * measured on the page, so messages between page and worker are in it. `npm run bench -- web/e2e/replica`
 */
import { assert } from '../../shared/base/assert.ts';
import { percentile, report } from '../../shared/testing/bench.ts';
import { BenchStack } from './bench/bench-stack.ts';
import { imageStored, reportMemory, reportOpening, settled, times } from './bench/reports.ts';

const WORKSPACE = 'bench';

const stack = await BenchStack.open();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const ana = await stack.tablet('ana', WORKSPACE);

await ana.run((bench) => bench.bulkInsert(1_000)); // warm
{
  const bulk: number[] = [];
  for (let run = 0; run < 5; run++) bulk.push(await ana.run((bench) => bench.bulkInsert(10_000)));
  const medianMs = percentile(bulk, 50);
  report({
    name: 'bulk insert of 10 000 rows in one transaction, durable',
    value: medianMs,
    unit: 'ms',
    budget: { atMost: 400 },
    note: `median of ${bulk.length}`,
  });
  report({
    name: 'captured bulk insert, durable',
    value: 10_000 / (medianMs / 1000),
    unit: 'rows/s',
    budget: { atLeast: 50_000 },
  });
}
await settled(ana);
await ana.run((bench) => bench.fill({ rows: 20_000 - 1_000, months: 1, rowsPerCommit: 9_500 }));
await settled(ana);

const luis = await stack.tablet('luis', 'small');
await luis.run((bench) => bench.fill({ rows: 20_000, months: 1, rowsPerCommit: 10_000 }));
await settled(luis);
await imageStored(luis);
await reportOpening(luis, '20 000 rows stored', 150, 9);
await luis.close();

await ana.run((bench) => bench.fill({ rows: 30_000, months: 3, rowsPerCommit: 10_000 }));
await settled(ana);
await imageStored(ana);
{
  await reportOpening(ana, '100 000 rows stored', 200, 9);
  const [{ n: stored } = { n: 0 }] = await ana.run((bench) =>
    bench.engine.query('select count(*) as n from visits'),
  );
  assert(stored === 100_000, `${stored} rows are stored, not 100 000`);
  await reportMemory(ana, '100 000 rows', 120);
  const handedOver: number[] = [];
  for (let run = 0; run < 5; run++) handedOver.push(await ana.handOver());
  report({
    name: 'hand-over after the leading tab was closed, 100 000 rows',
    value: percentile(handedOver, 50),
    unit: 'ms',
    budget: { atMost: 1_000 },
    note: times(handedOver),
  });
  await ana.restart();
}
await settled(ana);
{
  await ana.run((bench) => bench.singleWrites(50)); // hydrates the documents, warms the code
  await settled(ana);
  const written = await ana.run((bench) => bench.singleWrites(1_000));
  const [p50, p99] = [percentile(written, 50), percentile(written, 99)];
  report({
    name: 'single write, SQL to durable, p50',
    value: p50,
    unit: 'ms',
    budget: { atMost: 2.5 },
    note: times(written),
  });
  report({ name: 'single write, SQL to durable, p99', value: p99, unit: 'ms', budget: { atMost: 12 } });
}
await settled(ana);
await imageStored(ana);
{
  await ana.run((bench) => bench.liveWrites(30, 50)); // warm
  const shown = await ana.run((bench) => bench.liveWrites(500, 50));
  const [p50, p99] = [percentile(shown, 50), percentile(shown, 99)];
  report({
    name: 'write to updated 20-row live query, 50 open, p50',
    value: p50,
    unit: 'ms',
    budget: { atMost: 4 },
    note: times(shown),
  });
  report({
    name: 'write to updated 20-row live query, 50 open, p99',
    value: p99,
    unit: 'ms',
    budget: { atMost: 12 },
  });
}
await settled(ana);

const eva = await stack.tablet('eva', WORKSPACE);
await eva.run((bench) => bench.level());
await imageStored(eva);
{
  const row = await ana.run((bench) => bench.stampRow());
  const count = 300;
  const reading = eva.run((bench, { row, count }) => bench.readStamps(row, count), { row, count });
  await pause(500);
  // The first ones load the document on the other side.
  await ana.run((bench, { row, count }) => bench.writeStamps(row, count + 50), { row, count });
  const seen = (await reading).slice(20);
  const [p50, p99] = [percentile(seen, 50), percentile(seen, 99)];
  report({
    name: 'write on one device to shown on another, p50',
    value: p50,
    unit: 'ms',
    budget: { atMost: 15 },
    note: times(seen),
  });
  report({
    name: 'write on one device to shown on another, p99',
    value: p99,
    unit: 'ms',
    budget: { atMost: 50 },
  });
}
await settled(ana);
{
  await eva.line.cut();
  await ana.run((bench) =>
    bench.engine.execute(
      'update visits set odometer = 777 where id in (select id from visits order by id desc limit 10000)',
    ),
  );
  await settled(ana);
  await eva.line.mend();
  const [tookMs, taskMs] = await eva.run(async (bench) => {
    const tasks = bench.longestTask();
    const startedAtMs = performance.now();
    const merged = bench.until(
      'select 1 from (select count(*) as n from visits where odometer = 777) where n >= 10000',
    );
    await bench.engine.retry();
    await merged;
    return [performance.now() - startedAtMs, tasks.stop()];
  });
  report({
    name: 'merge 10 000 remote row changes, from connecting on',
    value: tookMs,
    unit: 'ms',
    budget: { atMost: 400 },
  });
  report({ name: 'longest task on the page meanwhile', value: taskMs, unit: 'ms', budget: { atMost: 16 } });
}
{
  await eva.line.cut();
  const edits = 1_000;
  await ana.run((bench, count) => bench.singleWrites(count), edits);
  await settled(ana);
  const { rows } = await stack.database.pool.query(
    `select sum(length(update))::int as bytes from (select update from espejo.log order by position desc limit $1) last`,
    [edits],
  );
  await eva.line.mend();
  const before = eva.line.receivedBytes;
  const tookMs = await eva.run(async (bench) => {
    const startedAtMs = performance.now();
    await bench.engine.retry();
    await bench.level();
    return performance.now() - startedAtMs;
  });
  report({
    name: 'reconnect having missed 1 000 edits: bytes received per byte of edits',
    value: (eva.line.receivedBytes - before) / rows[0].bytes,
    unit: 'times',
    budget: { atMost: 1.3 },
    note: `${eva.line.receivedBytes - before} bytes for ${rows[0].bytes}`,
  });
  report({
    name: 'reconnect having missed 1 000 edits: level',
    value: tookMs,
    unit: 'ms',
    budget: { atMost: 100 },
  });
}
{
  await eva.line.cut();
  await eva.run((bench) => bench.singleWrites(100));
  await eva.line.mend();
  const tookMs = await eva.run(async (bench) => {
    const startedAtMs = performance.now();
    await bench.engine.retry();
    await bench.stored();
    return performance.now() - startedAtMs;
  });
  report({
    name: 'send 100 offline commits until stored',
    value: tookMs,
    unit: 'ms',
    budget: { atMost: 300 },
  });
}
await eva.close();
await ana.close();

await stack.close();
process.exit();
