import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sqliteTableDdl } from '../schema/ddl-sqlite.ts';
import { customers } from '../testing/test-schema.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';
import { Statements } from './statements.ts';
import { TableStatements } from './table-statements.ts';

test('many rows are read as each alone, whatever their ids are', async () => {
  const sql = openSqlJs(await loadSqlJs());
  for (const statement of sqliteTableDdl(customers)) sql.exec(statement);
  const table = new TableStatements(customers, new Statements(sql));
  const odd = ['a\0b', 'a\0c', 'a', '"', '\\', '\\u0041', 'A', 'ñ🚗', "'", '[1]', 'null', '1', '1.0', ' '];
  const cells = table.columns.map((_, index) =>
    Object.values(customers.columns)[index]!.kind === 'text' ? 'x' : 0,
  );
  for (const id of odd)
    table.insert(
      id,
      cells.map((cell) => (cell === 'x' ? id : cell)),
    );

  for (const ids of [odd, odd.slice(0, 3), [...odd, 'nobody', 'a\0d'], []]) {
    const many = table.selectMany(ids);
    for (const id of ids) assert.equal(many.get(id), table.select(id), JSON.stringify(id));
  }
  assert.is(table.selectMany(odd).size, odd.length);
});

test.run();
