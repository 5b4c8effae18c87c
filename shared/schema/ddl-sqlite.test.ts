import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs, openSqlJs } from '../mirror/sqljs.ts';
import { testSchema } from '../testing/test-schema.ts';
import { sqliteDdl } from './ddl-sqlite.ts';
import { defineSchema, defineTable, text } from './table.ts';

const sqlJs = await loadSqlJs();

test('[SCHEMA-2] one definition gives the SQLite tables, and running it again changes nothing', () => {
  const sql = openSqlJs(sqlJs);
  for (let run = 0; run < 2; run++) for (const statement of sqliteDdl(testSchema)) sql.exec(statement);

  const columns = sql.rows("select name, type, dflt_value from pragma_table_info('items')");

  assert.equal(
    columns.map((row) => Object.values(row)),
    [
      ['id', 'TEXT', null],
      ['brand', 'TEXT', 'null'],
      ['code', 'TEXT', 'null'],
      ['price_minor', 'INTEGER', '0'],
      ['cost_minor', 'INTEGER', '0'],
      ['weight', 'REAL', 'null'],
      ['extra', 'TEXT', "'{}'"],
      ['created_at', 'INTEGER', '0'],
      ['created_by', 'TEXT', "''"],
      ['created_device', 'TEXT', "''"],
    ],
  );
});

test('[SCHEMA-2] what is unique, referenced, bucketed or asked for has an index, which refuses nothing', () => {
  const sql = openSqlJs(sqlJs);
  for (const statement of sqliteDdl(testSchema)) sql.exec(statement);

  const indexes = sql.rows(
    "select name from sqlite_master where type = 'index' and name not like 'sqlite_%' and tbl_name in ('customers', 'items', 'order_lines')",
  );
  assert.equal(indexes.map(({ name }) => name).sort(), [
    'customers__email',
    'customers__name',
    'items__brand__code',
    'order_lines__item_id',
    'order_lines__order_id',
  ]);
  sql.exec("insert into customers (id, email) values ('1', 'same'), ('2', 'same')");
});

test('[SCHEMA-2] a fallback with a quote in it is a default', () => {
  const schema = defineSchema({
    version: 1,
    minVersion: 1,
    families: [{ name: 'f', bucketed: false }],
    tables: [defineTable('things', { family: 'f' }, { name: text({ default: "d'or" }) })],
  });
  const sql = openSqlJs(sqlJs);
  for (const statement of sqliteDdl(schema)) sql.exec(statement);

  sql.exec("insert into things (id) values ('1')");

  assert.equal(sql.rows('select name from things'), [{ name: "d'or" }]);
});

test('a table without rowid begins with its key, so that older SQLites find nothing wrong with an exported file', () => {
  const sql = openSqlJs(sqlJs);
  for (const statement of sqliteDdl(testSchema)) sql.exec(statement);

  const names = sql
    .rows("select name from pragma_table_list where wr = 1 and schema = 'main'")
    .map(({ name }) => String(name));

  assert.ok(names.includes('_conflict') && names.includes('_violation'));
  for (const name of names) {
    const keys = sql.rows('select pk from pragma_table_info(?) order by cid', [name]).map(({ pk }) => pk);
    const length = keys.filter((pk) => pk !== 0).length;
    assert.equal(
      keys.slice(0, length),
      Array.from({ length }, (_, index) => index + 1),
      name,
    );
  }
  sql.close();
});

test.run();
