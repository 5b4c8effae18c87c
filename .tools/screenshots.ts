/**
 * The pictures of the README: `node --import tsx .tools/screenshots.ts [look] [picture…]`. What `npm start` shows, in a
 * real Chromium on a tablet's screen: the main screens in both languages by day and by night, the others in Spanish by
 * day and in English by night.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Device, launchChromium } from '../web/e2e/device.ts';
import { findChromium } from './chromium.ts';
import { endOnSignals, NODE_TSX, ROOT, run } from './run.ts';

const FOLDER = join(ROOT, '.readme');
const QUALITY = 80;
const LOOKS = [
  { name: 'es-light', locale: 'es-ES', colorScheme: 'light', hasAll: true },
  { name: 'es-dark', locale: 'es-ES', colorScheme: 'dark', hasAll: false },
  { name: 'en-light', locale: 'en-GB', colorScheme: 'light', hasAll: false },
  { name: 'en-dark', locale: 'en-GB', colorScheme: 'dark', hasAll: true },
] as const;
/** What somebody brings along from another program; one row has no name, one is there already. */
const CUSTOMERS_CSV = `Nombre;Teléfono;NIF;Correo;Población
Hnos. Larrea C.B.;976 555 010;E50111226;taller@larrea.example;Zaragoza
Begoña Aliaga;600 555 011;17123456H;begona@correo.example;Cuarte de Huerva
;600 555 012;;sin-nombre@correo.example;Zaragoza
Quesos del Moncayo S.L.;976 555 013;B50765434;pedidos@moncayo.example;Tarazona
Blas Ferrer;600 555 014;25123457F;;Utebo
`;

/** One picture: the place, who looks, and what is done there before. */
interface Picture {
  readonly name: string;
  /** Taken in every look. */
  readonly isMain?: true;
  readonly user?: 'mecanico';
  readonly path: (device: Device) => string | Promise<string>;
  readonly act?: (device: Device) => Promise<unknown>;
  /** Puts the tablet back as it was. */
  readonly after?: (device: Device) => Promise<unknown>;
}

const PICTURES: readonly Picture[] = [
  { name: 'board', isMain: true, path: () => '/ordenes' },
  { name: 'dashboard', isMain: true, path: () => '/inicio' },
  {
    name: 'reception',
    isMain: true,
    path: async (device) =>
      `/recepcion/${await one(device, "select id from receptions where status = 'draft' order by id desc limit 1")}`,
  },
  { name: 'order', isMain: true, path: async (device) => `/ordenes/${await busyOrder(device)}` },
  {
    name: 'inspection',
    isMain: true,
    path: async (device) =>
      `/ordenes/${await one(device, 'select work_order_id as id from inspections where completed_at is null order by id desc limit 1')}/inspeccion`,
  },
  {
    name: 'estimate',
    isMain: true,
    path: async (device) => `/ordenes/${await sentEstimate(device)}/presupuesto`,
  },
  {
    name: 'customer-mode',
    isMain: true,
    path: async (device) => `/ordenes/${await sentEstimate(device)}/presupuesto`,
    act: async ({ page }) => {
      await page.getByRole('button', { name: /^(Mostrar al cliente|Show to the customer)$/ }).click();
      await page
        .getByRole('radio', { name: /^(Sí, adelante|Yes, please)$|recomendada|recommended/ })
        .first()
        .check({ force: true });
    },
    after: ({ page }) => page.evaluate(() => localStorage.removeItem('taller.customer-mode')),
  },
  { name: 'technician', isMain: true, user: 'mecanico', path: () => '/mis-trabajos' },
  {
    name: 'vehicle',
    path: async (device) =>
      `/vehiculos/${await one(device, 'select vehicle_id as id from odometer_readings group by 1 order by count(*) desc, 1 limit 1')}`,
  },
  { name: 'gate', path: () => '/porteria' },
  { name: 'issues', path: () => '/conflictos' },
  {
    name: 'import',
    path: () => '/admin/datos/importar',
    act: ({ page }) =>
      page.locator('input[type=file]').setInputFiles({
        name: 'clientes.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(CUSTOMERS_CSV),
      }),
  },
  { name: 'users', path: () => '/admin/usuarios' },
  { name: 'devices', path: () => '/admin/dispositivos' },
  { name: 'sync', path: () => '/pendientes', act: workOffline, after: (device) => device.goOnline() },
];

endOnSignals();
process.env.CHROMIUM ??= findChromium() ?? '';
mkdirSync(FOLDER, { recursive: true });
const [look = '', ...wanted] = process.argv.slice(2);
const relayPort = await startDemo();
for (const { name, hasAll, ...how } of LOOKS.filter(({ name }) => name.includes(look))) {
  const browser = await launchChromium();
  const open = async (user: string) => {
    const device = await Device.open(browser, user, { relayPort, ...how });
    await device.signIn('demo', user, 'demo');
    await device.settled();
    await device.offlineReady();
    return device;
  };
  const [admin, mecanico] = [await open('admin'), await open('mecanico')];
  await nameDevices(admin);
  if (name === LOOKS[0].name) await disagree(admin, mecanico);
  const pictures = PICTURES.filter(({ isMain }) => hasAll || isMain);
  for (const one of pictures.filter((each) => wanted.length === 0 || wanted.includes(each.name)))
    await take(one, one.user === 'mecanico' ? mecanico : admin, name);
  await browser.close();
}
process.exit();

/** `npm start` in a folder of its own; gives its port. It ends with this process. */
function startDemo(): Promise<number> {
  const env = { PORT: '0', DATA_DIR: mkdtempSync(join(tmpdir(), 'espejo-pictures-')) };
  return new Promise((resolve, reject) => {
    let said = '';
    const onOutput = (text: string) => {
      said += text;
      const port = /localhost:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    run([...NODE_TSX, 'relay/start.ts'], { env, onOutput }).then(() => reject(new Error(said)), reject);
  });
}

async function take({ name, path, act, after }: Picture, device: Device, look: string): Promise<void> {
  const { page, context } = device;
  await page.goto(await path(device));
  await device.engineReady();
  await page.locator('h1').first().waitFor();
  await act?.(device);
  await page.waitForTimeout(2_000); // photos, fonts and figures settle
  await page.locator('.toast').first().waitFor({ state: 'detached' });
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  writeFileSync(join(FOLDER, `${name}-${look}.webp`), Buffer.from(data, 'base64'));
  await after?.(device);
}

async function one(device: Device, sql: string): Promise<string> {
  return String((await device.query(sql))[0]?.id);
}

/** The order at work with the most to show. */
function busyOrder(device: Device): Promise<string> {
  return one(
    device,
    `select o.id from work_orders o join wo_lines l on l.work_order_id = o.id
      where o.status_key = 'in_progress' group by o.id order by count(*) desc, o.id limit 1`,
  );
}

/** An order whose customer still has to say what they want; the one with the most jobs. */
function sentEstimate(device: Device): Promise<string> {
  return one(
    device,
    `select o.id from work_orders o join wo_jobs j on j.work_order_id = o.id
      where o.status_key = 'waiting_approval' group by o.id order by count(*) desc, o.id limit 1`,
  );
}

/** Once the relay has given each its row; a device without a name is called by its id. */
async function nameDevices(device: Device): Promise<void> {
  await device.until('counting two devices', async () => {
    const rows = await device.query(
      "select id from devices where name = id and registered_by in ('admin', 'mecanico')",
    );
    return rows.length === 2;
  });
  await device.execute(
    "update devices set name = case registered_by when 'admin' then 'Mostrador ' else 'Elevador ' end || substr(series_code, 2) where name = id",
  );
}

/** Two tablets without a connection change the same cells, and meet again. */
async function disagree(first: Device, second: Device): Promise<void> {
  const order = await busyOrder(first);
  await Promise.all([first.goOffline(), second.goOffline()]);
  await first.execute('update work_orders set odometer_in = 88482 where id = ?', [order]);
  await second.execute('update work_orders set odometer_in = 88842 where id = ?', [order]);
  for (const device of [first, second]) {
    await device.goOnline();
    await device.settled();
  }
}

/** A morning with the line down: what is done waits to be sent. */
async function workOffline(device: Device): Promise<void> {
  const order = await busyOrder(device);
  const isSpanish = await device.page.evaluate(() => document.documentElement.lang === 'es');
  await device.goOffline();
  const commit = (label: string, sql: string, params: (string | number)[]) =>
    device.transaction([{ sql, params }], { label });
  await commit('wo.edit', 'update work_orders set customer_note = ? where id = ?', [
    isSpanish ? 'Llamar antes de las cinco' : 'Call before five',
    order,
  ]);
  await commit('wo.status', 'update work_orders set priority = 1 - priority where id = ?', [order]);
  await commit(
    'customer.edit',
    'update customers set city = ? where id = (select customer_id from work_orders where id = ?)',
    [isSpanish ? 'Utebo' : 'Cadrete', order],
  );
  await device.page.getByRole('listitem').first().waitFor();
}
