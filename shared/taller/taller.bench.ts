/** What a workshop with 20 000 customers waits for: search as it types, duplicates, and the demo at the first start. */
import { Mirror } from '../mirror/mirror.ts';
import { loadSqlJs, openSqlJs } from '../mirror/sqljs.ts';
import { bench } from '../testing/bench.ts';
import { playDemo } from './demo/play.ts';
import { DUPLICATE_CUSTOMERS_SQL, DUPLICATE_VEHICLES_SQL, keptSql } from './duplicates.ts';
import { tallerSchema } from './schema.ts';
import { searchStatement } from './search.ts';

const CUSTOMERS = 20_000;
const ORDERS = 100_000;
/** A keystroke is answered while the finger is still on its way to the next key. */
const SEARCH_BUDGET_MS = 60;
const DUPLICATES_BUDGET_MS = 250;
const DEMO_BUDGET_MS = 2_500;

const sqlJs = await loadSqlJs();
const sql = openSqlJs(sqlJs);
new Mirror(sql, tallerSchema).createTables();
sql.exec('begin');
for (let index = 0; index < CUSTOMERS; index++) {
  const phone = String(index).padStart(8, '0');
  sql.run('insert into customers (id, name, phone_norm, tax_id_norm) values (?, ?, ?, ?)', [
    `c${index}`,
    `Íñigo Núñez ${index}`,
    // One in a thousand has the phone of another.
    `+346${index % 1000 === 999 ? '00000000' : phone}`,
    index % 3 === 0 ? `B${phone}` : '',
  ]);
  sql.run('insert into vehicles (id, plate, plate_norm, make, model) values (?, ?, ?, ?, ?)', [
    `v${index}`,
    `${index} BCD`,
    `${String(index).padStart(5, '0')}BCD`,
    'Seat',
    'León',
  ]);
}
for (let index = 0; index < ORDERS; index++) {
  sql.run('insert into work_orders (id, number, vehicle_id, customer_id, opened_at) values (?, ?, ?, ?, ?)', [
    `o${index}`,
    `OR26-R1-${String(index).padStart(6, '0')}`,
    `v${index % CUSTOMERS}`,
    `c${index % CUSTOMERS}`,
    index,
  ]);
}
sql.exec('commit');

const results = [
  await bench({
    name: 'search "nunez 1999", 20 000 customers, 100 000 orders',
    setup: () => searchStatement('nunez 1999')!,
    run: (statement) => sql.rows(statement.sql, statement.params),
    check: (rows) => expect((rows as unknown[]).length > 10, 'the search found too little'),
    budgetMs: SEARCH_BUDGET_MS,
  }),
  await bench({
    name: 'duplicates of customers and vehicles, 20 000 each',
    setup: () => undefined,
    run: () => [...sql.rows(DUPLICATE_CUSTOMERS_SQL), ...sql.rows(DUPLICATE_VEHICLES_SQL)],
    check: (rows) => expect((rows as unknown[]).length === CUSTOMERS / 1000, 'not every duplicate was found'),
    budgetMs: DUPLICATES_BUDGET_MS,
  }),
  await bench({
    name: 'who stands for whom after merges, 20 000 customers',
    setup: () => undefined,
    run: () => sql.rows(`select count(*) as n from (${keptSql('customers')})`),
    check: (rows) => expect((rows as { n: number }[])[0]?.n === CUSTOMERS, 'a customer is missing'),
    budgetMs: DUPLICATES_BUDGET_MS,
  }),
  await bench({
    name: 'demo workspace of 120 orders made by the engine',
    setup: () => openSqlJs(sqlJs),
    run: (database) => [...playDemo(database, { nowMs: Date.UTC(2026, 10, 20, 15) })].length,
    check: (commits) => expect(Number(commits) > 1000, 'the demo is too small'),
    teardown: (database) => database.close(),
    runs: 3,
    budgetMs: DEMO_BUDGET_MS,
  }),
];
sql.close();
if (results.includes(false)) process.exitCode = 1;

function expect(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
