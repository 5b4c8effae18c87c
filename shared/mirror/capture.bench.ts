/** What capture costs on top of SQLite. Budgets: DESIGN.md section 4. */
import * as Y from 'yjs';
import { HybridClock } from '../base/hlc.ts';
import { newDeviceId, newId } from '../base/ids.ts';
import { applyRemoteUpdate } from '../registers/apply.ts';
import { DocumentRows, type Touched } from '../registers/document-rows.ts';
import { scanUpdate } from '../registers/update-scan.ts';
import { defineSchema, defineTable, integer, money, optional, reference, text } from '../schema/table.ts';
import { percentile, report } from '../testing/bench.ts';
import { Capture } from './capture.ts';
import { Mirror } from './mirror.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const ROWS = 100_000;
const UPDATES = 2_000;
const MERGED = 10_000;
const BULK_BUDGET_ROWS_PER_S = 50_000;
const SINGLE_BUDGET_MS = 0.3;
const LOAD_BUDGET_MS = 1000;
const REBUILD_BUDGET_MS = 2500;
const SCAN_BUDGET_MS = 250;
const MERGE_BUDGET_MS = 400;

const schema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [{ name: 'people', bucketed: false }],
  tables: [
    defineTable('customers', { family: 'people' }, { name: text() }),
    defineTable(
      'vehicles',
      { family: 'people' },
      {
        plate: text({ index: true }),
        make: text(),
        model: text(),
        year: integer(),
        color: text(),
        odometer: integer(),
        value_minor: money(),
        customer_id: optional(reference('customers')),
      },
    ),
  ],
});

const sql = openSqlJs(await loadSqlJs());
const doc = new Y.Doc();
const rows = new DocumentRows(doc, schema);
const mirror = new Mirror(sql, schema);
const capture = new Capture(sql, schema);
const clock = new HybridClock(Date.now);
const device = newDeviceId();
mirror.createTables();
capture.install();

function commit(work: () => void): void {
  sql.exec('begin');
  work();
  const result = capture.write({ user: 'ana', device, hlc: clock.tick(), documentRows: () => rows });
  result.apply('bench');
  for (const [document, touched] of result.touched) mirror.settle(document, rows, touched);
  sql.exec('commit');
}

const ids = Array.from({ length: ROWS }, (_, index) => newId(1_790_000_000_000 + index));
commit(() => {
  for (let index = 0; index < 200; index++)
    sql.run('insert into customers (id, name) values (?, ?)', [`c${index}`, 'Ana']);
});
const insert = sql.prepare(
  'insert into vehicles (id, plate, make, model, year, color, odometer, value_minor, customer_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
);
const bulkMs = timed(() =>
  commit(() => {
    for (let index = 0; index < ROWS; index++) {
      const id = ids[index]!;
      insert.run([id, `ABC-${index}`, 'Toyota', 'Hilux', 2010, 'red', index, 100_000, `c${index % 200}`]);
    }
  }),
);
report({
  name: 'captured bulk insert, 10 columns, 100 000 rows',
  value: (ROWS / bulkMs) * 1000,
  unit: 'rows/s',
  budget: { atLeast: BULK_BUDGET_ROWS_PER_S },
});

const singleMs = Array.from({ length: UPDATES }, (_, index) =>
  timed(() =>
    commit(() =>
      sql.run('update vehicles set odometer = odometer + 1 where id = ?', [ids[(index * 37) % ROWS]!]),
    ),
  ),
);
report({
  name: 'captured single update, transaction to registers',
  value: percentile(singleMs, 50),
  unit: 'ms',
  budget: { atMost: SINGLE_BUDGET_MS },
  note: `p50 of ${UPDATES}, p99 ${percentile(singleMs, 99).toFixed(2)}`,
});

const state = Y.encodeStateAsUpdate(doc);
const loaded = new Y.Doc();
const loadMs = timed(() => {
  Y.applyUpdate(loaded, state, 'bench');
  new DocumentRows(loaded, schema);
});
report({
  name: 'load a document and index its rows, 100 000 rows',
  value: loadMs,
  unit: 'ms',
  budget: { atMost: LOAD_BUDGET_MS },
});

const scanMs = timed(() => scanUpdate(state));
report({
  name: 'scan an update of 100 000 rows before it is applied',
  value: scanMs,
  unit: 'ms',
  budget: { atMost: SCAN_BUDGET_MS },
});

const fresh = openSqlJs(await loadSqlJs());
const freshMirror = new Mirror(fresh, schema);
freshMirror.createTables();
const loadedRows = new DocumentRows(loaded, schema);
const rebuildMs = timed(() => {
  fresh.exec('begin');
  freshMirror.rebuild('people', loadedRows);
  fresh.exec('commit');
});
report({
  name: 'rebuild SQL from registers, 100 000 rows',
  value: rebuildMs,
  unit: 'ms',
  budget: { atMost: REBUILD_BUDGET_MS },
});

const remote = new Y.Doc();
Y.applyUpdate(remote, state, 'bench');
const before = Y.encodeStateVector(remote);
remote.transact(() => {
  const map = remote.getMap('vehicles');
  for (let index = 0; index < MERGED; index++) {
    map.set(`${ids[index * 7]}~ZZZZZZZZ~odometer`, [clock.last + index + 1, clock.last, 500_000 + index]);
  }
});
const merged = Y.encodeStateAsUpdate(remote, before);
let touched: Touched = new Map();
loadedRows.observe((rowsTouched) => {
  touched = rowsTouched;
});
const mergeMs = timed(() => {
  applyRemoteUpdate(loaded, merged, 'bench');
  fresh.exec('begin');
  freshMirror.project('people', loadedRows, touched);
  fresh.exec('commit');
});
const [{ n }] = fresh.rows('select count(*) as n from vehicles where odometer >= 500000') as [{ n: number }];
if (n !== MERGED) throw new Error(`${n} of ${MERGED} changes were merged`);
report({
  name: 'merge 10 000 remote row changes into SQL',
  value: mergeMs,
  unit: 'ms',
  budget: { atMost: MERGE_BUDGET_MS },
});

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
