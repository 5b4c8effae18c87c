/**
 * A day of technician and gate, without a connection: the clock, a job that is done, an inspection, who passed; and F3, a
 * job with its parts from the clock to the quality check, on a tablet and on a phone, each seen on the other.
 */
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { idBeside } from '../../shared/taller/ids.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('the day');
const PHOTO = join(import.meta.dirname, '../../public/icons/icon-512.png');

let stack: Stack;
let tablet: Device;
/** Of the same technician; from the test of the two clocks on. */
let phone: Device;

test.before(async () => {
  // The demo workshop knows this account as a technician with orders of his own.
  stack = await Stack.open({ orders: 40, users: { mecanico: 'mecanico' } });
  tablet = await stack.device('mecanico');
  await tablet.goOffline();
});

test.after(async () => {
  await stack?.close();
});

const RUNNING = 'select job_id from time_entries where technician_id = ? and stopped_at is null';

const PHOTOS =
  "select count(*) as n from attachments where entity = 'wo_jobs' and entity_id = ? and sha256 <> ''";

/** A job that waits for the customer's yes cannot be started. */
const MAY_START = 'button[aria-label^="Empezar"]:not([disabled])';

test('one clock runs at a time, and what is done stops its own and can be taken back', async () => {
  const { page } = tablet;
  await tablet.execute('update time_entries set stopped_at = started_at where stopped_at is null');
  // Whatever the demo workshop left open, there are two jobs to choose from.
  await tablet.execute("update wo_jobs set approval = 'approved' where approval = 'proposed'");
  await page.goto('/mis-trabajos');
  await page.getByText('Reloj parado').waitFor();
  const open = page.locator('li[data-job]').filter({ has: page.locator(MAY_START) });
  await open.first().waitFor();
  const ids = await open.evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.job));
  const [first, second] = ids;
  const job = (id: string | undefined) => page.locator(`li[data-job="${id}"]`);
  assert.ok(first !== undefined && second !== undefined, 'two jobs to choose from');

  await job(first)
    .getByRole('button', { name: /^Empezar/ })
    .click();
  await job(first)
    .getByRole('button', { name: /^Parar/ })
    .waitFor();
  await job(second)
    .getByRole('button', { name: /^Empezar/ })
    .click();
  await job(second)
    .getByRole('button', { name: /^Parar/ })
    .waitFor();

  assert.equal(await tablet.query(RUNNING, ['mecanico']), [{ job_id: second }]);
  await page.getByRole('region', { name: 'Reloj en marcha' }).waitFor();

  await job(second)
    .getByRole('button', { name: /^Hecho/ })
    .click();
  await page.getByText('Reloj parado').waitFor();
  const undo = page.getByRole('button', { name: 'Deshacer' });
  await undo.focus(); // it stays as long
  const status = 'select status from wo_jobs where id = ?';
  assert.equal(await tablet.query(RUNNING, ['mecanico']), []);
  assert.equal(await tablet.query(status, [second ?? '']), [{ status: 'done' }]);

  await undo.click();
  await job(second)
    .getByRole('button', { name: /^Empezar/ })
    .waitFor();
  assert.equal(await tablet.query(status, [second ?? '']), [{ status: 'paused' }]);
});

test("a technician's first page has their own orders, and leads to their jobs", async () => {
  const { page } = tablet;
  await page.goto('/inicio');
  await page.getByRole('link', { name: /Órdenes mías/ }).waitFor();

  assert.is(await page.getByRole('heading', { name: 'El equipo ahora' }).count(), 0);
  await page.locator('main').getByRole('link', { name: 'Mis trabajos' }).click();
  await page.waitForURL('**/mis-trabajos');
});

test('a technician sees no price among the jobs', async () => {
  await tablet.page.goto('/mis-trabajos');
  await tablet.page.locator('li[data-job]').first().waitFor();
  const text = await tablet.page
    .locator('my-jobs-page')
    .evaluate((page) => page.shadowRoot?.textContent ?? '');
  assert.match(text, /Empezar/);
  assert.not.match(text, /€/);
});

test('a part is asked for and a photo added where the job is, and the order has both', async () => {
  const { page } = tablet;
  await page.goto('/mis-trabajos');
  const item = page
    .locator('li[data-job]')
    .filter({ has: page.getByRole('button', { name: /^Pedir una pieza/ }) })
    .first();
  await item.waitFor();
  const job = String(await item.getAttribute('data-job'));
  const line = page.locator(`li[data-job="${job}"]`);

  await line.getByRole('button', { name: /^Pedir una pieza/ }).click();
  await page.getByRole('searchbox', { name: 'Qué pieza' }).fill('Junta de prueba');
  await page.getByRole('button', { name: 'Pedir', exact: true }).click();
  await line.getByText('Pedida: Junta de prueba').waitFor();
  await line.getByLabel(/^Galería/).setInputFiles(PHOTO);
  await tablet.until('the photo is there', async () => {
    const [row] = await tablet.query(PHOTOS, [job]);
    return row?.n === 1;
  });

  assert.equal(
    await tablet.query(
      "select kind, part_state, qty_milli from wo_lines where job_id = ? and description = 'Junta de prueba'",
      [job],
    ),
    [{ kind: 'part', part_state: 'requested', qty_milli: 1000 }],
  );
});

test('a measure below its limit is urgent, becomes a finding and then a proposed job', async () => {
  const { page } = tablet;
  const [order] = await tablet.query(
    `select id, vehicle_id from work_orders o where locked_at is null and vehicle_id is not null
      and not exists (select 1 from inspections i where i.work_order_id = o.id) limit 1`,
  );
  await page.goto(`/ordenes/${order?.id}/inspeccion`);
  await page.getByRole('button', { name: /Inspección general/ }).click();
  const point = page.locator('inspection-point').first();
  const measure = point.getByRole('textbox', { name: /^Medida/ });
  await measure.fill('1,2');
  await measure.press('Enter');
  await point.getByRole('button', { name: 'Apuntar como hallazgo' }).click();
  await point.getByRole('button', { name: 'Añadir al presupuesto' }).click();
  await point.getByText('Está en el presupuesto').waitFor();

  assert.ok(await point.getByRole('radio', { name: 'Urgente' }).isChecked());
  const [finding] = await tablet.query(
    'select f.status, f.severity from findings f join inspection_items p on p.finding_id = f.id where f.work_order_id = ?',
    [String(order?.id)],
  );
  assert.equal(finding, { status: 'quoted', severity: 'urgent' });
  assert.equal(
    await tablet.query(
      "select approval from wo_jobs where work_order_id = ? and concern = 'Dibujo delantero izquierdo'",
      [String(order?.id)],
    ),
    [{ approval: 'proposed' }],
  );
});

test('an inspection is complete once every point has its light, and then stays as it is', async () => {
  const { page } = tablet;
  const complete = page.getByRole('button', { name: 'Terminar la inspección' });
  assert.ok(await complete.isDisabled());

  await page.getByRole('button', { name: /^No aplica el resto/ }).click();
  await complete.click();

  await page.getByText(/Ya no cambia/).waitFor();
  assert.is(await page.getByRole('radio').count(), 0);
});

test('a person passes the gate by name, and going out again is one tap', async () => {
  const { page } = tablet;
  await page.goto('/porteria');
  await page.getByRole('button', { name: 'Persona' }).click();
  await page.getByRole('textbox', { name: 'Nombre de la persona' }).fill('Repartidor Ortiz');
  await page.getByRole('textbox', { name: 'A quién visita o para qué' }).fill('Recambios');
  await page.getByRole('button', { name: 'Entra', exact: true }).click();
  await page.getByText('Entra Repartidor Ortiz', { exact: true }).waitFor();

  await page.getByRole('group', { name: 'Personas que están dentro' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Sale', exact: true }).click();

  await page.getByText('Sale Repartidor Ortiz', { exact: true }).waitFor();
  assert.equal(
    await tablet.query(
      "select kind, direction, plate, note from gate_events where person = 'Repartidor Ortiz' order by at, id",
    ),
    [
      { kind: 'person', direction: 'in', plate: '', note: 'Recambios' },
      { kind: 'person', direction: 'out', plate: '', note: '' },
    ],
  );
  await page.getByRole('group', { name: 'Personas que están dentro' }).waitFor({ state: 'detached' });
});

test('in and out at the gate in two taps, and the order knows whether the vehicle is here', async () => {
  const { page } = tablet;
  const [order] = await tablet.query(
    `select o.id, v.plate, v.plate_norm from work_orders o join vehicles v on v.id = o.vehicle_id
      join wo_statuses s on s.key = o.status_key where s.phase = 'work' and v.merged_into_id is null limit 1`,
  );
  const plate = String(order?.plate);
  const onSite = async () =>
    (
      await tablet.query(
        'select on_site from work_orders where vehicle_id = (select vehicle_id from work_orders where id = ?) order by opened_at desc limit 1',
        [String(order?.id)],
      )
    )[0]?.on_site;
  await page.goto('/porteria');
  for (const [tap, isHere] of [
    ['Sale', 0],
    ['Entra', 1],
  ] as const) {
    await page.getByRole('textbox', { name: 'Matrícula' }).fill(plate);
    await page.getByRole('group', { name: 'Vehículos encontrados' }).getByRole('button').first().click();
    await page.getByRole('button', { name: tap, exact: true }).click();
    await page.locator('gate-page li').filter({ hasText: tap }).first().waitFor();
    await tablet.until(`on site ${isHere}`, async () => (await onSite()) === isHere);
  }

  await page.getByRole('button', { name: 'Día anterior' }).click();
  await page.getByRole('button', { name: 'Día siguiente' }).click();
  await page.getByRole('heading', { name: 'Hoy' }).waitFor();
  assert.is(await page.getByRole('button', { name: 'Día siguiente' }).isDisabled(), true);
});

test('all of it reaches the workshop once there is a connection', async () => {
  assert.ok((await tablet.status()).pending > 0);
  await tablet.goOnline();
  await tablet.settled();
  assert.equal(await tablet.query("select * from _outbox where state = 'rejected'"), []);
  assert.equal(tablet.errors, []);
});

test('clocks that two tablets started without a connection are shown on both, and one tap leaves the last', async () => {
  phone = await stack.device('mecanico', { viewport: { width: 390, height: 844 } });
  await tablet.execute(
    "update time_entries set stopped_at = started_at where technician_id = 'mecanico' and stopped_at is null",
  );
  await tablet.settled();
  await phone.until('no clock runs', async () => (await phone.query(RUNNING, ['mecanico'])).length === 0);
  await Promise.all([tablet.goOffline(), phone.goOffline()]);

  for (const [place, device] of [tablet, phone].entries()) {
    await device.page.goto('/mis-trabajos');
    await device.page.locator(MAY_START).nth(place).click();
    await device.page.getByRole('region', { name: 'Reloj en marcha' }).waitFor();
  }
  await Promise.all([tablet.goOnline(), phone.goOnline()]);

  for (const { page } of [tablet, phone])
    await page.getByText('Tienes 2 relojes en marcha a la vez').waitFor();
  await phone.page.goto('/conflictos');
  await phone.page.getByRole('region', { name: 'Relojes en marcha a la vez' }).waitFor();
  await phone.page.getByRole('button', { name: 'Dejar solo el último' }).click();

  const alert = tablet.page.getByText('Tienes 2 relojes en marcha a la vez');
  await alert.waitFor({ state: 'detached' });
  await tablet.page.getByRole('region', { name: 'Reloj en marcha' }).waitFor();
  assert.is((await tablet.query(RUNNING, ['mecanico'])).length, 1);
  assert.equal(
    await tablet.query("select count(*) as n from time_entries where correction_reason = 'running-twice'"),
    [{ n: 1 }],
  );
});

for (const name of ['tablet', 'phone']) {
  test(`on a ${name} a job goes from its clock and its parts to done and checked, and the other device has all of it`, async () => {
    const [device, other] = name === 'tablet' ? ([tablet, phone] as const) : ([phone, tablet] as const);
    const { page } = device;
    await Promise.all([device.goOnline(), other.goOnline()]);
    const { order, job } = await orderAtWork(device, `F3-${name}`);
    await device.goOffline();
    await page.goto('/mis-trabajos');
    const item = page.locator(`li[data-job="${job}"]`);
    await item.getByRole('button', { name: /^Empezar/ }).click();
    await item.getByRole('button', { name: /^Parar/ }).waitFor();
    await askForPart(item, 'Retén de prueba', { many: '2' });
    await askForPart(item, 'Aceite del cliente', { isTheirs: true });
    await item.getByLabel(/^Galería/).setInputFiles(PHOTO);
    await device.until('the photo', async () => (await device.query(PHOTOS, [job]))[0]?.n === 1);

    await device.goOnline();
    await other.page.goto(`/ordenes/${order}?pestana=piezas`);
    const state = other.page.getByRole('combobox', { name: 'Estado de Retén de prueba' });
    await state.waitFor();
    assert.is(await state.inputValue(), 'requested');
    await other.page.getByText('La trae el cliente').waitFor();
    await state.selectOption('ordered');
    await item.getByText('Encargada: Retén de prueba').waitFor();
    await device.goOffline();
    await item.getByRole('button', { name: 'Ha llegado: Retén de prueba' }).click();
    const fit = item.getByRole('button', { name: 'Montada: Retén de prueba' });
    await fit.click();
    await fit.waitFor({ state: 'detached' });
    const fitted = page.locator('.toast', { hasText: 'Montada: Retén de prueba' });
    await fitted.getByRole('button', { name: 'Deshacer' }).click();
    await fit.click();
    await fit.waitFor({ state: 'detached' });
    await item.getByRole('button', { name: /^Hecho/ }).click();
    await page.getByText('Reloj parado').waitFor();

    await page.goto(`/ordenes/${order}?pestana=trabajos`);
    for (const [field, text] of [
      ['Causa', 'Retén seco'],
      ['Qué se ha hecho', 'Retén nuevo'],
    ] as const) {
      await page.getByRole('textbox', { name: field }).fill(text);
      await page.getByRole('textbox', { name: field }).blur();
    }
    await page.getByRole('button', { name: 'Comprobado', exact: true }).click();
    await page.getByText('Comprobado por').waitFor();
    for (const key of ['quality', 'ready']) {
      await page.getByRole('combobox', { name: `Estado de F3-${name}` }).selectOption(key);
      await device.until(key, async () => (await read(device, order)).status === key);
    }
    await other.page.goto(`/ordenes/${order}?pestana=trabajos`);
    await other.page.getByText('En marcha').waitFor();
    await device.goOnline();

    await other.page.getByText('Comprobado por').waitFor();
    assert.is(await other.page.getByRole('textbox', { name: 'Qué se ha hecho' }).inputValue(), 'Retén nuevo');
    // A picture has an address once its bytes are on the device.
    await other.page.goto(`/ordenes/${order}?pestana=fotos`);
    await other.page.locator('photo-view img').waitFor();
    await device.settled();
    await other.until('the last step', async () => (await read(other, order)).status === 'ready');
    for (const one of [device, other]) {
      assert.equal(await read(one, order), {
        status: 'ready',
        job: 'done Retén seco Retén nuevo mecanico',
        parts: 'Aceite del cliente requested 1000 1, Retén de prueba installed 2000 0',
        log: 'in_progress-quality, quality-ready',
        clocks: 0,
      });
      assert.equal(one.errors, []);
    }
  });
}

test.run();

/** An approved job of the technician, in an order of its own. */
async function orderAtWork(device: Device, number: string): Promise<{ order: string; job: string }> {
  const order = newId();
  const job = idBeside(order, newId);
  await device.transaction([
    {
      sql: `insert into work_orders (id, number, status_key, technician_id, vehicle_id, opened_at)
        select ?, ?, 'in_progress', 'mecanico', min(id), ? from vehicles`,
      params: [order, number, Date.now()],
    },
    {
      sql: `insert into wo_jobs (id, work_order_id, title, approval) values (?, ?, 'Pierde aceite', 'approved')`,
      params: [job, order],
    },
  ]);
  await device.settled();
  return { order, job };
}

async function askForPart(
  item: Locator,
  part: string,
  { many = '1', isTheirs = false }: { readonly many?: string; readonly isTheirs?: boolean },
): Promise<void> {
  const page = item.page();
  await item.getByRole('button', { name: /^Pedir una pieza/ }).click();
  await page.getByRole('searchbox', { name: 'Qué pieza' }).fill(part);
  await page.getByRole('textbox', { name: 'Cantidad' }).fill(many);
  if (isTheirs) await page.getByRole('checkbox', { name: 'La trae el cliente' }).check();
  await page.getByRole('button', { name: 'Pedir', exact: true }).click();
  await item.getByText(`Pedida: ${part}`).waitFor();
}

/** Where an order stands, its job, its parts in order of name, its steps and the clocks that run on it. */
async function read(device: Device, order: string) {
  const [row] = await device.query(
    `select status_key as status,
      (select group_concat(status || ' ' || cause || ' ' || correction || ' ' || confirmed_by) from wo_jobs where work_order_id = o.id) as job,
      (select group_concat(description || ' ' || part_state || ' ' || qty_milli || ' ' || customer_supplied, ', ')
        from (select * from wo_lines where work_order_id = o.id order by description)) as parts,
      (select group_concat(from_key || '-' || to_key, ', ')
        from (select * from wo_status_log where work_order_id = o.id order by created_at)) as log,
      (select count(*) from time_entries where work_order_id = o.id and stopped_at is null) as clocks
      from work_orders o where id = ?`,
    [order],
  );
  return row ?? {};
}
