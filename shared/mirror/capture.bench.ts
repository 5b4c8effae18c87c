/** What capture costs on top of SQLite. Budgets: DESIGN.md section 4. */
import * as Y from 'yjs';
import { HybridClock } from '../base/hlc.ts';
import { newDeviceId, newId } from '../base/ids.ts';
import { DocumentRows } from '../registers/document-rows.ts';
import { defineSchema, defineTable, integer, money, optional, reference, text } from '../schema/table.ts';
import { Capture } from './capture.ts';
import { Mirror } from './mirror.ts';
import { loadSqlJs, openSqlJs } from './sqljs.ts';

const ROWS = 100_000;
const UPDATES = 2_000;
const BULK_BUDGET_ROWS_PER_S = 50_000;
const SINGLE_BUDGET_MS = 0.3;
const LOAD_BUDGET_MS = 1000;

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

const ids: string[] = [];
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
      const id = newId(1_790_000_000_000 + index);
      ids.push(id);
      insert.run([id, `ABC-${index}`, 'Toyota', 'Hilux', 2010, 'red', index, 100_000, `c${index % 200}`]);
    }
  }),
);
report(
  'captured bulk insert',
  `${Math.round((ROWS / bulkMs) * 1000)} rows/s`,
  `${BULK_BUDGET_ROWS_PER_S}`,
  (ROWS / bulkMs) * 1000 >= BULK_BUDGET_ROWS_PER_S,
);

const singleMs: number[] = [];
for (let index = 0; index < UPDATES; index++) {
  singleMs.push(
    timed(() =>
      commit(() =>
        sql.run('update vehicles set odometer = odometer + 1 where id = ?', [ids[(index * 37) % ROWS]!]),
      ),
    ),
  );
}
singleMs.sort((a, b) => a - b);
const p50 = singleMs[Math.floor(UPDATES / 2)]!;
report(
  'captured single update p50',
  `${p50.toFixed(3)} ms`,
  `${SINGLE_BUDGET_MS} ms`,
  p50 <= SINGLE_BUDGET_MS,
);

const state = Y.encodeStateAsUpdate(doc);
rows.close();
doc.destroy();
const loaded = new Y.Doc();
const loadMs = timed(() => {
  Y.applyUpdate(loaded, state, 'bench');
  new DocumentRows(loaded, schema);
});
report(
  `load and index ${ROWS} rows`,
  `${Math.round(loadMs)} ms`,
  `${LOAD_BUDGET_MS} ms`,
  loadMs <= LOAD_BUDGET_MS,
);

const fresh = openSqlJs(await loadSqlJs());
const freshMirror = new Mirror(fresh, schema);
freshMirror.createTables();
const loadedRows = new DocumentRows(loaded, schema);
const rebuildMs = timed(() => {
  fresh.exec('begin');
  freshMirror.rebuild('people', loadedRows);
  fresh.exec('commit');
});
report(`rebuild SQL of ${ROWS} rows`, `${Math.round(rebuildMs)} ms`, '2500 ms', rebuildMs <= 2500);

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function report(name: string, figure: string, budget: string, isWithin: boolean): void {
  console.log(`${name}: ${figure} (budget ${budget}) ${isWithin ? 'ok' : 'OVER'}`);
  if (!isWithin) process.exitCode = 1;
}
