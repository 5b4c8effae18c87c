import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Application } from '../../shared/schema/application.ts';
import {
  defineSchema,
  defineTable,
  optional,
  reference,
  text,
  timestamp,
} from '../../shared/schema/table.ts';
import { until } from '../../shared/testing/until.ts';
import { withMaterializer } from '../testing/materializer-fixture.ts';
import { insert, remove, TEST_START_MS, TestWriter, update } from '../testing/test-writer.ts';

const test = suite('violations in the report');
const WORK = 'work/2026-11';
const JOB = newId(TEST_START_MS);
const VIOLATIONS = `select kind, table_name, row_id, rule, key, keeper_id from report.violation order by kind, row_id`;

test('[MAT-7] of two rows with one unique key the first made keeps it, whatever came first', async () => {
  for (const order of [
    ['p1', 'p2'],
    ['p2', 'p1'],
  ]) {
    await withMaterializer(async ({ materializer, ana, rows }) => {
      for (const id of order) {
        const created_at = id === 'p1' ? 1000 : 2000;
        await ana.commit('x', { people: insert('people', id, { name: id, code: 'A', created_at }) });
        await materializer.runUntilLevel();
      }

      assert.equal(await rows(VIOLATIONS), [
        { kind: 'unique', table_name: 'people', row_id: 'p2', rule: 'code', key: '["A"]', keeper_id: 'p1' },
      ]);
    });
  }
});

test('[MAT-7] a unique violation goes when either side is mended', async () => {
  for (const mended of ['p1', 'p2']) {
    await withMaterializer(async ({ materializer, ana, rows }) => {
      await ana.commit('x', { people: insert('people', 'p1', { name: 'a', code: 'A', created_at: 1 }) });
      await ana.commit('x', { people: insert('people', 'p2', { name: 'b', code: 'A', created_at: 2 }) });
      await materializer.runUntilLevel();
      assert.is((await rows(VIOLATIONS)).length, 1);

      await ana.commit('x', { people: update('people', mended, 'code', 'B') });
      await materializer.runUntilLevel();

      assert.equal(await rows(VIOLATIONS), [], mended);
    });
  }
});

test('[MAT-7] a reference to nothing is listed until what it names appears, and again when that goes', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    const orphan = [
      { kind: 'reference', table_name: 'jobs', row_id: JOB, rule: 'person_id', key: 'p1', keeper_id: null },
    ];
    await ana.commit('x', { [WORK]: insert('jobs', JOB, { title: 'x', person_id: 'p1' }) });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), orphan);

    await ana.commit('x', { people: insert('people', 'p1', { name: 'a' }) });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), []);

    await ana.commit('x', { people: remove('people', 'p1') });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), orphan);

    await ana.commit('x', { [WORK]: update('jobs', JOB, 'person_id', null) });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), []);
  });
});

test('[MAT-7] a row that breaks a check is listed until it is mended', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    await ana.commit('x', { people: insert('people', 'p1', { name: 'a', credit: -5 }) });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), [
      { kind: 'check', table_name: 'people', row_id: 'p1', rule: 'credit >= 0', key: null, keeper_id: null },
    ]);

    await ana.commit('x', { people: update('people', 'p1', 'credit', 5) });
    await materializer.runUntilLevel();
    assert.equal(await rows(VIOLATIONS), []);
  });
});

test('[MAT-7] a write to a row that is only inserted is listed and not shown', async () => {
  await withMaterializer(async ({ materializer, ana, rows }) => {
    const id = newId(TEST_START_MS);
    await ana.commit('x', { 'stock/2026-11': insert('moves', id, { item: 'oil', qty: 5 }) });
    await ana.commit('x', { 'stock/2026-11': update('moves', id, 'qty', 7) });
    await materializer.runUntilLevel();

    assert.equal(await rows('select qty from report.moves'), [{ qty: '5' }]);
    assert.equal(await rows('select kind, rule, device from report.violation'), [
      { kind: 'append-only', rule: 'qty', device: 'AAAAAAAA' },
    ]);
  });
});

test('[SEAL-1] a part that came after the seal is listed, whatever came first, until it is gone', async () => {
  for (const markFirst of [true, false]) {
    await withMaterializer(
      async ({ materializer, ana, luis, rows }) => {
        const [early, late] = [newId(TEST_START_MS), newId(TEST_START_MS)];
        const mark = (id: string) => insert('marks', id, { paper_id: JOB, sealed_at: null });
        const begun = await ana.commit('begin', {
          [WORK]: (doc, at) => {
            insert('papers', JOB, { status: 'draft' })(doc, at);
            mark(early)(doc, at);
          },
        });
        luis.hear(begun);
        const marked = ana.make('mark', { [WORK]: mark(late) });
        const signed = luis.make('sign', {
          [WORK]: (doc, at) => {
            update('marks', early, 'sealed_at', TEST_START_MS)(doc, at);
            update('papers', JOB, 'status', 'signed')(doc, at);
          },
        });
        for (const [writer, commit] of markFirst
          ? ([
              [ana, marked],
              [luis, signed],
            ] as const)
          : ([
              [luis, signed],
              [ana, marked],
            ] as const)) {
          await writer.send(commit);
          await materializer.runUntilLevel();
        }

        assert.equal(await rows(VIOLATIONS), [
          { kind: 'sealed', table_name: 'marks', row_id: late, rule: 'paper_id', key: JOB, keeper_id: null },
        ]);

        await ana.commit('remove', { [WORK]: remove('marks', late) });
        await materializer.runUntilLevel();
        assert.equal(await rows(VIOLATIONS), []);
      },
      {},
      SEALED,
    );
  }
});

test('[MAT-7] two consumers that write both halves at once leave nothing stale', async () => {
  await withMaterializer(
    async ({ ana, rows, open }) => {
      const consumers = await Promise.all([open(), open(), open()]);
      for (const consumer of consumers) consumer.start();
      for (let index = 0; index < 30; index++) {
        await ana.send(
          ana.make('x', { people: insert('people', `p${index}`, { name: 'a' }) }),
          ana.make('x', {
            [WORK]: insert('jobs', newId(TEST_START_MS), { title: 'x', person_id: `p${index}` }),
          }),
        );
        for (const consumer of consumers) consumer.wake();
      }
      await until(async () => (await rows('select 1 from report.jobs')).length === 30);
      await until(async () => (await rows('select 1 from report.people')).length === 30);
      await Promise.all(consumers.map((consumer) => consumer.close()));

      assert.equal(await rows(VIOLATIONS), []);
    },
    { documents: 1 },
  );
});

test('[MAT-7] a workspace does not see what another one lacks', async () => {
  await withMaterializer(async ({ materializer, log, ana, rows }) => {
    const other = new TestWriter(log, { device: 'CCCCCCCC', workspace: 'other' });
    await ana.commit('x', { people: insert('people', 'p1', { name: 'a', code: 'A' }) });
    await other.commit('x', { people: insert('people', 'p2', { name: 'b', code: 'A' }) });
    await other.commit('x', { [WORK]: insert('jobs', JOB, { title: 'x', person_id: 'p1' }) });
    await materializer.runUntilLevel();

    assert.equal(await rows('select workspace, kind from report.violation'), [
      { workspace: 'other', kind: 'reference' },
    ]);
  });
});

test.run();

const SEALED: Application = {
  name: 'sealed',
  roles: {},
  reportViews: [],
  schema: defineSchema({
    version: 1,
    minVersion: 1,
    families: [{ name: 'work', bucketed: true }],
    tables: [
      defineTable(
        'papers',
        { family: 'work', bucket: 'id', class: 'sealed', sealedWhen: "status = 'signed'" },
        { status: text({ default: 'draft' }) },
      ),
      defineTable(
        'marks',
        {
          family: 'work',
          bucket: 'paper_id',
          class: 'sealed',
          sealedWhen: 'sealed_at is not null',
          partOf: 'paper_id',
        },
        { paper_id: reference('papers'), sealed_at: optional(timestamp()) },
      ),
    ],
  }),
};
