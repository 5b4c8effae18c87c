import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { orFail } from './or-fail.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

test('an insert or update gets "or fail"; one that says what to do on a conflict keeps it', () => {
  assert.is(orFail('insert into t values (1)'), 'insert or fail into t values (1)');
  assert.is(orFail('\n  UPDATE t set a = 1'), '\n  UPDATE or fail t set a = 1');
  assert.is(orFail('insert or replace into t values (1)'), 'insert or replace into t values (1)');
  assert.is(orFail('replace into t values (1)'), 'replace into t values (1)');
  assert.is(
    orFail('with x as (select 1) insert into t select * from x'),
    'with x as (select 1) insert into t select * from x',
  );
  assert.is(orFail('delete from t'), 'delete from t');
  assert.is(orFail('select 1'), 'select 1');
});

test('a refused statement leaves the transaction open to be rolled back, with the same message', async () => {
  const sql = openSqlJs(await loadSqlJs());
  sql.exec("create table t (id text primary key, n integer not null) strict; insert into t values ('a', 1)");
  const messageOf = (text: string) => {
    sql.exec('begin');
    try {
      sql.run(text);
      return 'none';
    } catch (error) {
      return (error as Error).message;
    } finally {
      sql.exec('rollback');
    }
  };

  for (const text of [
    "insert into t values ('b', 2), ('a', 3)",
    "update t set n = null where id = 'a'",
    "insert into t values ('c', 'text')",
  ]) {
    assert.is.not(messageOf(text), 'none');
    assert.is(messageOf(orFail(text)), messageOf(text));
  }
  assert.equal(sql.rows('select * from t'), [{ id: 'a', n: 1 }]);
  assert.is(messageOf(orFail("insert into t values ('a', 1) on conflict (id) do update set n = 5")), 'none');
});

test.run();
