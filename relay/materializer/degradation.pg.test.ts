/** The object store gone, and its disk full: logs grow, alarms rise, nothing else changes, and it is all made up for. */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { CountedObjects } from '../objects/counted-objects.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { S3Store } from '../objects/s3-store.ts';
import { Metrics } from '../observability/metrics.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { openTestS3 } from '../testing/s3.ts';
import { insert, TEST_START_MS } from '../testing/test-writer.ts';
import { Compactor } from './compactor.ts';
import { readSnapshot } from './snapshot-file.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('degradation');
const WORK = 'work/2026-11';
let made = 0;

test('[SNAP-5] with S3 away the log grows, two alarms rise, and the report goes on; back again, it is made up for', async () => {
  const s3 = await openTestS3();
  const store = new S3Store({ ...s3.options, attempts: 1, wait: async () => {} });
  s3.faults = () => ({ kind: 'status', status: 503, code: 'ServiceUnavailable' });
  try {
    await withMaterializer((fixture) =>
      survive(fixture, store, () => {
        s3.faults = () => undefined;
      }),
    );
  } finally {
    store.close();
    await s3.close();
  }
});

test('[SNAP-5] with the disk of the object folder full it is the same, and nothing half written is left', async () => {
  await withMaterializer(async (fixture) => {
    // The kernel refuses to let a file grow: what a full disk does, for this process alone.
    const allow = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
    allow('100');
    try {
      await survive(fixture, fixture.objects, () => allow('unlimited'));
    } finally {
      allow('unlimited');
    }
    const keys: string[] = [];
    for await (const { key } of fixture.objects.list('')) keys.push(key);
    assert.is(keys.length, 1);
  });
});

test.run();

/** Writes, reports and compacts while the store takes nothing, then with it whole again. */
async function survive(fixture: Fixture, store: ObjectStore, mend: () => void): Promise<void> {
  const { database, materializer, schema, application, rows } = fixture;
  const metrics = new Metrics();
  const objects = new CountedObjects(store, metrics.objectErrors);
  const compactor = new Compactor({
    pool: database.pool,
    objects,
    schema,
    metrics,
    limits: { graceMs: 0 },
  });
  for (let round = 1; round <= 3; round++) {
    await write(fixture, 20);
    await materializer.runUntilLevel();
    assert.is(await compactor.runOnce({ all: true }), 0);

    assert.equal(await rows('select count(*)::int as n from espejo.log'), [{ n: round * 20 }]);
    assert.equal(await rows('select count(*)::int as n from report.jobs'), [{ n: round * 20 }]);
    assert.equal(await rows('select snapshot_key, trimmed_seq from espejo.document'), [
      { snapshot_key: null, trimmed_seq: 0 },
    ]);
    const text = await metrics.registry.metrics();
    assert.is(figure(text, 'espejo_snapshots_total{outcome="failed"}'), round);
    assert.ok(figure(text, 'espejo_object_store_errors_total{call="put"}') >= round);
  }
  assert.ok(figure(await metrics.registry.metrics(), 'espejo_snapshot_age_seconds') > 0);

  mend();
  assert.is(await compactor.runOnce({ all: true }), 1);
  const [document] = await rows<[{ key: string; sha256: string; trimmed: number }]>(
    'select snapshot_key as key, snapshot_sha256 as sha256, trimmed_seq as trimmed from espejo.document',
  );
  await readSnapshot(objects, document);
  assert.is(document.trimmed, 60);
  const verified = await verifyReport({ pool: database.pool, objects, application, mend: false });
  assert.equal([verified.rows, verified.differences], [60, []]);
}

async function write({ ana }: Fixture, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    made++;
    await ana.commit('job', {
      [WORK]: insert('jobs', newId(TEST_START_MS + made), { title: `job ${made}` }),
    });
  }
}

function figure(metrics: string, name: string): number {
  const line = metrics.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}
