/** What the first page counts, against a handful of orders of a workshop. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { loadSqlJs, openSqlJs } from '../../shared/mirror/sqljs.ts';
import { sqliteDdl } from '../../shared/schema/ddl-sqlite.ts';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { type DayFigures, dayQuery, type TechnicianNow, teamQuery, tilesOf } from './day.ts';

const test = suite('the first page');
const HOUR_MS = 3_600_000;
const DAY_START_MS = Date.UTC(2026, 10, 20);
const NOW_MS = DAY_START_MS + 12 * HOUR_MS;
const MOMENTS = { nowMs: NOW_MS, dayStartMs: DAY_START_MS, dayEndMs: DAY_START_MS + 24 * HOUR_MS - 1 };
const sqlJs = await loadSqlJs();

test('late, today, waiting and ready count open orders only', () => {
  const { order, figures } = setup();
  order('in_progress', { promised: NOW_MS - 1 });
  order('received', { promised: NOW_MS + HOUR_MS });
  order('waiting_parts', { promised: NOW_MS + 48 * HOUR_MS });
  order('waiting_approval', {});
  order('ready', { promised: NOW_MS - HOUR_MS });
  order('delivered', { promised: NOW_MS - HOUR_MS, delivered: NOW_MS - HOUR_MS });
  order('delivered', { delivered: DAY_START_MS - 1 });
  order('cancelled', { promised: NOW_MS - 1 });
  order('draft', {});

  const { in_shop, late, today, waiting_approval, waiting_parts, ready, delivered_today } = figures('ana');
  assert.equal(
    { in_shop, late, today, waiting_approval, waiting_parts, ready, delivered_today },
    { in_shop: 5, late: 1, today: 1, waiting_approval: 1, waiting_parts: 1, ready: 1, delivered_today: 1 },
  );
});

test("an order is a technician's when it is assigned to them or has a job of theirs", () => {
  const { order, job, figures } = setup();
  order('in_progress', { promised: NOW_MS - 1, technician: 'pau' });
  job(order('waiting_parts', { technician: 'eva' }), 'pau');
  order('in_progress', { promised: NOW_MS + 1, technician: 'eva' });

  const { my_orders, my_late, my_today, my_waiting } = figures('pau');
  assert.equal(
    { my_orders, my_late, my_today, my_waiting },
    { my_orders: 2, my_late: 1, my_today: 0, my_waiting: 1 },
  );
});

test('the team says what runs now, one clock each', () => {
  const { sql, order, job, clock } = setup();
  const first = order('in_progress', { technician: 'pau' });
  clock('pau', job(first, 'pau'), first, NOW_MS - HOUR_MS);
  clock('pau', job(first, 'pau'), first, NOW_MS - 2 * HOUR_MS);

  const { sql: text, params = [] } = teamQuery();
  const team = sql.rows(text, params) as unknown as readonly TechnicianNow[];
  assert.equal(
    team.map(({ id, orders, started_at }) => ({ id, orders, started_at })),
    [
      { id: 'eva', orders: 0, started_at: null },
      { id: 'pau', orders: 1, started_at: NOW_MS - HOUR_MS },
    ],
  );
});

test('every role has six tiles, each with a figure that is counted', () => {
  const counted = Object.keys(setup().figures('ana'));
  for (const role of ['admin', 'recepcion', 'mecanico', 'caja', 'otro']) {
    const tiles = tilesOf(role, 'ana');
    assert.is(tiles.length, 6, role);
    for (const { figure } of tiles) assert.ok(counted.includes(figure), figure);
  }
});

test.run();

function setup() {
  const sql = openSqlJs(sqlJs);
  for (const statement of sqliteDdl(tallerSchema)) sql.run(statement);
  for (const [key, phase] of [
    ['draft', 'draft'],
    ['received', 'open'],
    ['waiting_parts', 'waiting'],
    ['waiting_approval', 'waiting'],
    ['in_progress', 'work'],
    ['ready', 'ready'],
    ['delivered', 'delivered'],
    ['cancelled', 'cancelled'],
  ] as const) {
    insert('wo_statuses', { id: newId(), key, phase });
  }
  for (const id of ['pau', 'eva']) insert('users', { id, display_name: id, is_technician: 1, active: 1 });

  function insert(table: string, cells: Readonly<Record<string, string | number | null>>): string {
    const columns = Object.keys(cells);
    sql.run(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
      Object.values(cells),
    );
    return String(cells.id);
  }

  return {
    sql,
    order: (
      status_key: string,
      { promised = null, delivered = null, technician = null }: OrderFacts,
    ): string =>
      insert('work_orders', {
        id: newId(),
        status_key,
        opened_at: NOW_MS - 72 * HOUR_MS,
        promised_at: promised,
        delivered_at: delivered,
        technician_id: technician,
      }),
    job: (work_order_id: string, technician_id: string): string =>
      insert('wo_jobs', { id: newId(), work_order_id, technician_id, title: 'Frenos' }),
    clock: (technician_id: string, job_id: string, work_order_id: string, started_at: number): string =>
      insert('time_entries', { id: newId(), technician_id, job_id, work_order_id, started_at }),
    figures: (user: string): DayFigures => {
      const { sql: text, params = [] } = dayQuery(user, MOMENTS);
      return sql.rows(text, params)[0] as unknown as DayFigures;
    },
  };
}

interface OrderFacts {
  readonly promised?: number | null;
  readonly delivered?: number | null;
  readonly technician?: string | null;
}
