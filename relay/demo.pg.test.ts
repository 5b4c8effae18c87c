/** The demo workspace in Postgres: all of it or nothing, and only once. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs, openSqlJs } from '../shared/mirror/sqljs.ts';
import { playDemo } from '../shared/taller/demo/play.ts';
import { seedDemo, seedWorkshop } from './demo.ts';
import { DemoPhotographer } from './demo-photos.ts';
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

test('every photo that a row of the demo workspace names is stored', async () => {
  const database = await openTestDatabase();
  const log = new PostgresLog({ pool: database.pool, instance: 'demo-test' });
  const keys = new Set<string>();
  const objects = {
    putIfAbsent: async (key: string) => {
      keys.add(key);
      return 'created' as const;
    },
  };
  await seedDemo({ log, nowMs: NOW_MS, orders: 12, photos: { pool: database.pool, objects } });

  const sql = openSqlJs(await loadSqlJs());
  const photographer = new DemoPhotographer();
  for (const _ of playDemo(sql, {
    nowMs: NOW_MS,
    orders: 12,
    photoOf: (subject) => photographer.photoOf(subject),
  })) {
    // The rows are in `sql` once every commit was made.
  }
  const photos = sql.rows('select sha256, thumb_sha256 from attachments');
  const { rows } = await database.pool.query(
    "select sha256 from espejo.object where workspace = 'demo' and family = 'work' and stored_at is not null",
  );
  const announced = new Set(rows.map(({ sha256 }) => sha256));

  assert.is(photos.length, 3 * 4, 'four photos of each of the three open orders');
  for (const hash of photos.flatMap(({ sha256, thumb_sha256 }) => [String(sha256), String(thumb_sha256)])) {
    assert.ok(keys.has(`objects/demo/work/${hash}`), `${hash} is in no object`);
    assert.ok(announced.has(hash), `${hash} is not announced`);
  }
  sql.close();
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
