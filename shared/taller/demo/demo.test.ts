/** The demo workspace: as many rows as are told, the same each time, and none that breaks a rule. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlDatabase } from '../../mirror/sql.ts';
import { loadSqlJs, openSqlJs } from '../../mirror/sqljs.ts';
import { DUPLICATE_NUMBERS_SQL } from '../numbers.ts';
import { DEFAULT_STATUSES } from '../status.ts';
import { type DemoOptions, demoCommits } from './demo.ts';
import { playDemo } from './play.ts';

const sqlJs = await loadSqlJs();
/** A Friday afternoon. */
const NOW_MS = Date.UTC(2026, 10, 20, 15);
const WEEK_MS = 7 * 24 * 3_600_000;
/** The workspace of `npm start`; read only. */
const usual = played({ nowMs: NOW_MS });

test('50 customers, 70 vehicles and 120 orders over three months', () => {
  const sql = usual;

  for (const [table, count] of [
    ['customers', 50],
    ['vehicles', 70],
    ['work_orders', 120],
  ] as const)
    assert.is(numberOf(sql, `select count(*) as n from ${table}`), count, table);
  const weeks = numberOf(sql, `select (max(opened_at) - min(opened_at)) / ${WEEK_MS} as n from work_orders`);
  assert.ok(weeks >= 11 && weeks <= 14, `${weeks} weeks`);
});

test('no row breaks a rule, no number is used twice, nothing happens in the future', () => {
  const sql = usual;

  assert.equal(sql.rows('select * from _violation'), []);
  assert.equal(sql.rows(DUPLICATE_NUMBERS_SQL), []);
  for (const column of ['opened_at', 'started_at', 'ready_at', 'delivered_at'])
    assert.is(numberOf(sql, `select count(*) as n from work_orders where ${column} > ${NOW_MS}`), 0, column);
  assert.is(numberOf(sql, `select count(*) as n from time_entries where started_at > ${NOW_MS}`), 0);
});

test('every column of the board has cards; a few promises are late, most are ahead', () => {
  const sql = usual;
  const open = DEFAULT_STATUSES.filter(
    ({ phase }) => !['draft', 'invoiced', 'delivered', 'cancelled'].includes(phase),
  );

  for (const { key } of open)
    assert.ok(numberOf(sql, `select count(*) as n from work_orders where status_key = '${key}'`) > 0, key);
  const isOpen = "status_key not in ('delivered', 'cancelled')";
  const late = numberOf(
    sql,
    `select count(*) as n from work_orders where ${isOpen} and promised_at < ${NOW_MS}`,
  );
  assert.ok(late >= 1 && late <= 9, `${late} of 30 are late`);
});

test('what is going on now is of now: clocks, promises, the gate, a reception that waits', () => {
  const sql = usual;
  const twoHoursAgo = NOW_MS - 2 * 3_600_000;

  const running = sql.rows('select started_at from time_entries where stopped_at is null');
  assert.ok(running.length >= 2, `${running.length} clocks run`);
  for (const { started_at } of running) assert.ok(Number(started_at) > twoHoursAgo, 'a clock was forgotten');
  assert.is(
    numberOf(sql, 'select count(*) as n from time_entries where stopped_at - started_at > 10 * 3600000'),
    0,
  );
  assert.is(
    numberOf(
      sql,
      "select count(*) as n from work_orders where strftime('%H', promised_at / 1000, 'unixepoch') < '06'",
    ),
    0,
    'nobody promises a vehicle for the night',
  );
  assert.ok(numberOf(sql, `select count(*) as n from gate_events where at > ${twoHoursAgo}`) >= 5);
  assert.is(numberOf(sql, "select count(*) as n from receptions where status = 'draft'"), 1);
});

test('one seed gives one script, another seed another', () => {
  const texts = (seed: number) => JSON.stringify([...demoCommits({ nowMs: NOW_MS, orders: 20, seed })]);

  const [first, again, other] = [texts(1), texts(1), texts(2)];
  assert.ok(first === again, 'the same seed gave two scripts');
  assert.ok(first !== other, 'two seeds gave one script');
});

test('commits come in order of time, and many orders are one commit each', () => {
  const times = [...demoCommits({ nowMs: NOW_MS, orders: 40 })].map(({ atMs }) => atMs);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );

  const labels = [...demoCommits({ nowMs: NOW_MS, orders: 2100, openOrders: 100 })].map(({ label }) => label);
  assert.is(labels.filter((label) => label === 'demo.order').length, 2100);
});

test('a Monday morning, a Sunday and the first days of a year have their open orders too', () => {
  for (const nowMs of [Date.UTC(2026, 10, 23, 8), Date.UTC(2026, 10, 22, 3), Date.UTC(2027, 0, 4, 9)]) {
    const sql = played({ nowMs, orders: 30 });
    assert.is(numberOf(sql, 'select count(*) as n from work_orders'), 30, new Date(nowMs).toISOString());
    assert.equal(sql.rows('select * from _violation'), []);
    assert.is(numberOf(sql, `select count(*) as n from work_orders where opened_at > ${nowMs}`), 0);
  }
});

test.run();

function played(options: DemoOptions): SqlDatabase {
  const sql = openSqlJs(sqlJs);
  for (const _ of playDemo(sql, options)) {
    // The rows are in `sql` once every commit was made.
  }
  return sql;
}

function numberOf(sql: SqlDatabase, query: string): number {
  return Number(sql.rows(query)[0]?.n);
}
