/**
 * Two tablets, one workshop: what is made with no network is there after a reload, reaches the other tablet as soon
 * as there is one, merges with what the other did meanwhile, and stands in the reports with who and when.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Device } from './device.ts';
import { Stack, WORKSPACE } from './stack.ts';

const test = suite('two tablets');
/** From the moment there is a network again until the other tablet shows the order. */
const ARRIVAL_MS = 2_000;
const LIST = '/ordenes?vista=lista';

let stack: Stack;
let ana: Device;
let luis: Device;
/** Made by Ana with plain SQL while she had no network. */
const bySql = { customer: newId(), vehicle: newId(), order: newId() };
/** Made by Ana with the form; its id is known once it is made. */
let byForm = '';

test.before(async () => {
  stack = await Stack.open({ orders: 12, users: { ana: 'recepcion', luis: 'recepcion' } });
  ana = await stack.device('ana');
  luis = await stack.device('luis');
});

test.after(async () => {
  await stack?.close();
});

test('an order made with no network is there at once, and after a reload with no network', async () => {
  await ana.goOffline();

  await ana.transaction(
    [
      {
        sql: `insert into customers (id, name, phone) values (?, 'Marta Ibáñez', '600 111 222')`,
        params: [bySql.customer],
      },
      {
        sql: `insert into vehicles (id, plate, plate_norm, make, model) values (?, '1234 BCD', '1234BCD', 'Seat', 'Ibiza')`,
        params: [bySql.vehicle],
      },
      {
        sql: `insert into work_orders (id, number, customer_id, vehicle_id, opened_at, complaint)
              values (?, 'SQL-1', ?, ?, ?, 'Ruido al frenar')`,
        params: [bySql.order, bySql.customer, bySql.vehicle, Date.now()],
      },
    ],
    { label: 'wo.create' },
  );
  byForm = await registerWithForm(ana, '9876 XYZ', 'Julián Ortega');
  await ana.screenshot('offline-order');
  await ana.page.reload(); // the network is away: the service worker answers
  await ana.engineReady();
  await ana.page.getByText('9876 XYZ').first().waitFor();
  await ana.page.goto(LIST);
  await ana.engineReady();

  await orderInList(ana, bySql.order).waitFor();
  await orderInList(ana, byForm).waitFor();
  const { pending } = await ana.status();
  assert.ok(pending >= 2, `${pending} changes wait to be sent`);
  await ana.page.getByText(`Sin conexión. Pendientes: ${pending}.`).first().waitFor();
  await ana.screenshot('offline-list');
});

test('the other tablet shows the orders within two seconds of the network coming back, without a reload', async () => {
  await luis.page.goto(LIST);
  await luis.engineReady();
  await luis.settled();
  assert.is(await orderInList(luis, bySql.order).count(), 0);

  let tookMs = await arrivalMs(bySql.order, byForm);
  for (let again = 1; tookMs > ARRIVAL_MS && again <= 2; again++) {
    // A busy machine may have been slow for a moment; a slow engine is slow every time.
    await ana.goOffline();
    const order = newId();
    await ana.execute('insert into work_orders (id, number, opened_at) values (?, ?, ?)', [
      order,
      'SQL-0',
      Date.now(),
    ]);
    tookMs = await arrivalMs(order);
  }

  process.stdout.write(`\n» the other tablet showed the orders ${tookMs} ms after the network came back\n`);
  assert.ok(tookMs <= ARRIVAL_MS, `${tookMs} ms; at most ${ARRIVAL_MS} ms are allowed`);
  await luis.screenshot('arrived');
});

test('different fields of one order, edited on both tablets with no network, both survive', async () => {
  await Promise.all([openOrder(ana, bySql.order), openOrder(luis, bySql.order)]);
  await ana.settled();
  await luis.settled();
  await Promise.all([ana.goOffline(), luis.goOffline()]);

  await fillField(ana, 'Nota para el cliente', 'Llamar antes de las cinco');
  await fillField(luis, 'Cuentakilómetros', '88000');
  await written(ana, 'customer_note', 'Llamar antes de las cinco');
  await written(luis, 'odometer_in', 88_000);
  await Promise.all([ana.goOnline(), luis.goOnline()]);

  for (const device of [ana, luis]) {
    await written(device, 'customer_note', 'Llamar antes de las cinco');
    await written(device, 'odometer_in', 88_000);
  }
  await shows(luis, 'Nota para el cliente', 'Llamar antes de las cinco');
  await shows(ana, 'Cuentakilómetros', '88000');
});

test('what both type into the shared notes merges, live and after a time with no network', async () => {
  await ana.page.getByText('luis también está aquí').waitFor();
  await typeInto(ana, 'Diagnóstico', 'Pastillas gastadas. ');
  await shows(luis, 'Diagnóstico', 'Pastillas gastadas. ');
  await Promise.all([ana.goOffline(), luis.goOffline()]);

  await typeInto(ana, 'Diagnóstico', 'Discos rayados. ');
  await typeInto(luis, 'Diagnóstico', 'Líquido viejo. ');
  await Promise.all([ana.goOnline(), luis.goOnline()]);
  await ana.settled();
  await luis.settled();

  for (const part of ['Pastillas gastadas.', 'Discos rayados.', 'Líquido viejo.']) {
    await shows(ana, 'Diagnóstico', part);
    await shows(luis, 'Diagnóstico', part);
  }
  assert.is(await noteOf(ana), await noteOf(luis));
  await ana.screenshot('shared-notes');
});

test('the report holds the rows, and their history says who and when', async () => {
  const { pool } = stack;
  const startedAtMs = Date.now() - 10 * 60_000;
  const text = await noteOf(ana);
  await ana.until('reaching the report', async () => {
    const { rows } = await pool.query(
      'select diagnosis from report.work_orders where workspace = $1 and id = $2',
      [WORKSPACE, bySql.order],
    );
    return rows[0]?.diagnosis === text;
  });

  const { rows: orders } = await pool.query(
    `select o.id, o.number, o.customer_note, o.odometer_in::int, c.name, v.plate
       from report.work_orders o
       join report.customers c on c.workspace = o.workspace and c.id = o.customer_id
       join report.vehicles v on v.workspace = o.workspace and v.id = o.vehicle_id
      where o.workspace = $1 and o.id = any($2) order by o.number = 'SQL-1' desc`,
    [WORKSPACE, [bySql.order, byForm]],
  );
  assert.is(orders.length, 2);
  assert.equal(orders[0], {
    id: bySql.order,
    number: 'SQL-1',
    customer_note: 'Llamar antes de las cinco',
    odometer_in: 88_000,
    name: 'Marta Ibáñez',
    plate: '1234 BCD',
  });
  assert.is(orders[1].name, 'Julián Ortega');

  const { rows: history } = await pool.query(
    `select action, column_name, user_name, device, changed_at from report.history
      where workspace = $1 and table_name = 'work_orders' and row_id = $2
        and (action = 'insert' or column_name in ('customer_note', 'odometer_in')) order by changed_at`,
    [WORKSPACE, bySql.order],
  );
  const devices = { ana: (await ana.status()).device, luis: (await luis.status()).device };
  assert.equal(history.map(({ action, column_name, user_name }) => [action, column_name, user_name]).sort(), [
    ['insert', '', 'ana'],
    ['update', 'customer_note', 'ana'],
    ['update', 'odometer_in', 'luis'],
  ]);
  for (const { user_name, device, changed_at } of history) {
    assert.is(device, devices[user_name as 'ana' | 'luis']);
    assert.ok(changed_at.getTime() > startedAtMs && changed_at.getTime() <= Date.now() + 60_000);
  }
});

test('neither page had an error', () => {
  assert.equal([...ana.errors, ...luis.errors], []);
});

test.run();

/** Resolves to the id of the order it made. */
async function registerWithForm(device: Device, plate: string, customer: string): Promise<string> {
  const { page } = device;
  await page.goto('/recepcion/nueva');
  await device.engineReady();
  await page.getByRole('textbox', { name: /Matrícula/ }).fill(plate);
  await page.getByRole('button', { name: /Vehículo nuevo/ }).click();
  await page.getByRole('textbox', { name: 'Marca' }).fill('Renault');
  await page.getByRole('textbox', { name: 'Modelo' }).fill('Clio');
  await page.getByRole('textbox', { name: 'Nombre o teléfono', exact: true }).fill(customer);
  const reasons = page.getByRole('textbox', { name: 'Motivos de la visita' });
  await reasons.fill('Revisión antes de viajar');
  await reasons.blur();
  await page.getByRole('button', { name: 'Crear orden' }).click();
  await page.waitForURL(/\/ordenes\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split('/').pop()!;
}

/** From the moment Ana has a network again until Luis sees the orders. */
async function arrivalMs(...orders: readonly string[]): Promise<number> {
  const startedAtMs = Date.now();
  await ana.goOnline();
  for (const order of orders) await orderInList(luis, order).waitFor();
  return Date.now() - startedAtMs;
}

function orderInList(device: Device, order: string) {
  return device.page.locator(`li[data-order="${order}"]`);
}

async function openOrder(device: Device, order: string): Promise<void> {
  await device.page.goto(`/ordenes/${order}`);
  await device.engineReady();
  await device.page.getByLabel('Diagnóstico').waitFor();
}

/** The page saves a field when it is left. */
async function fillField(device: Device, label: string, value: string): Promise<void> {
  const field = device.page.getByLabel(label);
  await field.fill(value);
  await field.blur();
}

async function written(device: Device, column: string, value: string | number): Promise<void> {
  await device.until(`${column} = ${value}`, async () => {
    const [row] = await device.query(`select ${column} as value from work_orders where id = ?`, [
      bySql.order,
    ]);
    return row?.value === value;
  });
}

async function typeInto(device: Device, label: string, text: string): Promise<void> {
  const field = device.page.getByLabel(label);
  await field.focus();
  await device.page.keyboard.press('Control+End');
  await device.page.keyboard.type(text, { delay: 5 });
}

async function shows(device: Device, label: string, part: string): Promise<void> {
  await device.until(`${label} showing "${part}"`, async () =>
    (await device.page.getByLabel(label).inputValue()).includes(part),
  );
}

async function noteOf(device: Device): Promise<string> {
  const [row] = await device.query('select diagnosis from work_orders where id = ?', [bySql.order]);
  return String(row?.diagnosis);
}
