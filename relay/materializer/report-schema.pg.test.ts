import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Application } from '../../shared/schema/application.ts';
import { tallerApplication } from '../../shared/taller/application.ts';
import { openTestDatabase } from '../testing/postgres.ts';
import { testApplication } from '../testing/test-application.ts';
import { applyReportSchema } from './report-schema.ts';

const test = suite('schema of the report');

test('[MAT-9] the definition is applied once, whoever starts at the same time', async () => {
  await withDatabase(async ({ pool }) => {
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => applyReportSchema(pool, testApplication)));

    assert.equal([...outcomes].sort(), ['first', 'same', 'same', 'same']);
  });
});

test('[MAT-9] a view that changes keeps what people built upon it, while its columns allow it', async () => {
  await withDatabase(async ({ pool }) => {
    await applyReportSchema(pool, testApplication);
    await pool.query('create view report.my_own as select count(*) as n from report.open_jobs');

    const outcome = await applyReportSchema(
      pool,
      withView(`select workspace, id, title from report.jobs where status in ('open', 'waiting')`),
    );

    assert.is(outcome, 'same');
    assert.equal((await pool.query('select n from report.my_own')).rows, [{ n: '0' }]);
  });
});

test('[MAT-9] a view that lost a column is made anew', async () => {
  await withDatabase(async ({ pool }) => {
    await applyReportSchema(pool, testApplication);

    await applyReportSchema(pool, withView('select workspace, id from report.jobs'));

    const { rows } = await pool.query(
      `select column_name from information_schema.columns where table_schema = 'report' and table_name = 'open_jobs'`,
    );
    assert.equal(rows.map(({ column_name }) => column_name).sort(), ['id', 'workspace']);
  });
});

test('every table, view and column says what it holds', async () => {
  await withDatabase(async ({ pool }) => {
    await applyReportSchema(pool, tallerApplication);

    const { rows } = await pool.query<{ name: string }>(`
      select n.nspname || '.' || c.relname || coalesce('.' || a.attname, '') as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('report', 'espejo')
        left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and c.relkind = 'r'
       where c.relkind in ('r', 'v')
         and (coalesce(obj_description(c.oid, 'pg_class'), '') = ''
              or (a.attnum is not null and coalesce(col_description(c.oid, a.attnum), '') = ''))
       order by 1`);

    assert.equal(
      rows.map(({ name }) => name),
      [],
    );
  });
});

test.run();

function withView(sql: string): Application {
  return { ...testApplication, reportViews: [{ name: 'open_jobs', sql, comment: 'changed' }] };
}

async function withDatabase(
  run: (database: Awaited<ReturnType<typeof openTestDatabase>>) => Promise<void>,
): Promise<void> {
  const database = await openTestDatabase();
  try {
    await run(database);
  } finally {
    await database.close();
  }
}
