/** What is to be reviewed, named as people name it, against a handful of rows of a workshop. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { Mirror } from '../../shared/mirror/mirror.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { reviewViolations } from '../../shared/taller/flows/review-flow.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import type { SqlQuery } from '../client/sql-tag.ts';
import {
  brokenRows,
  type TwiceSigned,
  twiceSignedQuery,
  type ViolationRow,
  violationsQuery,
} from './violations.ts';

const test = suite('violations');
const sqlJs = await loadSqlJs();

test('a broken rule names the row, or its order, and where to look', () => {
  const { insert, rows } = setup();
  const vehicle = insert('vehicles', { plate: '1234 BCD' });
  const reception = insert('receptions', { number: 'RD1', vehicle_id: vehicle });
  const order = insert('work_orders', { number: 'OR1', vehicle_id: vehicle });
  const job = insert('wo_jobs', { work_order_id: order });
  broken('receptions', reception, 'sealed');
  broken('wo_jobs', job, 'reference');
  broken('vehicles', vehicle, 'unique');
  broken('settings', 'gone', 'check');
  broken('damage_marks', 'late', 'sealed');

  const found = rows<ViolationRow>(violationsQuery());

  assert.equal(
    found.map(({ table_name, name, path }) => [table_name, name, path]),
    [
      ['receptions', 'RD1 1234 BCD', `/recepcion/${reception}`],
      ['settings', '', ''],
      ['vehicles', '1234 BCD', `/vehiculos/${vehicle}`],
      ['wo_jobs', 'OR1', `/ordenes/${order}`],
    ],
  );

  function broken(table_name: string, row_id: string, kind: string): void {
    insert('_violation', {
      kind,
      table_name,
      row_id,
      rule: '',
      device: '',
      hlc: 0,
      document: table_name === 'damage_marks' ? '' : 'work',
    });
  }
});

test('[REVIEW-1] what was reviewed is gone from the list, and what its device writes later is there again', () => {
  const { sql, insert, rows } = setup();
  const reception = insert('receptions', { number: 'RD1' });
  for (const rule of ['concerns', 'belongings'])
    insert('_violation', {
      kind: 'sealed',
      table_name: 'receptions',
      row_id: reception,
      rule,
      device: 'Tablet02',
      hlc: 1_790_000_000_000 * 4096,
      document: 'work',
    });
  const listed = () => brokenRows(rows<ViolationRow>(violationsQuery()));
  const [late] = listed();
  assert.equal([late?.rules, late?.first.at], [['belongings', 'concerns'], 1_790_000_000_000]);

  const actor = { user: 'ana', device: 'Tablet01', nowMs: 1_790_000_100_000 };
  const { statements } = reviewViolations(actor, late?.violations ?? [], 'Ya lo sabe el cliente');
  for (const { sql: text, params } of statements) sql.run(text, params);
  assert.equal(listed(), []);

  sql.run("update _violation set hlc = hlc + 1 where rule = 'concerns'");
  assert.equal(listed()[0]?.rules, ['concerns']);
});

test('a reception that two tablets signed shows both orders until one is cancelled', () => {
  const { sql, insert, rows } = setup();
  insert('wo_statuses', { key: 'received', phase: 'open' });
  insert('wo_statuses', { key: 'cancelled', phase: 'cancelled' });
  const reception = insert('receptions', { number: 'RD1' });
  const order = (number: string) =>
    insert('work_orders', { number, reception_id: reception, status_key: 'received' });
  const [first, second] = [order('OR1'), order('OR2')];
  sql.run('update receptions set work_order_id = ?', [second]);
  insert('work_orders', { number: 'OR3', reception_id: insert('receptions', {}), status_key: 'received' });

  const numbers = () => rows<TwiceSigned>(twiceSignedQuery()).map(({ number, stands }) => [number, stands]);
  assert.equal(numbers(), [
    ['OR2', 1],
    ['OR1', 0],
  ]);

  sql.run("update work_orders set status_key = 'cancelled' where id = ?", [first]);
  assert.equal(numbers(), []);
});

test.run();

function setup() {
  const sql = openSqlJs(sqlJs);
  new Mirror(sql, tallerSchema).createTables();
  return {
    sql,
    insert(table: string, cells: Readonly<Record<string, string | number>>): string {
      const row = table === '_violation' ? cells : { id: newId(), ...cells };
      const columns = Object.keys(row);
      sql.run(
        `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
        Object.values(row),
      );
      return String((row as { id?: string }).id);
    },
    rows: <R>({ sql: text, params = [] }: SqlQuery): readonly R[] =>
      sql.rows(text, params) as unknown as readonly R[],
  };
}
