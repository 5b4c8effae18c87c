/** The demo workspace in Postgres: all of it or nothing, and only once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seedDemo, seedWorkshop } from './demo.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { openTestDatabase } from './testing/postgres.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 15);

test('the demo workspace is written once, into a document per family and month', async () => {
  const database = await openTestDatabase();
  const log = new PostgresLog({ pool: database.pool, instance: 'demo-test' });

  const first = await seedDemo({ log, nowMs: NOW_MS });
  const heads = new Map((await log.documents('demo')).map((state) => [state.document, state.head]));
  const second = await seedDemo({ log, nowMs: NOW_MS });

  assert.is(first, 'seeded');
  assert.is(second, 'already-there');
  for (const name of [
    'admin',
    'catalog',
    'people',
    'work/2026-09',
    'work/2026-10',
    'work/2026-11',
    'stock/2026-11',
  ])
    assert.ok((heads.get(name) ?? 0) > 0, `${name} has no updates`);
  assert.equal(
    new Map((await log.documents('demo')).map((state) => [state.document, state.head])),
    heads,
    'a second seed appended something',
  );
  await log.close();
  await database.close();
});

test('a workspace that somebody uses is left alone', async () => {
  const database = await openTestDatabase();
  const log = new PostgresLog({ pool: database.pool, instance: 'demo-test' });
  await seedDemo({ log, workspace: 'mine', nowMs: NOW_MS, orders: 8 });
  const before = await log.documents('mine');

  assert.is(await seedDemo({ log, workspace: 'mine', nowMs: NOW_MS }), 'already-there');

  assert.equal(await log.documents('mine'), before);
  await log.close();
  await database.close();
});

test('a new workshop begins with roles, statuses, ways to pay and its people', async () => {
  const database = await openTestDatabase();
  const log = new PostgresLog({ pool: database.pool, instance: 'demo-test' });
  const seed = {
    log,
    workspace: 'nuevo',
    users: [{ name: 'ana', displayName: 'Ana Núñez', role: 'admin' }],
    nowMs: NOW_MS,
  };

  assert.is(await seedWorkshop(seed), 'seeded');
  assert.is(await seedWorkshop(seed), 'already-there');

  assert.equal(
    (await log.documents('nuevo')).map(({ document, head }) => [document, head]),
    [['admin', 1]],
  );
  await log.close();
  await database.close();
});

test.run();
