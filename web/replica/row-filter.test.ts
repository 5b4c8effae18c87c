import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SqlRow } from '../../shared/mirror/sql.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { rowFilterOf } from './row-filter.ts';

const test = suite('row-filter');

/** sql, params, changed table, before, after, may it matter */
const decisions: readonly [string, CellValue[], string, SqlRow | undefined, SqlRow | undefined, boolean][] = [
  ['select * from orders where id = ?', ['a'], 'orders', { id: 'b' }, { id: 'b' }, false],
  ['select * from orders where id = ?', ['a'], 'orders', undefined, { id: 'a' }, true],
  ['select * from orders where status = ?', ['open'], 'orders', { status: 'open' }, { status: 'done' }, true],
  ['select * from orders where status = ?', ['open'], 'orders', { status: 'new' }, { status: 'done' }, false],
  ["select * from orders where 'open' = status", [], 'orders', { status: 'new' }, undefined, false],
  [
    'select * from orders where status in (?, ?)',
    ['a', 'b'],
    'orders',
    { status: 'c' },
    { status: 'd' },
    false,
  ],
  [
    'select * from orders where status in (?, ?)',
    ['a', 'b'],
    'orders',
    { status: 'c' },
    { status: 'b' },
    true,
  ],
  [
    'select * from orders where id = ? or status = ?',
    ['a', 'x'],
    'orders',
    { id: 'b', status: 'y' },
    undefined,
    true,
  ],
  [
    'select * from orders where id = ? and n = 1 or status = ?',
    ['a', 'x'],
    'orders',
    { id: 'b', status: 'x' },
    undefined,
    true,
  ],
  [
    'select * from orders where (id = ? or status = ?) and n = 1',
    ['a', 'x'],
    'orders',
    { id: 'b', n: 2 },
    undefined,
    false,
  ],
  ['select * from orders where n between 1 and 5 and id = ?', ['a'], 'orders', { id: 'b' }, undefined, false],
  // What follows the `and` belongs to the `between`, which is then compared.
  [
    'select * from orders where n between 1 and status = ?',
    ['x'],
    'orders',
    { status: 'y' },
    undefined,
    true,
  ],
  ['select * from orders where id <> ?', ['a'], 'orders', { id: 'a' }, { id: 'a' }, true],
  ['select * from orders where not id = ?', ['a'], 'orders', { id: 'b' }, { id: 'b' }, true],
  ['select * from orders where id = ?', [1], 'orders', { id: '1' }, { id: '1' }, true],
  ['select * from orders where id = ? limit 5', ['a'], 'orders', { id: 'b' }, undefined, false],
  ['select count(*) from orders o where o.id = ?', ['a'], 'orders', { id: 'b' }, undefined, false],
  ['select ? from orders where id = ?', ['b', 'a'], 'orders', { id: 'b' }, undefined, false],
  [
    'select * from orders o join lines l on l.order_id = o.id where o.id = ?',
    ['a'],
    'lines',
    { order_id: 'b' },
    undefined,
    true,
  ],
  [
    'select * from orders o join lines l on l.order_id = o.id where o.id = ?',
    ['a'],
    'orders',
    { id: 'b' },
    undefined,
    false,
  ],
  [
    'select * from orders o left join lines l on l.order_id = ?',
    ['a'],
    'lines',
    { order_id: 'b' },
    undefined,
    false,
  ],
  ['select * from orders o left join lines l on o.id = ?', ['a'], 'orders', { id: 'b' }, undefined, true],
  ['select * from orders a, orders b where a.id = ?', ['a'], 'orders', { id: 'b' }, undefined, true],
  [
    'select * from orders a, orders b where a.id = ? and b.id = ?',
    ['a', 'b'],
    'orders',
    { id: 'c' },
    undefined,
    false,
  ],
  ['select * from orders o, lines where id = ?', ['a'], 'orders', { id: 'b' }, undefined, true],
  ['select * from orders where id = (select max(id) from lines)', [], 'orders', { id: 'b' }, undefined, true],
  [
    'select * from orders where id = ? and n = (select max(n) from orders)',
    ['a'],
    'orders',
    { id: 'b', n: 9 },
    undefined,
    true,
  ],
  // The joined rows are all shown, whatever they are joined on.
  [
    'select * from orders right join lines l on l.kind = ?',
    ['part'],
    'lines',
    { kind: 'labour' },
    undefined,
    true,
  ],
  [
    'select * from orders full join lines l on l.kind = ?',
    ['part'],
    'lines',
    { kind: 'labour' },
    undefined,
    true,
  ],
  ['select * from open_orders where id = ?', ['a'], 'orders', { id: 'b' }, undefined, true],
  ['select * from orders where id = ? collate nocase', ['a'], 'orders', { id: 'A' }, undefined, true],
  ['select * from orders where id = :id', ['a'], 'orders', { id: 'b' }, undefined, true],
  [
    "select * from orders -- where id = 'z'\n where status = 'x'",
    [],
    'orders',
    { id: 'z', status: 'y' },
    undefined,
    false,
  ],
];

for (const [sql, params, table, before, after, expected] of decisions) {
  test(`[LIVE-2] ${sql} ${JSON.stringify(params)} and ${JSON.stringify([before, after])} of ${table}`, () => {
    const filter = rowFilterOf(sql, params);
    assert.is(filter ? filter.mayMatter({ table, id: 'x', before, after }) : true, expected);
  });
}

test.run();
