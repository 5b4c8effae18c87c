import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { until } from '../../shared/testing/until.ts';
import { withMaterializer } from '../testing/materializer-fixture.ts';
import { all, insert, remove, restore, TEST_START_MS, update } from '../testing/test-writer.ts';
import { verifyReport } from './verify-report.ts';

const test = suite('twin rows');
const WORK = 'work/2026-11';
const JOB = newId(TEST_START_MS);

test("[MAT-8] when the shown copy goes the other month's is there at once, as it is by then, with history", async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows, database, objects, application }) => {
    const line = (job: string, qty: number) => insert('lines', 'l1', { job_id: job, qty });
    const october = newId(Date.UTC(2026, 9, 5));
    await luis.commit('later', { [WORK]: line(JOB, 11) });
    await materializer.runUntilLevel();
    await ana.commit('earlier', { 'work/2026-10': line(october, 10) });
    await materializer.runUntilLevel();
    await luis.commit('later', { [WORK]: update('lines', 'l1', 'qty', 12) });
    await materializer.runUntilLevel();
    assert.equal(await rows('select qty, job_id from report.lines'), [{ qty: '10', job_id: october }]);

    await ana.commit('undo', { 'work/2026-10': remove('lines', 'l1') });
    await materializer.runUntilLevel();

    assert.equal(await rows('select qty, job_id from report.lines'), [{ qty: '12', job_id: JOB }]);
    assert.equal(await rows('select * from espejo.report_shadow'), []);
    assert.equal(
      await rows(
        `select label, action, column_name, case when action = 'update' then new_value end as new_value
           from report.history where column_name in ('', 'job_id', 'qty') order by id`,
      ),
      [
        { label: 'later', action: 'insert', column_name: '', new_value: null },
        { label: 'earlier', action: 'update', column_name: 'job_id', new_value: october },
        { label: 'earlier', action: 'update', column_name: 'qty', new_value: 10 },
        { label: 'undo', action: 'update', column_name: 'job_id', new_value: JOB },
        { label: 'undo', action: 'update', column_name: 'qty', new_value: 12 },
      ],
    );
    await ana.commit('again', { 'work/2026-10': all(line(october, 9), restore('lines', 'l1')) });
    await luis.commit('gone', { [WORK]: remove('lines', 'l1') });
    await materializer.runUntilLevel();
    await ana.commit('undo', { 'work/2026-10': remove('lines', 'l1') });
    await materializer.runUntilLevel();
    assert.equal(await rows('select qty from report.lines'), [], 'a shadow goes with its document');
    assert.equal(
      (await verifyReport({ pool: database.pool, objects, application, mend: false })).differences,
      [],
    );
  });
});

test('[MAT-8] twins settled by consumers at once end as one after the other would leave them', async () => {
  const random = new Prng(Number(process.env.SEED ?? Date.now() % 1_000_000));
  await withMaterializer(
    async ({ ana, luis, rows, open, database, objects, application }) => {
      const consumers = await Promise.all([open(), open(), open()]);
      for (const consumer of consumers) consumer.start();
      const months = ['10', '11'].map((month) => ({
        document: `work/2026-${month}`,
        job: newId(Date.UTC(2026, Number(month) - 1, 5)),
        writer: month === '10' ? ana : luis,
      }));
      for (let index = 0; index < 50; index++) {
        const { document, job, writer } = random.pick(months);
        const id = `l${random.int(3)}`;
        const write = random.chance(2)
          ? all(insert('lines', id, { job_id: job, qty: index }), restore('lines', id))
          : remove('lines', id);
        await writer.commit('twin', { [document]: write });
        for (const consumer of consumers) consumer.wake();
      }
      await until(
        async () =>
          (
            await rows(
              'select 1 from espejo.report_cursor c join espejo.document d on d.id = c.document where c.seq < d.head',
            )
          ).length === 0,
      );
      await Promise.all(consumers.map((consumer) => consumer.close()));

      const shown = await rows('select id, job_id, qty from report.lines order by id');
      const { differences } = await verifyReport({ pool: database.pool, objects, application, mend: false });
      assert.equal(differences, [], `seed ${random.seed}`);
      await database.pool.query('delete from report.lines');
      await verifyReport({ pool: database.pool, objects, application, mend: true });
      assert.equal(
        await rows('select id, job_id, qty from report.lines order by id'),
        shown,
        `seed ${random.seed}`,
      );
      assert.equal(await rows('select * from espejo.quarantine'), []);
    },
    { entries: 2 },
  );
});

test.run();
