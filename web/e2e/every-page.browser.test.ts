/**
 * Every page, in each theme and on a tablet and a phone: axe finds nothing, nothing scrolls sideways, the page has its
 * heading, nothing was fetched from another origin and the content security policy was not broken.
 */
import AxeBuilder from '@axe-core/playwright';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('every page');

const SCREENS = [
  { name: 'tablet, light', viewport: { width: 1024, height: 768 }, colorScheme: 'light', locale: 'es-ES' },
  {
    name: 'phone, dark, English',
    viewport: { width: 390, height: 844 },
    colorScheme: 'dark',
    locale: 'en-GB',
  },
] as const;

let stack: Stack;

test.before(async () => {
  stack = await Stack.open({ orders: 24, users: { ana: 'admin', miguel: 'mecanico' } });
});

test.after(async () => {
  await stack?.close();
});

for (const screen of SCREENS) {
  test(`on a ${screen.name}: accessible, within its width, and from one origin`, async () => {
    const device = await stack.device('ana', screen);
    const strangers: string[] = [];
    const broken: string[] = [];
    const { origin } = new URL(device.page.url());
    device.page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(origin))
        strangers.push(request.url());
    });
    device.page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) broken.push(message.text());
    });

    const findings: string[] = [];
    for (const path of await pathsOf(device)) findings.push(...(await findingsOf(device, path)));
    findings.push(...(await customerModeFindings(device)));

    assert.equal(findings, []);
    assert.equal(strangers, []);
    assert.equal(broken, []);
    assert.equal(device.errors, []);
    await breakPolicy(device);
    assert.is(broken.length, 1, 'who listens hears a breach');
    await device.close();
  });
}

test('pages for administrators show a technician what there is, and ask the relay for nothing that it refuses', async () => {
  const device = await stack.device('miguel');
  const { page } = device;
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`);
  });

  for (const path of ['/admin/usuarios', '/admin/dispositivos']) {
    await page.goto(path);
    await page.getByRole('status').getByText('hace falta que un administrador').waitFor();
  }
  await page.locator(`li[data-device="${(await device.status()).device}"]`).waitFor();
  for (const path of ['/admin', '/admin/roles', '/admin/datos', '/admin/datos/importar', '/diagnostico']) {
    await page.goto(path);
    await page.locator('h1').first().waitFor();
    await page.locator('state-note[kind="loading"]').first().waitFor({ state: 'detached' });
  }

  assert.equal(refused, []);
  assert.equal(device.errors, []);
  await device.close();
});

test.run();

/** Asks for a picture of somebody else's; resolves once the browser has refused it. */
async function breakPolicy({ page }: Device): Promise<void> {
  const heard = page.waitForEvent('console', (message) => message.text().includes('elsewhere.invalid'));
  await page.evaluate(() => {
    const picture = document.createElement('img');
    picture.src = 'https://elsewhere.invalid/picture.png';
    document.body.append(picture);
  });
  await heard;
}

/** Every route, with rows of the demo workshop in place of its parameters. */
async function pathsOf(device: Device): Promise<string[]> {
  const one = async (sql: string): Promise<string> => String((await device.query(sql))[0]?.id);
  const order = await one("select id from work_orders where status_key = 'in_progress' limit 1");
  const draft = await one("select id from work_orders where status_key in ('diagnosis', 'received') limit 1");
  const reception = await one("select id from receptions where status = 'signed' limit 1");
  const customer = await one('select customer_id as id from work_orders limit 1');
  const another = await one(`select id from customers where id <> '${customer}' limit 1`);
  const vehicle = await one('select vehicle_id as id from odometer_readings limit 1');
  return [
    '/inicio',
    '/ordenes',
    '/ordenes?vista=lista',
    '/ordenes?vista=carriles',
    '/ordenes/there-is-none',
    ...[
      '',
      '?pestana=trabajos',
      '?pestana=piezas',
      '?pestana=fotos',
      '?pestana=firmas',
      '?pestana=firmas&firmar=consent',
      '?pestana=historial',
    ].map((tab) => `/ordenes/${order}${tab}`),
    '/mis-trabajos',
    '/recepcion',
    '/porteria',
    '/recepcion/nueva',
    ...(reception === 'undefined' ? [] : [`/recepcion/${reception}`]),
    '/clientes',
    `/clientes/${customer}`,
    `/vehiculos/${vehicle}`,
    '/repetidos',
    `/repetidos/clientes/${customer}/${another}`,
    '/admin',
    '/admin/usuarios',
    '/admin/roles',
    '/admin/dispositivos',
    '/admin/datos',
    '/admin/datos/importar',
    '/bienvenida',
    '/pendientes',
    '/conflictos',
    '/ayuda',
    `/ordenes/${order}/inspeccion`,
    `/ordenes/${order}/presupuesto`,
    `/ordenes/${draft}/presupuesto?version=nueva`,
  ];
}

async function findingsOf(device: Device, path: string): Promise<string[]> {
  const { page } = device;
  await page.goto(path);
  await page.locator('h1').first().waitFor();
  await page.locator('state-note[kind="loading"]').first().waitFor({ state: 'detached' });
  return lookAt(device, path);
}

/** The estimate in a customer's hands, which is reached by handing the tablet over. */
async function customerModeFindings(device: Device): Promise<string[]> {
  const { page } = device;
  const [waiting] = await device.query(
    "select o.id from work_orders o join wo_jobs j on j.work_order_id = o.id where o.status_key = 'waiting_approval' and j.option_group <> '' limit 1",
  );
  await page.goto(`/ordenes/${waiting?.id}/presupuesto`);
  const show = page.getByRole('button', { name: /^(Mostrar al cliente|Show to the customer)$/ });
  await show.waitFor();
  const sent = await lookAt(device, 'an estimate that waits for its answer');
  await show.click();
  // Of options the one that is recommended.
  const yes = page.getByRole('radio', { name: /^(Sí, adelante|Yes, please)$|recomendada|recommended/ });
  await yes.first().waitFor();
  const choosing = await lookAt(device, 'customer mode, choosing');
  for (const one of await yes.all()) await one.check({ force: true });
  await page.getByRole('button', { name: /^(Firmar|Sign)$/ }).click();
  await page.locator('signature-field canvas').waitFor();
  return [...sent, ...choosing, ...(await lookAt(device, 'customer mode, signing'))];
}

async function lookAt({ page }: Device, path: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return [
    ...violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html ?? ''}`),
    ...(overflow > 0 ? [`${path}: ${overflow} px wider than the screen`] : []),
  ];
}
