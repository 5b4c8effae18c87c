import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cellOfPostgres,
  cellToPostgres,
  postgresDdl,
  reportTable,
} from '../../shared/schema/ddl-postgres.ts';
import type { CellValue, ColumnKind } from '../../shared/schema/table.ts';
import { testSchema } from '../../shared/testing/test-schema.ts';
import { openTestDatabase } from '../testing/postgres.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;

test.before(async () => {
  database = await openTestDatabase();
  for (let run = 0; run < 2; run++)
    for (const statement of postgresDdl(testSchema)) await database.pool.query(statement);
});

test.after(() => database.close());

test('[SCHEMA-3] the same definition gives report tables with real types, defaults and comments', async () => {
  const { rows } = await database.pool.query(
    `select column_name, data_type, is_nullable,
       col_description('report.customers'::regclass, ordinal_position::int) as comment
     from information_schema.columns where table_schema = 'report' and table_name = 'customers' order by ordinal_position`,
  );

  assert.equal(
    rows.map((row) => [row.column_name, row.data_type, row.is_nullable]),
    [
      ['workspace', 'text', 'NO'],
      ['id', 'text', 'NO'],
      ['name', 'text', 'NO'],
      ['email', 'text', 'YES'],
      ['vip', 'boolean', 'NO'],
      ['points', 'bigint', 'NO'],
      ['remarks', 'text', 'NO'],
      ['created_at', 'timestamp with time zone', 'NO'],
      ['created_by', 'text', 'NO'],
      ['created_device', 'text', 'NO'],
    ],
  );
  assert.is(rows[2]?.comment, 'as on the invoice');
});

test('[SCHEMA-3] a column that the schema gained is added to a table with rows', async () => {
  await database.pool.query("insert into report.movements (workspace, id) values ('w', '1')");
  await database.pool.query('alter table report.movements drop column reason');

  for (const statement of postgresDdl(testSchema)) await database.pool.query(statement);

  const { rows } = await database.pool.query('select reason from report.movements');
  assert.equal(rows[0]?.reason, '');
});

test('[SCHEMA-4] a cell of any kind comes back from Postgres as it was', async () => {
  const cells: [ColumnKind, CellValue][] = [
    ['text', "d'or 😀 \\ ñ"],
    ['integer', -9_007_199_254_740_991],
    ['real', 0.1],
    ['real', 1e300],
    ['boolean', 1],
    ['boolean', 0],
    ['timestamp', 1_790_000_000_123],
    ['timestamp', -62_135_596_800_000],
    ['timestamp', 253_402_300_799_999],
    ['money', 9_007_199_254_740_991],
    ['quantity', -1],
    ['json', '{"b":1.0,  "a":[1,2]}'],
    ['reference', 'c1'],
    ['text', null],
    ['timestamp', null],
  ];
  const types: Partial<Record<ColumnKind, string>> = {
    integer: 'bigint',
    real: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    money: 'bigint',
    quantity: 'bigint',
    json: 'json',
  };
  for (const [kind, cell] of cells) {
    const type = types[kind] ?? 'text';
    const { rows } = await database.pool.query(
      `select ($1::${type})${kind === 'json' ? '::text' : ''} as cell`,
      [cellToPostgres(kind, cell)],
    );
    assert.equal(cellOfPostgres(kind, rows[0]?.cell), cell, `${kind} ${cell}`);
  }
});

test('names are quoted', () => {
  assert.is(reportTable('order'), 'report."order"');
});

test.run();
