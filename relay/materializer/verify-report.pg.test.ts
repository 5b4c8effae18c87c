import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { defineTable, text } from '../../shared/schema/table.ts';
import { type Fixture, withMaterializer } from '../testing/materializer-fixture.ts';
import { insert, TEST_START_MS, update } from '../testing/test-writer.ts';
import { Compactor } from './compactor.ts';
import { Materializer } from './materializer.ts';
import { listQuarantine, retryQuarantine } from './retry-quarantine.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('verify and rebuild the report');
const WORK = 'work/2026-11';
const OLDER = 'work/2026-10';
const JOB = newId(TEST_START_MS);
const OLDER_JOB = newId(Date.UTC(2026, 9, 3));

test('[MAT-5] what is missing, extra or different is found, by table, row and column', async () => {
  await withMaterializer(async (fixture) => {
    await fill(fixture);
    assert.equal((await verify(fixture, false)).differences, []);
    await fixture.database.pool.query(`
      delete from report.jobs where id = '${JOB}';
      update report.people set name = 'other', credit = 9 where id = 'p1';
      insert into report.lines (workspace, id, job_id) values ('taller', 'l9', '${OLDER_JOB}')`);

    const { differences } = await verify(fixture, false);

    assert.equal(
      differences.map(({ document, table, id, kind, columns }) => [document, table, id, kind, [...columns]]),
      [
        ['people', 'people', 'p1', 'different', ['name', 'credit']],
        [OLDER, 'lines', 'l9', 'extra', []],
        [WORK, 'jobs', JOB, 'missing', []],
      ],
    );
    assert.equal((await verify(fixture, false)).differences.length, 3);
  });
});

test('[MAT-5] rebuilt from snapshots and log, the report is what it was, conflicts and violations included', async () => {
  await withMaterializer(async (fixture) => {
    await fill(fixture);
    const compactor = new Compactor({
      pool: fixture.database.pool,
      objects: fixture.objects,
      schema: fixture.schema,
      limits: { graceMs: 0 },
    });
    await compactor.runOnce({ all: true });
    await fixture.ana.commit('later', { [WORK]: update('jobs', JOB, 'title', 'after the snapshot') });
    await fixture.materializer.runUntilLevel();
    const before = await dump(fixture);
    assert.is(before.conflict?.length, 1);
    assert.is(before.violation?.length, 1);
    await fixture.database.pool.query(
      'truncate report.jobs, report.people, report.lines, report.moves, report.conflict, report.violation',
    );

    await verify(fixture, true);

    assert.equal(await dump(fixture), before);
    assert.equal((await verify(fixture, false)).differences, []);
  });
});

test('[MAT-5] the report is rebuilt beside consumers that go on', async () => {
  await withMaterializer(async (fixture) => {
    await fill(fixture);
    fixture.materializer.start();
    const writing = (async () => {
      for (let index = 0; index < 40; index++) {
        await fixture.ana.commit('x', { [WORK]: update('jobs', JOB, 'title', `t${index}`) });
        fixture.materializer.wake();
      }
    })();
    for (let round = 0; round < 3; round++) await verify(fixture, true);
    await writing;
    await fixture.materializer.close();
    await (await fixture.open()).runUntilLevel();

    assert.equal(await fixture.rows(`select title from report.jobs where id = '${JOB}'`), [{ title: 't39' }]);
    assert.equal((await verify(fixture, false)).differences, []);
  });
});

test('[MAT-3] an update that waited in vain comes in by a command once it can', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, materializer, database, log, rows } = fixture;
    await ana.commit('one', { [WORK]: insert('jobs', JOB, { title: 'one' }) });
    const second = ana.make('two', { [WORK]: update('jobs', JOB, 'title', 'two') });
    await ana.commit('three', { [WORK]: update('jobs', JOB, 'title', 'three') });
    await materializer.runUntilLevel();
    const clock = { nowMs: Date.now() + 25 * 3_600_000 };
    const compactor = new Compactor({
      pool: database.pool,
      objects: fixture.objects,
      schema: fixture.schema,
      nowMs: () => clock.nowMs,
    });
    await compactor.runOnce({ all: true });
    const [entry] = await listQuarantine(database.pool, 'taller');
    assert.equal([entry?.reason, entry?.state, entry?.document], ['gap', 'open', WORK]);

    await ana.send(second);
    await materializer.runUntilLevel();
    assert.equal(await rows('select title from report.jobs'), [{ title: 'two' }]);
    assert.equal(await retryQuarantine(database.pool, log), { retried: 1, ofPassedEpochs: 0 });
    await materializer.runUntilLevel();

    assert.equal(await rows('select title from report.jobs'), [{ title: 'three' }]);
    assert.equal(await listQuarantine(database.pool), []);
  });
});

test('[REG-6] cells that an older build kept for later are shown once the report knows their column', async () => {
  await withMaterializer(async (fixture) => {
    const { ana, database, materializer, application, rows } = fixture;
    await ana.commit('newer', { people: insert('people', 'p1', { name: 'a', nickname: 'Tita' }) });
    await materializer.runUntilLevel();
    const [people, ...others] = application.schema.tables;
    const { created_at, created_by, created_device, ...columns } = people!.columns;
    const newer = defineTable('people', { family: 'people', comment: 'x' }, { ...columns, nickname: text() });
    const next = new Materializer({
      pool: database.pool,
      objects: fixture.objects,
      application: {
        ...application,
        schema: { ...application.schema, version: 2, tables: [newer, ...others] },
      },
    });

    assert.is(await next.prepare(), 'changed');

    assert.equal(await rows('select name, nickname from report.people'), [{ name: 'a', nickname: 'Tita' }]);
    await next.close();
  });
});

test.run();

async function fill({ ana, luis, materializer }: Fixture): Promise<void> {
  await ana.commit('x', { people: insert('people', 'p1', { name: 'Ana', credit: 5, code: 'A' }) });
  await ana.commit('x', { people: insert('people', 'p2', { name: 'Eva', code: 'A' }) });
  const made = await ana.commit('x', { [WORK]: insert('jobs', JOB, { title: 'one', person_id: 'p1' }) });
  await ana.commit('x', { [OLDER]: insert('jobs', OLDER_JOB, { title: 'older' }) });
  await ana.commit('x', { [OLDER]: insert('lines', 'l1', { job_id: OLDER_JOB, qty: 3 }) });
  luis.hear(made);
  await ana.commit('x', { [WORK]: update('jobs', JOB, 'status', 'done') });
  await luis.commit('x', { [WORK]: update('jobs', JOB, 'status', 'lost') });
  await materializer.runUntilLevel();
}

function verify({ database, objects, application }: Fixture, mend: boolean) {
  return verifyReport({ pool: database.pool, objects, application, mend });
}

/** Every row of the report but for when conflicts were found. */
async function dump({ rows }: Fixture): Promise<Record<string, readonly unknown[]>> {
  const tables: Record<string, readonly unknown[]> = {};
  for (const table of ['jobs', 'people', 'lines', 'moves', 'conflict', 'violation']) {
    const found = await rows<{ row: string }[]>(
      `select (to_jsonb(r) - 'found_at')::text as row from report.${table} r order by 1`,
    );
    tables[table] = found.map(({ row }) => row);
  }
  return tables;
}
