import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellValue } from '../schema/table.ts';
import { parametersOf, unfilledParams } from './params.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const test = suite('params');
const sqlJs = await loadSqlJs();

for (const [sql, count] of [
  ['select 1', 0],
  ['select ?, ?', 2],
  ['select ?2, ?1, ?2', 2],
  ['select ?3', 3],
  ['select ?2, ?', 3],
  ['select :a, $a, @a, :a', 3],
  ['select :a, ?, :a, ?1', 2],
  ['select $a::b(c), $a', 2],
  ['select \'?\', "?", `?`, [?] from (select 1 as "?")', 0],
  ["select 'it''s ?', ? -- ? and ?\n, ? /* :a ? */", 2],
  ["select '{}'->'$.a', '{}'->>?, x'00'", 1],
  ['select a$b, año from (select 1 as a$b, ? as año)', 1],
  ['select :año, $1', 2],
  ['select 1 where?=?', 2],
  ['/* ? */ select ?;  -- ?', 1],
] as const) {
  test(`parameters are counted as SQLite counts them: ${JSON.stringify(sql)}`, () => {
    const database = new sqlJs.Database();
    const statement = database.prepare(sql);

    // SQLite refuses a value beyond the last parameter.
    const isTooMany = (values: number) => {
      try {
        statement.bind(new Array(values).fill(1));
        return false;
      } catch {
        return true;
      }
    };
    assert.equal([isTooMany(count), isTooMany(count + 1)], [false, true]);
    assert.is(parametersOf(sql).count, count);
    database.close();
  });
}

for (const [sql, params, refusal] of [
  [
    'select ?, ?',
    ['a'],
    'the statement has 2 parameters and 1 value was given; give an array with one value for each, null where there is none',
  ],
  [
    'select ?',
    ['a', null],
    'the statement has 1 parameter and 2 values were given; give an array with one value for each, null where there is none',
  ],
  [
    'select 1',
    [null],
    'the statement has 0 parameters and 1 value was given; give an array with one value for each, null where there is none',
  ],
  ['select $a, $b', { $a: 1 }, 'parameter $b has no value; give one, null where there is none'],
  ['select $a, $b', { $a: 1, $b: 2, $c: 3 }, '$c is no parameter of the statement; give values for $a, $b'],
  ['select 1', { $a: 1 }, '$a is no parameter of the statement; give no values'],
  ['select :a, ?', { ':a': 1 }, 'parameter 2 has no name; give the values as an array'],
  ['select ?', null, 'the parameters are null; give an array'],
  ['select ?', 'a', 'the parameters are string; give an array'],
] as const) {
  test(`values that are not one for each parameter are refused in a sentence: ${sql} with ${JSON.stringify(params)}`, () => {
    const database = openSqlJs(sqlJs);
    const values = params as unknown as CellValue[];

    assert.is(unfilledParams(parametersOf(sql), values), refusal);
    for (const run of [() => database.rows(sql, values), () => database.run(sql, values)])
      assert.throws(run, (error: Error) => error.message === refusal);
    database.close();
  });
}

test('a parameter that is named twice takes one value, by place and by name', () => {
  const database = openSqlJs(sqlJs);
  const sql = 'select $a as x, $b as y, $a as z';

  const row = { x: 1, y: 2, z: 1 };
  assert.equal(database.rows(sql, [1, 2]), [row]);
  assert.equal(database.rows(sql, { $a: 1, $b: 2 } as unknown as CellValue[]), [row]);
  assert.equal(database.rows('select ?2 as b, ?1 as a', [1, 2]), [{ b: 2, a: 1 }]);
  database.close();
});

test('a statement is explained without values', () => {
  const database = openSqlJs(sqlJs);

  assert.is(database.rows('explain query plan select 1 where ? = ?').length > 0, true);
  database.close();
});

test.run();
