import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { readOnlySql } from './read-only-sql.ts';

test('reads are allowed and run, cut off after 200 rows and one', async () => {
  const sql = openSqlJs(await loadSqlJs());
  sql.exec('create table t (id integer primary key, name text)');
  const run = (text: string) => {
    const allowed = readOnlySql(text);
    assert.is(allowed.type, 'allowed', text);
    return allowed.type === 'allowed' ? sql.rows(allowed.sql) : [];
  };

  assert.equal(run("select 'a;b' as x;"), [{ x: 'a;b' }]);
  assert.equal(run('SELECT 1 as x -- one; two'), [{ x: 1 }]);
  assert.is(
    run('with recursive n(i) as (select 1 union all select i + 1 from n limit 999) select i from n').length,
    201,
  );
  assert.is(run('pragma table_info(t)').length, 2);
  assert.is(run('pragma integrity_check').length, 1);
  assert.ok(run('explain query plan select * from t').length > 0);
  sql.close();
});

test('anything else is refused, with the reason', () => {
  for (const [text, because] of [
    ['  ;', 'empty'],
    ['-- nothing', 'empty'],
    ["insert into t (name) values ('x')", 'not-a-read'],
    ['/* select */ delete from t', 'not-a-read'],
    ['begin', 'not-a-read'],
    ['select 1; delete from t', 'several'],
    ['pragma user_version = 5', 'pragma'],
    ['pragma user_version(5)', 'pragma'],
    ['pragma main.journal_mode = delete', 'pragma'],
    ['pragma table_info(t) = 1', 'pragma'],
    ['explain pragma user_version = 5', 'pragma'],
  ] as const) {
    assert.equal(readOnlySql(text), { type: 'refused', because }, text);
  }
});

test.run();
