import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlDatabase, SqlParams } from './sql.ts';
import { refusedBySqlite } from './sqlite-refusal.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const test = suite('sqlite-refusal');
const sqlJs = await loadSqlJs();

const EXISTS = ['unique', 'id', 'a row with this id is there already'] as const;
const KIND = ['type', 'n', 'the value is not of the kind of the column'] as const;

for (const [sql, params, row, [rule, column, why]] of [
  ["insert into things (id, n) values ('a', 1)", [], 'a', EXISTS],
  ['insert into things (n, id) values (?, ?)', [1, 'a'], 'a', EXISTS],
  ['insert or fail into main."things" values (?, ?)', ['a', 1], 'a', EXISTS],
  ["replace into things (n, id) values (max(1, ?), 'c')", ['x'], 'c', KIND],
  ["insert into things (id, n) select 'a', 3", [], 'a', EXISTS],
  ['insert into things (id, n) values (?, ?)', ['c', 'many'], 'c', KIND],
  ["update things set n = 'it''s, (1)' where id = 'b'", [], 'b', KIND],
  ['update things set n = ? where id = ?', [1.5, 'b'], 'b', KIND],
  ["update things set id = 'a' where id = ?", ['b'], '', EXISTS],
  ["update things set n = 'x'", [], '', KIND],
  ["insert into things (id, n) values ('c', 1), ('a', 2), ('b', 3)", [], '', EXISTS],
  ['insert into things (id, n) values ($id, 1)', { $id: 'a' } as unknown as SqlParams, 'a', EXISTS],
] as const) {
  test(`[CAP-6] table, column and row are named, where the statement tells the row: ${sql}`, () => {
    const refused = refusal(sql, params);

    assert.is(refused?.name, 'RefusedWriteError');
    assert.equal(
      [refused?.rule, refused?.table, refused?.column, refused?.row],
      [rule, 'things', column, row],
    );
    assert.is(refused?.message, `things.${column}${row === '' ? '' : `, row ${row}`}: ${why}`);
  });
}

test('[CAP-6] a row without an id is refused with table and column', () => {
  assert.is(refusal('insert into things (n) values (1)', [])?.message, 'things.id: null is not allowed');
});

test('what is no refusal of a row stays what it is', () => {
  assert.is(refusal('select nothing', []), undefined);
});

test.run();

function refusal(sql: string, params: SqlParams) {
  const database: SqlDatabase = openSqlJs(sqlJs);
  database.exec('create table things (id text not null primary key, n integer) strict');
  database.exec("insert into things values ('a', 1), ('b', 2)");
  try {
    database.run(sql, params);
  } catch (error) {
    return refusedBySqlite(database, error, { sql, params });
  } finally {
    database.close();
  }
  throw new Error(`${sql} was not refused`);
}
