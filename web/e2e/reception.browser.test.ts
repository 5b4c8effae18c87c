/**
 * A whole reception with no network, on a tablet and on a phone, the tab closed after every step: nothing typed,
 * photographed or marked is lost, the signature makes one order, and another tablet has it as soon as there is a network.
 * With a network a tablet and a phone make one together.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EngineClient } from '../client/engine-client.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('reception');
const PHOTO = join(import.meta.dirname, '../../public/icons/icon-512.png');
/** The other one is on every device once a test has sent it: photos are kept by what is in them. */
const UNSENT_PHOTO = join(import.meta.dirname, '../../public/icons/icon-192.png');
const SIDES = ['Delante', 'Detrás', 'Izquierda', 'Derecha'];

let stack: Stack;
/** Stays on line; what Ana does arrives here. */
let luis: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 6, users: { ana: 'recepcion', luis: 'recepcion' } });
  luis = await stack.device('luis');
});

test.after(async () => {
  await stack?.close();
});

for (const [name, viewport, plate] of [
  ['tablet', { width: 1024, height: 768 }, '4455 KZZ'],
  ['phone', { width: 390, height: 844 }, '4466 KZZ'],
] as const) {
  test(`on a ${name}, with no network and the tab closed after each step`, async () => {
    const ana = await stack.device('ana', { viewport });
    await ana.goOffline();

    await describe(ana, plate);
    await ana.page.getByRole('button', { name: 'Cambio de aceite' }).click();
    await reopen(ana, '/recepcion/nueva');
    await ana.page.getByText('Sigue donde lo dejaste.').waitFor();
    assert.is(await ana.page.getByRole('textbox', { name: 'Marca' }).inputValue(), 'Skoda');
    await ana.page.getByRole('button', { name: 'Cambio de aceite', pressed: true }).click();
    const path = await goOn(ana);
    await ana.page.getByRole('textbox', { name: 'Cuentakilómetros' }).fill('84210');
    await ana.page.getByRole('textbox', { name: 'Llaves', exact: true }).fill('2');
    await ana.page.getByRole('radio', { name: '4 de 8' }).check({ force: true });
    await ana.page.getByRole('group', { name: 'Antena' }).getByRole('button', { name: 'Sí' }).click();
    await stored(ana, path, 'fuel_eighths = 4 and odometer = 84210 and keys_count = 2');
    await reopen(ana, `${path}?paso=fotos`);
    for (const side of SIDES) {
      await ana.page.getByLabel(`Galería: ${side}`).setInputFiles(PHOTO);
    }
    const id = path.split('/').at(-1);
    await until(ana, `select count(*) as n from attachments where entity_id = '${id}'`, SIDES.length);
    await ana.page.getByRole('button', { name: 'Añadir a la lista' }).click();
    await ana.page.getByLabel('Nota del daño 1').fill('puerta');
    await ana.page.getByLabel('Nota del daño 1').blur();
    await until(
      ana,
      `select count(*) as n from damage_marks where note = 'puerta' and reception_id = '${id}'`,
      1,
    );
    await reopen(ana, `${path}?paso=motivos`);
    await ana.page.getByRole('button', { name: 'Cambio de aceite' }).click();
    await ana.page.getByRole('button', { name: 'Reparar', exact: true }).click();
    await ana.page.getByLabel('Prometido para').fill('2026-12-01T17:00');
    await ana.page.getByLabel('Prometido para').blur();
    await stored(
      ana,
      path,
      "promised_at is not null and purpose = 'repair' and concerns = 'Cambio de aceite'",
    );
    await reopen(ana, `${path}?paso=firma`);
    await sign(ana);

    const receipt = await downloadReceipt(ana);
    assert.match(receipt, plate);
    assert.match(receipt, '84.210 km');
    assert.match(receipt, 'Cambio de aceite');
    assert.match(receipt, 'Firmado por Rosa Vela');

    await ana.page.goto('/recepcion/nueva');
    await ana.engineReady();
    assert.is(await ana.page.locator('#plate').inputValue(), '', 'what was saved is begun no more');

    await ana.goOnline();
    await until(
      luis,
      `select count(*) as n from work_orders o join vehicles v on v.id = o.vehicle_id where v.plate = '${plate}'`,
      1,
    );
    await until(luis, `select count(*) as n from attachments where entity_id = '${id}'`, SIDES.length);
    await seePictures(luis, path);
    assert.equal(ana.errors, []);
    await ana.close();
  });
}

test('a photo whose bytes come long after its row shows on the other tablet by itself', async () => {
  const ana = await stack.device('ana');
  const path = await begin(ana, '4433 KZZ');
  let letGo: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await ana.page.route('**/api/objects', async (route) => {
    await held;
    await route.continue();
  });
  await luis.page.goto(`${path}?paso=fotos`);
  await ana.page.goto(`${path}?paso=fotos`);
  const notYet = luis.page.waitForResponse(
    (answer) => answer.url().includes('/api/objects/work/') && answer.status() === 404,
  );
  await ana.page.getByLabel('Galería: Delante').setInputFiles(UNSENT_PHOTO);
  await notYet;
  assert.is(await luis.page.locator('photo-view img').count(), 0);

  letGo();

  await luis.page.locator('photo-view img').waitFor();
  await ana.close();
});

test('[NAV-2] nothing can be typed into a form that was read, so nothing typed is lost while the next page comes', async () => {
  const ana = await stack.device('ana');
  const { page } = ana;
  await describe(ana, '4488 KZZ');
  await page.evaluate(holdReplica);

  await page.getByRole('button', { name: 'Seguir con fotos y firma' }).click();
  const odometer = page.locator('new-reception-page cell-field input').first();
  await odometer.focus();
  await page.keyboard.type('84210');
  const typed = await odometer.inputValue();
  await page.evaluate(() => (window as unknown as HeldReplica).releaseReplica());
  await page.getByRole('textbox', { name: 'Llaves', exact: true }).waitFor();

  assert.is(typed, '');
  await ana.close();
});

test('what was typed last is saved, though a tap on the button leaves the focus where it was', async () => {
  const ana = await stack.device('ana');
  const { page } = ana;
  await describe(ana, '4499 KZZ');

  await page.locator('new-reception-page cell-field input').first().pressSequentially('84210');
  await page.getByRole('button', { name: 'Seguir con fotos y firma' }).evaluate((button) => {
    (button as HTMLElement).click();
  });
  await page.waitForURL(/\/recepcion\/[0-9a-f-]{36}/);

  const path = new URL(page.url()).pathname;
  await stored(ana, path, 'odometer = 84210');
  await ana.close();
});

test('what is missing is said, and nothing can be signed before', async () => {
  const ana = await stack.device('ana');
  const path = await begin(ana, '4477 KZZ');

  await ana.page.goto(`${path}?paso=firma`);

  await ana.page.getByText('las cuatro fotos').waitFor();
  assert.is(await ana.page.getByRole('button', { name: 'Firmar', exact: true }).count(), 0);

  // Another tablet goes on with it; what it fills in is missing no more.
  await ana.page.getByText('el cuentakilómetros').waitFor();
  await luis.page.setViewportSize({ width: 390, height: 844 });
  await luis.page.goto(path);
  const odometer = luis.page.getByRole('textbox', { name: 'Cuentakilómetros' });
  await odometer.fill('84210');
  await odometer.blur();
  await ana.page.getByText('el cuentakilómetros').waitFor({ state: 'detached' });

  // The phone takes the photos, the tablet has the signature, and the receipt is on both.
  await luis.page.goto(`${path}?paso=fotos`);
  for (const side of SIDES) await luis.page.getByLabel(`Galería: ${side}`).setInputFiles(PHOTO);
  await ana.page.getByText('las cuatro fotos').waitFor({ state: 'detached' });
  await luis.page.goto(`${path}?paso=motivos`);
  await luis.page.getByRole('button', { name: 'Reparar', exact: true }).click();
  await luis.page.getByLabel('Prometido para').fill('2026-12-01T17:00');
  await luis.page.getByLabel('Prometido para').blur();
  await sign(ana);
  assert.match(await downloadReceipt(luis), 'Firmado por Rosa Vela');
  await seePictures(ana, path);
  assert.equal([...ana.errors, ...luis.errors], []);
  await ana.close();
});

test.run();

interface HeldReplica {
  releaseReplica: () => void;
}

/** In the page: the replica, which has not told yet how it stands, answers nothing before `releaseReplica`. */
function holdReplica(): void {
  const shell = document.querySelector('app-shell') as HTMLElement & { engine: EngineClient };
  const { engine } = shell;
  const held = new Promise<void>((resolve) => {
    (window as unknown as HeldReplica).releaseReplica = resolve;
  });
  for (const name of ['status', 'transaction'] as const) {
    const answer = engine[name].bind(engine) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(engine, { [name]: (...args: unknown[]) => held.then(() => answer(...args)) });
  }
  const page = shell.shadowRoot?.querySelector('new-reception-page') as object;
  Object.defineProperty(page, 'sync', { get() {}, set() {} });
}

/** A new customer with a new vehicle; resolves to the address of the draft. */
async function begin(device: Device, plate: string): Promise<string> {
  await describe(device, plate);
  return goOn(device);
}

async function goOn({ page }: Device): Promise<string> {
  await page.getByRole('button', { name: 'Seguir con fotos y firma' }).click();
  await page.waitForURL(/\/recepcion\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname;
}

/** Fills the first form of a reception. */
async function describe({ page }: Device, plate: string): Promise<void> {
  await page.goto('/recepcion/nueva');
  await page.locator('#plate').fill(plate);
  await page.getByRole('button', { name: /Vehículo nuevo/ }).click();
  await page.getByRole('textbox', { name: 'Marca' }).fill('Skoda');
  await page.getByRole('textbox', { name: 'Nombre o teléfono', exact: true }).fill('Rosa Vela');
}

/** With a typed name, once nothing is missing. */
async function sign({ page }: Device): Promise<void> {
  await page.getByRole('button', { name: 'Firmar escribiendo el nombre' }).click();
  await page.getByLabel('Acepto que mi nombre').check();
  await page.getByRole('button', { name: 'Firmar', exact: true }).click();
}

/** Those of a signed reception, on the page of its order. A picture has an address once its bytes are on the device. */
async function seePictures(device: Device, path: string): Promise<void> {
  const [order] = await device.query('select work_order_id as id from receptions where id = ?', [
    String(path.split('/').at(-1)),
  ]);
  await device.page.goto(`/ordenes/${order?.id}?pestana=fotos`);
  await device.page
    .locator('photo-view img')
    .nth(SIDES.length - 1)
    .waitFor();
}

/** As when the tab is killed: another page of the same device opens the address. */
async function reopen(device: Device, path: string): Promise<void> {
  await device.page.goto('about:blank');
  await device.page.goto(path);
  await device.engineReady();
}

async function stored(device: Device, path: string, condition: string): Promise<void> {
  const id = path.split('/').at(-1);
  await until(
    device,
    `select count(*) as n from receptions where id = '${id}' and status = 'draft' and ${condition}`,
    1,
  );
}

async function until(device: Device, sql: string, wanted: number): Promise<void> {
  await device.until(`${wanted} of: ${sql}`, async () => Number((await device.query(sql))[0]?.n) === wanted);
}

/** The receipt's PDF as its bytes read letter by letter: its text stands in them. */
async function downloadReceipt({ page }: Device): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Resguardo en PDF' }).click(),
  ]);
  return readFile(await download.path(), 'latin1');
}
