/** Taller in Postgres: the demo workspace through log and materializer, and the report views over it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSqlJs, openSqlJs } from '../shared/mirror/sqljs.ts';
import { cellOfPostgres, reportTable } from '../shared/schema/ddl-postgres.ts';
import { tallerApplication } from '../shared/taller/application.ts';
import { playDemo } from '../shared/taller/demo/play.ts';
import { versionStates } from '../shared/taller/estimates.ts';
import { documentTotals } from '../shared/taller/money.ts';
import { countedJobs } from '../shared/taller/options.ts';
import type { WoJob } from '../shared/taller/tables/orders.ts';
import { seedDemo } from './demo.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Materializer } from './materializer/materializer.ts';
import { FolderStore } from './objects/folder-store.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 15);

let database: TestDatabase;
/** The rows of the demo workspace as a replica has them. */
const sql = openSqlJs(await loadSqlJs());

test.before(async () => {
  database = await openTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'espejo-taller-'));
  const log = new PostgresLog({ pool: database.pool, instance: 'taller-test' });
  const materializer = new Materializer({
    pool: database.pool,
    objects: await FolderStore.open(folder),
    application: tallerApplication,
  });
  await materializer.prepare();
  await seedDemo({ log, nowMs: NOW_MS });
  await materializer.runUntilLevel();
  await materializer.close();
  await log.close();
  await rm(folder, { recursive: true, force: true });
  for (const _ of playDemo(sql, { nowMs: NOW_MS })) {
    // The rows are in `sql` once every commit was made.
  }
});

test.after(async () => {
  await database.close();
  sql.close();
});

test('[REG-8] every table of the workshop holds in Postgres what it holds in SQLite', async () => {
  for (const { name, columns } of tallerApplication.schema.tables) {
    const { rows } = await database.pool.query({
      text: `select * from ${reportTable(name)} order by id collate "C"`,
      types: { getTypeParser: parserThatKeepsJson },
    });
    const report = rows.map((row) => ({
      id: row.id,
      ...Object.fromEntries(
        Object.entries(columns).map(([column, { kind }]) => [column, cellOfPostgres(kind, row[column])]),
      ),
    }));

    assert.equal(report, sql.rows(`select * from "${name}" order by id`), name);
  }
});

test('the history of an order says who moved it', async () => {
  const { rows } = await database.pool.query(
    `select h.user_name, h.label, h.new_value from report.history h join report.work_orders o on o.id = h.row_id
     where h.table_name = 'work_orders' and h.column_name = 'status_key' and o.status_key = 'delivered' and h.new_value = '"delivered"'`,
  );

  assert.ok(rows.length > 50);
  assert.ok(rows.every(({ user_name, label }) => user_name === 'recepcion' && label === 'wo.status'));
});

test('[TALLER-8] the report computes an order to the cent as the application does', async () => {
  const { rows } = await database.pool.query<{
    work_order_id: string;
    net_minor: string;
    total_minor: string;
  }>('select work_order_id, net_minor, total_minor from report.order_totals');

  assert.is(rows.length, 120);
  for (const row of rows) {
    const totals = totalsOf(row.work_order_id);
    assert.is(Number(row.net_minor), totals.netMinor, `net of ${row.work_order_id}`);
    assert.is(Number(row.total_minor), totals.totalMinor, `total of ${row.work_order_id}`);
  }
});

test('[TALLER-8] discounts of the order and lump prices come out the same in the report', async () => {
  const [order] = sql.rows(
    "select o.id from work_orders o join wo_jobs j on j.work_order_id = o.id join wo_lines l on l.job_id = j.id where o.status_key = 'delivered' limit 1",
  );
  const id = String(order?.id);
  sql.run('update work_orders set discount_bp = 1250, discount_minor = 33 where id = ?', [id]);
  sql.run(
    'update wo_jobs set lump_price_minor = 19999 where id = (select min(id) from wo_jobs where work_order_id = ?)',
    [id],
  );
  await database.pool.query(
    'update report.work_orders set discount_bp = 1250, discount_minor = 33 where id = $1',
    [id],
  );
  await database.pool.query(
    'update report.wo_jobs set lump_price_minor = 19999 where id = (select min(id) from report.wo_jobs where work_order_id = $1)',
    [id],
  );

  const { rows } = await database.pool.query(
    'select net_minor, total_minor from report.order_totals where work_order_id = $1',
    [id],
  );

  const totals = totalsOf(id);
  assert.is(Number(rows[0].net_minor), totals.netMinor);
  assert.is(Number(rows[0].total_minor), totals.totalMinor);
});

test('[TALLER-8] what the customer declined is owed by nobody, and stands apart', async () => {
  // Neither discounts nor lump prices: nets are the sum of lines.
  const [order] = sql.rows(
    `select o.id from work_orders o join wo_jobs j on j.work_order_id = o.id and j.approval = 'declined'
      where o.discount_bp = 0 and o.discount_minor = 0
        and not exists (select 1 from wo_jobs x where x.work_order_id = o.id and x.lump_price_minor is not null) limit 1`,
  );
  const id = String(order?.id);
  const declined = sql.rows(
    "select l.* from wo_lines l join wo_jobs j on j.id = l.job_id where j.work_order_id = ? and j.approval = 'declined'",
    [id],
  );

  const { rows } = await database.pool.query(
    `select t.net_minor, t.declined_net_minor,
        (select sum(net_minor) from report.order_line_nets n where n.work_order_id = t.work_order_id) as all_minor
       from report.order_totals t where work_order_id = $1`,
    [id],
  );

  const declinedMinor = documentTotals(declined as never).netMinor;
  assert.ok(declinedMinor > 0);
  assert.is(Number(rows[0].declined_net_minor), declinedMinor);
  assert.is(Number(rows[0].net_minor), Number(rows[0].all_minor) - declinedMinor);
});

test('[TALLER-17] the report says of every version of an estimate what the application says', async () => {
  const { rows } = await database.pool.query<{ estimate_id: string; state: string; version: string }>(
    'select estimate_id, state, version from report.estimate_states',
  );

  const versions = sql.rows(`select e.*, (select json_group_array(distinct job_id) from estimate_lines l
    where l.estimate_id = e.id and l.job_id is not null) as jobs_json,
    (select json_group_object(job_id, option_group) from estimate_lines l
    where l.estimate_id = e.id and l.option_group <> '') as options_json from estimates e`);
  const approvals = sql.rows('select * from approvals order by created_at, id');
  const states = new Map(
    [...new Set(versions.map(({ work_order_id }) => work_order_id))].flatMap((order) => [
      ...versionStates(
        versions
          .filter(({ work_order_id }) => work_order_id === order)
          .map((row) => ({
            ...row,
            jobIds: JSON.parse(String(row.jobs_json)),
            optionGroups: new Map(Object.entries(JSON.parse(String(row.options_json)))),
          })) as never,
        approvals as never,
        Date.now(),
      ),
    ]),
  );
  assert.ok(
    rows.some(({ version }) => Number(version) === 2),
    'some estimates have a second version',
  );
  for (const { estimate_id: id, state } of rows) assert.is(state, states.get(id)?.state, id);
});

test('[OPT-2] an option that was not taken is neither approved nor declined work in the report', async () => {
  const { rows } = await database.pool.query(
    `select s.state, s.approved_minor, s.declined_minor, s.total_minor, t.declined_net_minor,
        (select sum(amount_minor) from report.approvals a join report.wo_jobs j on j.workspace = a.workspace and j.id = a.entity_id
          where j.work_order_id = s.work_order_id and j.chosen_option is not null) as taken_minor,
        (select sum(amount_minor) from report.approvals a where a.instead_id is not null and a.decision = 'declined'
          and a.instead_id in (select id from report.wo_jobs j where j.work_order_id = s.work_order_id)) as passed_over_minor
       from report.estimate_states s join report.order_totals t on t.workspace = s.workspace and t.work_order_id = s.work_order_id
       where s.work_order_id in (select work_order_id from report.wo_jobs where chosen_option is not null)
         and s.state <> 'superseded'`,
  );

  assert.is(rows.length, 1);
  const [row] = rows;
  assert.ok(Number(row.taken_minor) > 0 && Number(row.passed_over_minor) > 0);
  assert.ok(Number(row.approved_minor) >= Number(row.taken_minor));
  assert.ok(Number(row.approved_minor) + Number(row.declined_minor) <= Number(row.total_minor));
});

test('[OPT-1] of the options of a group the report counts the one that counts in the application', async () => {
  const [order] = sql.rows(
    "select j.work_order_id as id, j.option_group as name from wo_jobs j join work_orders o on o.id = j.work_order_id where o.status_key = 'waiting_approval' and j.option_group <> '' limit 1",
  );
  const id = String(order?.id);
  const jobs = sql.rows(
    "select id from wo_jobs where work_order_id = ? and option_group <> '' order by sort, created_at, id",
    [id],
  );
  assert.is(jobs.length, 3);
  const totals = new Set<number>();
  for (const approvals of [
    ['proposed', 'proposed', 'proposed'],
    ['declined', 'proposed', 'proposed'],
    ['declined', 'declined', 'approved'],
    ['approved', 'approved', 'declined'],
    ['declined', 'declined', 'declined'],
  ]) {
    for (const [index, approval] of approvals.entries()) {
      const params = [approval, String(jobs[index]?.id)];
      sql.run('update wo_jobs set approval = ? where id = ?', params);
      await database.pool.query('update report.wo_jobs set approval = $1 where id = $2', params);
    }
    const { rows } = await database.pool.query(
      'select total_minor from report.order_totals where work_order_id = $1',
      [id],
    );
    assert.is(Number(rows[0].total_minor), totalsOf(id).totalMinor, approvals.join());
    totals.add(Number(rows[0].total_minor));
    const { rows: waiting } = await database.pool.query(
      `select distinct l.job_id from report.parts_waiting p join report.wo_lines l on l.workspace = p.workspace and l.id = p.line_id
        where p.work_order_id = $1 and l.job_id = any($2)`,
      [id, jobs.map((job) => job.id)],
    );
    const isDeclined = approvals.every((approval) => approval === 'declined');
    assert.is(waiting.length, isDeclined ? 0 : 1, `parts are waited for: ${approvals}`);
  }
  assert.is(totals.size, 4, 'each option has its price, and none is owed');
});

test('every report view answers and has rows where the demo workspace has something to say', async () => {
  const empty = new Set(['comebacks', 'duplicate_numbers', 'number_gaps', 'parts_taken_not_sold']);
  for (const { name } of tallerApplication.reportViews) {
    const { rows } = await database.pool.query(
      `select count(*)::int as rows, count(workspace)::int as named from report.${name}`,
    );
    assert.is(rows[0].rows > 0, !empty.has(name), `report.${name} has ${rows[0].rows} rows`);
    assert.is(rows[0].named, rows[0].rows, `report.${name} has rows without a workspace`);
  }
});

test('[PASSAGE-1] a passage that was crossed out brings nothing on site', async () => {
  const onSite = async () =>
    (await database.pool.query('select plate_norm from report.vehicles_on_site')).rows;
  const [first] = await onSite();
  const { rows } = await database.pool.query(
    'select id, workspace from report.gate_events where plate_norm = $1 order by at desc, id desc limit 1',
    [first.plate_norm],
  );
  await database.pool.query(
    'insert into report.gate_voids (workspace, id, gate_event_id) values ($1, $2, $2)',
    [rows[0].workspace, rows[0].id],
  );

  assert.ok(!(await onSite()).some(({ plate_norm }) => plate_norm === first.plate_norm), rows[0].id);
});

test('[TALLER-1] stock on hand in the report is the sum of the movements', async () => {
  const { rows } = await database.pool.query(
    'select item_id, sum(on_hand_milli)::bigint as on_hand from report.stock_on_hand group by item_id',
  );

  for (const row of rows) {
    const [expected] = sql.rows('select sum(qty_milli) as on_hand from stock_movements where item_id = ?', [
      row.item_id,
    ]);
    assert.is(Number(row.on_hand), expected?.on_hand);
  }
});

test.run();

/** As the order page does: without what the customer declined, and one option of each group. */
function totalsOf(workOrderId: string) {
  const [order] = sql.rows('select discount_bp, discount_minor from work_orders where id = ?', [workOrderId]);
  const jobs = countedJobs(
    sql.rows('select * from wo_jobs where work_order_id = ? order by sort, created_at, id', [
      workOrderId,
    ]) as never[],
  ) as readonly WoJob[];
  const owed = jobs.filter(({ approval }) => approval !== 'declined');
  const lines = sql
    .rows('select * from wo_lines where work_order_id = ?', [workOrderId])
    .filter(({ job_id }) => job_id === null || owed.some(({ id }) => id === job_id));
  return documentTotals(lines as never, { discount: order as never, jobs: owed });
}

/** JSON as the text that was stored; everything else as `pg` reads it. */
function parserThatKeepsJson(oid: number) {
  return oid === pg.types.builtins.JSON ? (text: string) => text : pg.types.getTypeParser(oid);
}
