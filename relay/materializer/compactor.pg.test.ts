import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { newId } from '../../shared/base/ids.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { MemoryObjects } from '../testing/memory-objects.ts';
import { all, insert, TEST_START_MS, update } from '../testing/test-writer.ts';
import { Compactor, type CompactorLimits } from './compactor.ts';
import { readSnapshot } from './snapshot-file.ts';

const test = suite('compactor');
const WORK = 'work/2026-11';
const JOB = newId(TEST_START_MS);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('[SNAP-1] a snapshot is the document at its seq, under a key that says so', async () => {
  await withMaterializer(async (fixture) => {
    await writeJobs(fixture, 3);
    await fixture.materializer.runUntilLevel();

    assert.is(await compactorOf(fixture).runOnce({ all: true }), 1);

    const [row] = await fixture.rows<[DocumentRow]>('select * from espejo.document');
    assert.equal([row.snapshot_seq, row.trimmed_seq, Number(row.log_bytes)], [3, 0, 0]);
    assert.match(row.snapshot_key, /^snapshots\/taller\/work\/2026-11\/1\.0000000003-[0-9a-f]{16}$/);
    const doc = new Y.Doc();
    Y.applyUpdate(
      doc,
      await readSnapshot(fixture.objects, { key: row.snapshot_key, sha256: row.snapshot_sha256 }),
    );
    assert.equal(doc.getMap('jobs').toJSON(), fixture.ana.doc(WORK).getMap('jobs').toJSON());
  });
});

test('[SNAP-2] a snapshot never goes beyond the report', async () => {
  await withMaterializer(async (fixture) => {
    await writeJobs(fixture, 2);
    await fixture.materializer.runUntilLevel();
    await writeJobs(fixture, 2);

    await compactorOf(fixture).runOnce({ all: true });

    assert.equal(await fixture.rows('select snapshot_seq, head from espejo.document'), [
      { snapshot_seq: 2, head: 4 },
    ]);
  });
});

test('[SNAP-3] the log behind a snapshot goes after the grace period, and the report goes on from it', async () => {
  await withMaterializer(async (fixture) => {
    await writeJobs(fixture, 3);
    await fixture.materializer.runUntilLevel();
    const clock = { nowMs: Date.now() };
    const compactor = compactorOf(fixture, { graceMs: HOUR_MS }, clock);

    await compactor.runOnce({ all: true });
    assert.equal(await fixture.rows('select count(*)::int as n from espejo.log'), [{ n: 3 }]);
    clock.nowMs += HOUR_MS;
    await compactor.runOnce();
    assert.equal(await fixture.rows('select count(*)::int as n from espejo.log'), [{ n: 0 }]);
    assert.equal(await fixture.rows('select trimmed_seq from espejo.document'), [{ trimmed_seq: 3 }]);

    await fixture.ana.commit('job.change', { [WORK]: update('jobs', JOB, 'title', 'after the trim') });
    await (await fixture.open()).runUntilLevel();
    assert.equal(await fixture.rows(`select title from report.jobs where id = '${JOB}'`), [
      { title: 'after the trim' },
    ]);
    assert.is((await fixture.rows(`select 1 from report.history where action = 'update'`)).length, 3);
  });
});

test('[SNAP-3] a consumer whose memory is older than the trimmed log starts again from the snapshot', async () => {
  await withMaterializer(async (fixture) => {
    await writeJobs(fixture, 2);
    await fixture.materializer.runUntilLevel();
    const other = await fixture.open();
    await writeJobs(fixture, 2);
    await other.runUntilLevel();
    const clock = { nowMs: Date.now() };
    const compactor = compactorOf(fixture, { graceMs: 0 }, clock);
    await compactor.runOnce({ all: true });
    assert.equal(await fixture.rows('select count(*)::int as n from espejo.log'), [{ n: 0 }]);

    await fixture.ana.commit('job.change', { [WORK]: update('jobs', JOB, 'title', 'last') });
    await fixture.materializer.runUntilLevel();

    assert.equal(await fixture.rows(`select title from report.jobs where id = '${JOB}'`), [
      { title: 'last' },
    ]);
  });
});

test('[SNAP-3] the log stays while its snapshot cannot be read', async () => {
  await withMaterializer(async (fixture) => {
    const objects = new MemoryObjects();
    await writeJobs(fixture, 3);
    await fixture.materializer.runUntilLevel();
    const clock = { nowMs: Date.now() };
    const compactor = new Compactor({
      pool: fixture.database.pool,
      objects,
      schema: fixture.schema,
      limits: { graceMs: HOUR_MS },
      nowMs: () => clock.nowMs,
    });
    await compactor.runOnce({ all: true });
    const [key] = objects.keys();
    objects.damage(key!);
    clock.nowMs += 2 * HOUR_MS;

    await compactor.runOnce();

    assert.equal(await fixture.rows('select count(*)::int as n from espejo.log'), [{ n: 3 }]);
    assert.equal(await fixture.rows('select trimmed_seq from espejo.document'), [{ trimmed_seq: 0 }]);
  });
});

for (const fault of ['put-fails', 'put-corrupts', 'get-fails', 'put-lost-answer'] as const) {
  test(`[SNAP-2] ${fault}: no pointer to what is not there, and the next round succeeds`, async () => {
    await withMaterializer(async (fixture) => {
      const objects = new MemoryObjects();
      await writeJobs(fixture, 3);
      await fixture.materializer.runUntilLevel();
      const compactor = new Compactor({ pool: fixture.database.pool, objects, schema: fixture.schema });
      objects.fault = fault;

      await compactor.runOnce({ all: true });
      assert.equal(await fixture.rows('select snapshot_seq, snapshot_key from espejo.document'), [
        { snapshot_seq: 0, snapshot_key: null },
      ]);

      objects.fault = undefined;
      assert.is(await compactor.runOnce({ all: true }), 1);
      const [row] = await fixture.rows<[DocumentRow]>('select * from espejo.document');
      await readSnapshot(objects, { key: row.snapshot_key, sha256: row.snapshot_sha256 });
    });
  });
}

test('[SNAP-2] two compactors at once make one snapshot', async () => {
  await withMaterializer(async (fixture) => {
    await writeJobs(fixture, 3);
    await fixture.materializer.runUntilLevel();
    const compactors = [compactorOf(fixture), compactorOf(fixture), compactorOf(fixture)];

    const made = await Promise.all(compactors.map((compactor) => compactor.runOnce({ all: true })));

    assert.is(
      made.reduce((sum, count) => sum + count),
      1,
    );
    assert.is((await fixture.rows('select * from espejo.snapshot')).length, 1);
  });
});

test('[SNAP-2] a snapshot stops before an update that waits, and after a day goes on without it', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, luis, materializer } = fixture;
    await writeJobs(fixture, 1);
    ana.make('lost', { [WORK]: update('jobs', JOB, 'title', 'lost') });
    await ana.commit('waits', { [WORK]: update('jobs', JOB, 'title', 'waits') });
    await luis.commit('fine', { [WORK]: insert('jobs', newId(TEST_START_MS), { title: 'fine' }) });
    await materializer.runUntilLevel();
    const clock = { nowMs: Date.now() };
    const compactor = compactorOf(fixture, {}, clock);

    await compactor.runOnce({ all: true });
    assert.equal(await fixture.rows('select snapshot_seq from espejo.document'), [{ snapshot_seq: 1 }]);

    clock.nowMs += DAY_MS + HOUR_MS;
    await compactor.runOnce({ all: true });
    assert.equal(await fixture.rows('select snapshot_seq from espejo.document'), [{ snapshot_seq: 3 }]);
    assert.equal(await fixture.rows('select reason, state, seq from espejo.quarantine'), [
      { reason: 'gap', state: 'open', seq: 2 },
    ]);
  });
});

test('[SNAP-1] a document of no family is archived as it was relayed', async () => {
  await withMaterializer(async (fixture) => {
    const { ana } = fixture;
    await ana.commit('x', { 'free/form': (doc) => doc.getText('t').insert(0, 'hello') });
    const compactor = compactorOf(fixture);
    await compactor.runOnce({ all: true });
    await ana.commit('x', { 'free/form': (doc) => doc.getText('t').insert(5, ' world') });
    await compactor.runOnce({ all: true });

    const [row] = await fixture.rows<[DocumentRow]>('select * from espejo.document');
    const doc = new Y.Doc();
    Y.applyUpdate(
      doc,
      await readSnapshot(fixture.objects, { key: row.snapshot_key, sha256: row.snapshot_sha256 }),
    );
    assert.is(doc.getText('t').toString(), 'hello world');
    assert.is(row.snapshot_seq, 2);
  });
});

test('[SNAP-4] expired snapshots go, objects included', async () => {
  await withMaterializer(async (fixture) => {
    const clock = { nowMs: Date.UTC(2026, 10, 1, 12) };
    const compactor = compactorOf(fixture, {}, clock);
    for (let index = 0; index < 3; index++) {
      await writeJobs(fixture, 1);
      await fixture.materializer.runUntilLevel();
      await compactor.runOnce({ all: true });
      clock.nowMs += 60_000;
    }
    assert.is((await keysOf(fixture)).length, 3);

    clock.nowMs += 10 * DAY_MS;
    await compactor.runOnce();

    assert.equal(await fixture.rows('select seq from espejo.snapshot'), [{ seq: 3 }]);
    assert.is((await keysOf(fixture)).length, 1);
  });
});

test.run();

interface DocumentRow {
  readonly snapshot_seq: number;
  readonly trimmed_seq: number;
  readonly snapshot_key: string;
  readonly snapshot_sha256: string;
  readonly log_bytes: string;
}

async function writeJobs({ ana }: Fixture, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await ana.commit('job', { [WORK]: all(insert('jobs', JOB, { title: `${index}`, created_at: 1 })) });
  }
}

function compactorOf(
  fixture: Fixture,
  limits: Partial<CompactorLimits> = {},
  clock?: { readonly nowMs: number },
): Compactor {
  return new Compactor({
    pool: fixture.database.pool,
    objects: fixture.objects,
    schema: fixture.schema,
    limits,
    ...(clock === undefined ? {} : { nowMs: () => clock.nowMs }),
  });
}

async function keysOf({ objects }: Fixture): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list('snapshots/')) keys.push(key);
  return keys;
}
