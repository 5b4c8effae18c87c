import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { Mirror } from '../../shared/mirror/mirror.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { runningMs, type TaskRow, tasksQuery } from './technician.ts';

const test = suite('a technician at work');
const sqlJs = await loadSqlJs();
const HOUR_MS = 3_600_000;
const NOW_MS = 1_790_000_000_000;

test('clocks that run count up to now, and of those since yesterday only what is of today', () => {
  const entries = [{ started_at: NOW_MS - HOUR_MS }, { started_at: NOW_MS - 3 * HOUR_MS }];

  assert.is(runningMs(entries, NOW_MS), 4 * HOUR_MS);
  assert.is(runningMs(entries, NOW_MS, NOW_MS - 2 * HOUR_MS), 3 * HOUR_MS);
  assert.is(runningMs([], NOW_MS), 0);
});

test('a clock that another tablet started ahead of this one counts nothing', () => {
  assert.is(runningMs([{ started_at: NOW_MS + 5_000 }], NOW_MS), 0);
});

test('[OPT-1] of the options of a group only the one that counts is work: the taken one, else the recommended', () => {
  const sql = openSqlJs(sqlJs);
  new Mirror(sql, tallerSchema).createTables();
  const insert = (table: string, cells: Readonly<Record<string, string | number>>) => {
    const id = newId();
    const row = { id, ...cells };
    const columns = Object.keys(row);
    sql.run(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
      Object.values(row),
    );
    return id;
  };
  insert('wo_statuses', { key: 'diagnosis', phase: 'work' });
  const order = insert('work_orders', { status_key: 'diagnosis', technician_id: 'luis' });
  const job = (title: string, sort: number, option_group = '') =>
    insert('wo_jobs', { work_order_id: order, title, sort, option_group, approval: 'proposed' });
  job('Aceite', 3);
  const economic = job('Económica', 2, 'Frenos');
  const original = job('Original', 1, 'Frenos');
  const answer = (id: string, approval: string) =>
    sql.run('update wo_jobs set approval = ? where id = ?', [approval, id]);
  const work = () => {
    const { sql: text, params = [] } = tasksQuery('luis');
    return (sql.rows(text, params) as unknown as TaskRow[]).map(({ title }) => title);
  };

  assert.equal(work(), ['Original', 'Aceite']);
  answer(economic, 'approved');
  assert.equal(work(), ['Económica', 'Aceite'], 'taken, though the other has no answer yet');
  answer(original, 'declined');
  assert.equal(work(), ['Económica', 'Aceite']);
  answer(economic, 'proposed');
  assert.equal(work(), ['Económica', 'Aceite'], 'the first that waits');
});

test.run();
