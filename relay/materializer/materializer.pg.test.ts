import pg from 'pg';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { signLabel } from '../../shared/protocol/signed-label.ts';
import { Prng } from '../../shared/testing/prng.ts';
import { until } from '../../shared/testing/until.ts';
import { withMaterializer } from '../testing/materializer-fixture.ts';
import { all, insert, remove, TEST_START_MS, update } from '../testing/test-writer.ts';

const test = suite('materializer');
const WORK = 'work/2026-11';
const STOCK = 'stock/2026-11';
const JOB = newId(TEST_START_MS);

test('a row reaches its typed table with real types', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit('person.create', {
      people: insert('people', 'p1', {
        name: 'Marta',
        is_active: 0,
        born_at: 1_000_000_000_123,
        credit: 9_007_199_254_740_991,
        weight: 61.5,
        visits: 3,
        extra: '{"b": 1.0, "a": "\\u0000"}',
      }),
    });

    await materializer.runUntilLevel();

    assert.equal(
      await rows(
        `select workspace, id, name, is_active, born_at, credit, weight, visits, extra::text from report.people`,
      ),
      [
        {
          workspace: 'taller',
          id: 'p1',
          name: 'Marta',
          is_active: false,
          born_at: new Date(1_000_000_000_123),
          credit: '9007199254740991',
          weight: 61.5,
          visits: '3',
          extra: '{"b": 1.0, "a": "\\u0000"}',
        },
      ],
    );
  });
});

test('[MAT-1] history names who had the device in hand, and the account it was signed in with', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit(signLabel('job.create', 'marta'), { [WORK]: insert('jobs', JOB, { title: 'Brakes' }) });
    await ana.commit('job.rename', { [WORK]: update('jobs', JOB, 'title', 'Brakes, front') });

    await materializer.runUntilLevel();

    assert.equal(await rows('select user_name, account, label from report.history order by seq'), [
      { user_name: 'marta', account: 'ana', label: 'job.create @marta' },
      { user_name: 'ana', account: 'ana', label: 'job.rename' },
    ]);
  });
});

test('[MAT-1] history says who changed which cell from what to what, and when', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    const made = await ana.commit('job.create', { [WORK]: insert('jobs', JOB, { title: 'Brakes' }) });
    luis.hear(made);
    const renamed = await luis.commit('job.rename', {
      [WORK]: update('jobs', JOB, 'title', 'Brakes, front'),
    });
    await luis.commit('job.delete', { [WORK]: remove('jobs', JOB) });

    await materializer.runUntilLevel();

    const history = await rows<[HistoryRow, HistoryRow, HistoryRow]>(
      `select * from report.history order by seq`,
    );
    assert.equal(
      history.map(({ action, column_name, user_name, device, label }) => [
        action,
        column_name,
        user_name,
        device,
        label,
      ]),
      [
        ['insert', '', 'ana', 'AAAAAAAA', 'job.create'],
        ['update', 'title', 'luis', 'BBBBBBBB', 'job.rename'],
        ['delete', '', 'luis', 'BBBBBBBB', 'job.delete'],
      ],
    );
    assert.equal([history[1].old_value, history[1].new_value], ['Brakes', 'Brakes, front']);
    assert.is(history[1].commit_id, renamed.id);
    assert.is(history[1].changed_at.getTime(), Math.floor(renamed.hlc / 4096));
    assert.is(history[2].old_value.title, 'Brakes, front');
    assert.equal(await rows('select * from report.jobs'), []);
  });
});

test('[MAT-1] history is the same whether commits come one by one or in one batch', async () => {
  const histories: unknown[] = [];
  for (const isStepwise of [true, false]) {
    await withMaterializer(async ({ materializer, ana, rows }) => {
      for (const title of ['one', 'two', 'two', 'three']) {
        await ana.commit(`set.${title}`, {
          [WORK]: all(insert('jobs', JOB, { title }), update('jobs', JOB, 'status', title)),
        });
        if (isStepwise) await materializer.runUntilLevel();
      }
      await materializer.runUntilLevel();
      histories.push(
        await rows(
          'select seq, action, column_name, old_value, new_value from report.history order by seq, column_name',
        ),
      );
    });
  }
  assert.equal(histories[0], histories[1]);
  assert.is((histories[0] as unknown[]).length, 8);
});

test('[MAT-2] a commit over two documents is in the report as a whole or not at all', async () => {
  await withMaterializer(async ({ materializer, ana, rows, database }) => {
    await ana.commit('sell', {
      [WORK]: insert('jobs', JOB, { title: 'Oil' }),
      [STOCK]: insert('moves', newId(TEST_START_MS), { item: 'oil', qty: -4000 }),
    });
    const other = await database.pool.connect();
    await other.query('begin');
    await other.query(`insert into espejo.report_cursor (document) select id from espejo.document`);
    await other.query('commit');
    await other.query('begin');
    await other.query(
      `select * from espejo.report_cursor where document = (select id from espejo.document where name = $1) for update`,
      [STOCK],
    );

    await materializer.runUntilLevel();
    const half = await rows('select id from report.jobs');
    await other.query('rollback');
    other.release();
    assert.equal(half, []);

    await materializer.runUntilLevel();
    assert.is((await rows('select id from report.jobs')).length, 1);
    assert.is((await rows('select id from report.moves')).length, 1);
  });
});

test('[MAT-2] a batch that ends inside a chain of tied commits never holds half of one', async () => {
  await withMaterializer(
    async ({ materializer, ana, rows }) => {
      // Five updates of WORK alone, so that its batch ends before the tied commits that STOCK begins with.
      for (let index = 0; index < 5; index++) {
        await ana.commit('fill', { [WORK]: update('jobs', JOB, 'title', `t${index}`) });
      }
      for (let index = 0; index < 7; index++) {
        await ana.commit('sell', {
          [WORK]: insert('jobs', newId(TEST_START_MS + index), { title: 'Oil' }),
          [STOCK]: insert('moves', newId(TEST_START_MS), { item: 'oil', qty: index }),
        });
      }
      for (;;) {
        const advanced = await materializer.runOnce();
        const [{ jobs, moves }] = await rows<[{ jobs: string; moves: string }]>(
          'select (select count(*) from report.jobs) as jobs, (select count(*) from report.moves) as moves',
        );
        assert.is(jobs, moves);
        if (advanced === undefined) break;
      }
      assert.is((await rows('select id from report.moves')).length, 7);
    },
    { entries: 3 },
  );
});

test('[MAT-1] a transaction that dies before its commit leaves nothing, and the next does it all', async () => {
  await withMaterializer(async ({ materializer, ana, rows, database, open }) => {
    await ana.commit('job.create', { [WORK]: insert('jobs', JOB, { title: 'one' }) });
    await materializer.runUntilLevel();
    await ana.commit('job.change', { [WORK]: update('jobs', JOB, 'title', 'two') });
    // The connection is cut while the batch is under way.
    await database.pool.query(`
      create function report.cut() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
      create trigger cut before insert on report.history for each row execute function report.cut()`);

    const error = await materializer.runOnce().catch((reason) => reason);
    assert.instance(error, Error);
    await database.pool.query('drop trigger cut on report.history');
    assert.equal(await rows('select title from report.jobs'), [{ title: 'one' }]);

    await (await open()).runUntilLevel();
    await materializer.runUntilLevel();
    assert.equal(await rows('select title from report.jobs'), [{ title: 'two' }]);
    assert.is((await rows('select id from report.history')).length, 2);
  });
});

test('[MAT-1] four consumers at once write every update once', async () => {
  await withMaterializer(
    async ({ ana, luis, rows, open }) => {
      const consumers = await Promise.all([open(), open(), open(), open()]);
      for (const consumer of consumers) consumer.start();
      for (let index = 0; index < 60; index++) {
        const writer = index % 2 === 0 ? ana : luis;
        await writer.commit('step', {
          [WORK]: insert('jobs', newId(TEST_START_MS + index), { title: `${index}` }),
          ...(index % 3 === 0
            ? { [STOCK]: insert('moves', newId(TEST_START_MS), { item: 'x', qty: 1 }) }
            : {}),
          ...(index % 5 === 0 ? { people: insert('people', `p${index}`, { name: 'n' }) } : {}),
        });
        for (const consumer of consumers) consumer.wake();
      }
      for (const consumer of consumers) consumer.wake();
      await until(async () => (await rows('select id from report.jobs')).length === 60);
      await Promise.all(consumers.map((consumer) => consumer.close()));

      assert.is((await rows('select id from report.moves')).length, 20);
      assert.is((await rows('select id from report.people')).length, 12);
      assert.is((await rows('select id from report.history')).length, 92);
      assert.equal(await rows(`select * from espejo.quarantine`), []);
    },
    { entries: 4 },
  );
});

test('[MAT-1] consumers whose connections are killed at any moment write every update once', async () => {
  const random = new Prng(Number(process.env.SEED ?? Date.now() % 1_000_000));
  await withMaterializer(
    async ({ ana, rows, open, database }) => {
      const consumers = await Promise.all([open(), open()]);
      for (const consumer of consumers) consumer.start();
      const killer = new pg.Client({ connectionString: database.url, application_name: 'killer' });
      await killer.connect();
      let kills = 0;
      await ana.commit('job', { [WORK]: insert('jobs', JOB, { title: 'all the time' }) });
      for (let index = 0; index < 60; index++) {
        await ana.commit('step', {
          // Going round: done twice, it would leave lines twice.
          [WORK]: all(
            insert('jobs', newId(TEST_START_MS + index), { title: `${index}` }),
            update('jobs', JOB, 'status', `${index % 3}`),
          ),
          ...(random.chance(2) ? { people: insert('people', `p${index}`, { name: 'n' }) } : {}),
        });
        for (const consumer of consumers) consumer.wake();
        if (!random.chance(3)) continue;
        // Whoever is inside a transaction or between two; the log's own connection writes nothing of the report.
        const { rowCount } = await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name <> 'killer' and query not like '%espejo.append%'
            order by random() limit 1`,
        );
        kills += rowCount ?? 0;
      }
      await killer.end();
      for (const consumer of consumers) consumer.wake();
      await until(async () => (await rows('select 1 from report.jobs').catch(() => [])).length === 61);
      await until(
        async () =>
          (
            await rows(
              'select 1 from espejo.report_cursor c join espejo.document d on d.id = c.document where c.seq < d.head',
            )
          ).length === 0,
      );
      await Promise.all(consumers.map((consumer) => consumer.close()));

      const [counts] = await rows<[Record<string, number>]>(
        `select (select count(*) from report.history)::int as lines,
                (select count(*) from report.jobs)::int + (select count(*) from report.people)::int as rows`,
      );
      assert.is(counts.lines, counts.rows! + 60, `seed ${random.seed}, ${kills} kills`);
      assert.ok(kills > 0, `seed ${random.seed}`);
    },
    { entries: 5, pollMs: 50 },
  );
});

test('[MAT-3] [REG-5] a register of another device is set aside, and the document goes on', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    const made = await ana.commit('job.create', { [WORK]: insert('jobs', JOB, { title: 'mine' }) });
    luis.hear(made);
    await luis.commit('forge', { [WORK]: insert('jobs', JOB, { title: 'forged' }, 'AAAAAAAA') });
    await ana.commit('job.change', { [WORK]: update('jobs', JOB, 'status', 'done') });

    await materializer.runUntilLevel();

    assert.equal(await rows('select title, status from report.jobs'), [{ title: 'mine', status: 'done' }]);
    assert.equal(await rows('select seq, reason, state, device from espejo.quarantine'), [
      { seq: 2, reason: 'foreign-register', state: 'open', device: 'BBBBBBBB' },
    ]);
  });
});

test('[MAT-3] [REG-5] deleting the register of another device is set aside too', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    luis.hear(await ana.commit('job.create', { [WORK]: insert('jobs', JOB, { title: 'mine' }) }));
    await luis.commit('forge', { [WORK]: (doc) => doc.getMap('jobs').delete(`${JOB}~AAAAAAAA`) });

    await materializer.runUntilLevel();

    assert.equal(await rows('select title from report.jobs'), [{ title: 'mine' }]);
    assert.equal(await rows('select reason from espejo.quarantine'), [{ reason: 'foreign-register' }]);
  });
});

test('[MAT-3] [PERM-2] a table of another family is set aside', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit('smuggle', { people: insert('jobs', JOB, { title: 'not people' }) });
    await ana.commit('smuggle', { people: (doc) => doc.getText(`jobs~${JOB}~notes`).insert(0, 'x') });

    await materializer.runUntilLevel();

    assert.equal(await rows('select id from report.jobs'), []);
    assert.equal(await rows('select reason from espejo.quarantine'), [
      { reason: 'foreign-table' },
      { reason: 'foreign-table' },
    ]);
  });
});

test('[MAT-3] bytes that are no update are set aside', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    const commit = ana.make('broken', { [WORK]: insert('jobs', JOB, { title: 'x' }) });
    const parts = [{ ...commit.parts[0]!, update: Uint8Array.of(255, 255, 255, 255, 15, 1, 2) }];
    await ana.send({ ...commit, parts });
    ana.docs.clear();
    await ana.commit('fine', { [WORK]: insert('jobs', JOB, { title: 'fine' }) });

    await materializer.runUntilLevel();

    assert.equal(await rows('select title from report.jobs'), [{ title: 'fine' }]);
    assert.equal(await rows('select reason, state from espejo.quarantine'), [
      { reason: 'malformed', state: 'open' },
    ]);
  });
});

test('[REG-7] an update before the one it depends on waits, deletes nothing, and comes in by itself', async () => {
  await withMaterializer(async ({ materializer, ana, rows, open }) => {
    await ana.commit('job.create', { [WORK]: insert('jobs', JOB, { title: 'one' }) });
    const second = ana.make('second', { [WORK]: update('jobs', JOB, 'title', 'two') });
    const third = ana.make('third', { [WORK]: update('jobs', JOB, 'title', 'three') });
    await ana.send(third);

    await materializer.runUntilLevel();
    assert.equal(await rows('select title from report.jobs'), [{ title: 'one' }]);
    assert.equal(await rows('select reason, state from espejo.quarantine'), [
      { reason: 'gap', state: 'waiting' },
    ]);

    await ana.send(second);
    // A fresh consumer, which has to find the waiting update in the log again.
    await (await open()).runUntilLevel();
    assert.equal(await rows('select title from report.jobs'), [{ title: 'three' }]);
    assert.equal(await rows('select reason, state from espejo.quarantine'), [
      { reason: 'gap', state: 'resolved' },
    ]);
    assert.equal(
      await rows(`select label, new_value from report.history where action = 'update' order by changed_at`),
      [
        { label: 'second', new_value: 'two' },
        { label: 'third', new_value: 'three' },
      ],
    );
  });
});

test('[REG-4] conflicts appear in the report, and go once somebody has seen both', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    const made = await ana.commit('job.create', {
      [WORK]: insert('jobs', JOB, { title: 'one', status: 'open' }),
    });
    luis.hear(made);
    await ana.commit('a', { [WORK]: update('jobs', JOB, 'status', 'done') });
    await luis.commit('b', { [WORK]: update('jobs', JOB, 'status', 'waiting') });
    await materializer.runUntilLevel();

    const [conflict] = await rows<
      [Record<'column_name' | 'policy' | 'winner_value' | 'loser_value', string>]
    >('select * from report.conflict');
    assert.is(conflict.column_name, 'status');
    assert.is(conflict.policy, 'manual');
    assert.equal([conflict.winner_value, conflict.loser_value].sort(), ['done', 'waiting']);

    await ana.commit('resolve', {
      [WORK]: (doc, { device, hlc }) =>
        doc.getMap('jobs').set(`${JOB}~${device}~status`, [hlc + 4096 * 60_000, hlc + 4096 * 59_000, 'done']),
    });
    await materializer.runUntilLevel();
    assert.equal(await rows('select * from report.conflict'), []);
  });
});

test('shared text is a text, merged character by character', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    const made = await ana.commit('job.create', {
      [WORK]: all(insert('jobs', JOB, { title: 'one' }), (doc) =>
        doc.getText(`jobs~${JOB}~notes`).insert(0, 'ac'),
      ),
    });
    luis.hear(made);
    await luis.commit('type', { [WORK]: (doc) => doc.getText(`jobs~${JOB}~notes`).insert(1, 'b') });

    await materializer.runUntilLevel();

    assert.equal(await rows('select notes from report.jobs'), [{ notes: 'abc' }]);
  });
});

test('[MAT-6] texts that Postgres cannot hold come as near as they can', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit('odd', {
      people: insert('people', 'p\ud800', { name: 'half \ud83d pair', extra: '"\\ud800"' }),
    });
    await ana.commit('odd', {
      people: update('people', 'p\ud800', 'extra', `${'['.repeat(50_000)}${']'.repeat(50_000)}`),
    });

    await materializer.runUntilLevel().catch(() => {});
    for (let round = 0; round < 4; round++) await materializer.runUntilLevel().catch(() => {});

    assert.equal(await rows('select id, name, extra::text from report.people'), [
      { id: 'p\ufffd', name: 'half \ufffd pair', extra: '"\\ud800"' },
    ]);
    const aside = await rows('select reason, state from espejo.quarantine');
    assert.equal(aside, [{ reason: 'unstorable', state: 'open' }]);
    assert.equal(
      await rows(
        'select c.seq, d.head from espejo.report_cursor c join espejo.document d on d.id = c.document',
      ),
      [{ seq: 2, head: 2 }],
    );
  });
});

test('[MAT-8] a row written into the document of another month is not shown, nor does it harm the right one', async () => {
  await withMaterializer(async ({ materializer, ana, luis, rows }) => {
    await ana.commit('right', { [WORK]: insert('jobs', JOB, { title: 'right' }) });
    await luis.commit('wrong', { 'work/2026-10': insert('jobs', JOB, { title: 'wrong' }) });
    await luis.commit('wrong', { 'work/2026-10': remove('jobs', JOB) });
    await luis.commit('wrong', {
      'work/2026-10': insert('jobs', newId(TEST_START_MS + 1), { title: 'also wrong' }),
    });

    await materializer.runUntilLevel();

    assert.equal(await rows('select title from report.jobs'), [{ title: 'right' }]);
  });
});

test('[MAT-8] a child row that two devices wrote into two months is shown by the earlier one', async () => {
  for (const order of [
    ['10', '11'],
    ['11', '10'],
  ]) {
    await withMaterializer(async ({ materializer, ana, luis, rows }) => {
      const jobIds: Record<string, string> = { 10: newId(Date.UTC(2026, 9, 5)), 11: JOB };
      for (const month of order) {
        const writer = month === '10' ? ana : luis;
        await writer.commit('line', {
          [`work/2026-${month}`]: insert('lines', 'l1', { job_id: jobIds[month]!, qty: Number(month) }),
        });
        await materializer.runUntilLevel();
      }

      assert.equal(await rows('select qty from report.lines'), [{ qty: '10' }]);
    });
  }
});

test('documents of no family are passed over', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit('x', { 'free/form': (doc) => doc.getText('t').insert(0, 'hello') });

    assert.is(await materializer.runUntilLevel(), 1);

    assert.equal(await rows('select seq from espejo.report_cursor'), [{ seq: 1 }]);
  });
});

test('tables, columns and views have comments', async () => {
  await withMaterializer(async ({ rows }) => {
    const uncommented = await rows(`
      select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'report' and c.relkind in ('r', 'v') and obj_description(c.oid, 'pg_class') is null`);

    assert.equal(uncommented, []);
    assert.equal(
      await rows(`select obj_description('report.open_jobs'::regclass, 'pg_class') as view,
                         col_description('report.people'::regclass, 3) as column`),
      [{ view: 'jobs that nobody has finished', column: 'as it is spoken' }],
    );
  });
});

test('[PERM-3] the role for BI tools reads the report and nothing else', async () => {
  await withMaterializer(async ({ database }) => {
    const client = await database.pool.connect();
    await client.query('set role espejo_report');
    await client.query('select * from report.people');
    await client.query('select * from report.open_jobs');
    const write = await client.query('delete from report.people').catch((error) => error.code);
    const peek = await client.query('select * from espejo.account').catch((error) => error.code);
    await client.query('reset role');
    client.release();

    assert.equal([write, peek], ['42501', '42501']);
  });
});

test.run();

interface HistoryRow {
  readonly action: string;
  readonly column_name: string;
  readonly user_name: string;
  readonly device: string;
  readonly label: string;
  readonly commit_id: string;
  readonly changed_at: Date;
  readonly old_value: { readonly title: string };
  readonly new_value: unknown;
}
