/**
 * F13 and F14: a file of 10 000 customers comes in without a connection and is taken back, vehicles come from Excel, an
 * import that was begun with a connection loses it, and a customer or a vehicle that two tablets made at once becomes one
 * again.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { SPANISH_CSV } from '../../shared/taller/csv.ts';
import { writeRows } from '../app/files/spreadsheet.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('records');
const ROWS = 10_000;
/** A first import of a large file, on two slow cores. */
const IMPORT_TIMEOUT_MS = 90_000;

let stack: Stack;
let office: Device;
let counter: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 12, users: { admin: 'admin', recepcion: 'recepcion' } });
  [office, counter] = await Promise.all([
    stack.device('admin'),
    stack.device('recepcion', { viewport: { width: 390, height: 844 } }),
  ]);
});

test.after(async () => {
  await stack?.close();
});

const customers = async (device: Device): Promise<number> =>
  Number((await device.query('select count(*) as n from customers'))[0]?.n);

test('[FILE-1] 10 000 customers of a CSV file: problems first, then the rows, and all of it taken back', async () => {
  const { page } = office;
  const before = await customers(office);
  await office.goOffline();
  await page.goto('/admin/datos/importar');
  await page.getByRole('button', { name: 'Clientes', exact: true }).click();

  await choose(office, 'clientes.csv', csvOfCustomers());
  const columns = page.getByRole('region', { name: 'Columnas' });
  await columns.getByText('10.002 filas').waitFor();
  assert.is(await columns.getByLabel(/^Nombre/).inputValue(), '0');
  assert.is(await columns.getByLabel('Teléfono', { exact: true }).inputValue(), '2');
  await columns.getByRole('button', { name: 'Comprobar' }).click();

  const report = page.getByRole('region', { name: 'Comprobación' });
  await report.getByRole('button', { name: 'Importar 10.000 filas' }).waitFor({ timeout: IMPORT_TIMEOUT_MS });
  assert.is(await report.locator('[data-count="bad"]').textContent(), '2');
  const problems = report.getByRole('region', { name: 'Problemas' });
  await problems.getByRole('row', { name: /^10002 Nombre .*Falta/ }).waitFor();
  await problems.getByRole('row', { name: /^10003 NIF 11111111-H .*repetido en el archivo/ }).waitFor();
  assert.is(await customers(office), before, 'a dry run writes nothing');

  await report.getByRole('button', { name: 'Importar 10.000 filas' }).click();
  await page.getByRole('progressbar', { name: 'Filas importadas' }).waitFor();
  await page
    .getByRole('heading', { name: '10.000 filas importadas' })
    .waitFor({ timeout: IMPORT_TIMEOUT_MS });
  assert.is(await customers(office), before + ROWS);

  const batch = page.getByRole('region', { name: 'Importaciones' }).getByRole('listitem').first();
  await batch.getByRole('button', { name: /^Deshacer/ }).click();
  await page.getByRole('button', { name: 'Deshacer la importación', exact: true }).click();
  await batch.getByText('Deshecha').waitFor({ timeout: IMPORT_TIMEOUT_MS });
  assert.is(await customers(office), before);
});

test('[FILE-1] vehicles of an Excel file find their owners; taken back, what was edited since stays and is named', async () => {
  const { page } = office;
  const [owner] = await office.query("select id, name from customers where tax_id <> '' limit 1");
  await page.getByRole('button', { name: 'Importar otro archivo' }).click();
  await page.getByRole('button', { name: 'Vehículos', exact: true }).click();
  await choose(office, 'vehiculos.xlsx', await excelOfVehicles(String(owner?.name)));
  await page.getByRole('region', { name: 'Columnas' }).getByRole('button', { name: 'Comprobar' }).click();
  const report = page.getByRole('region', { name: 'Comprobación' });
  await report.getByRole('row', { name: /^3 Bastidor CORTO/ }).waitFor();
  await report.getByRole('button', { name: 'Importar 2 filas' }).click();
  await page.getByRole('heading', { name: '2 filas importadas' }).waitFor();

  assert.equal(
    await office.query(
      `select v.make, v.year, v.odometer_last, w.customer_id from vehicles v left join vehicle_owners w on w.vehicle_id = v.id
        where v.plate_norm in ('7777ZZX', '7777ZZY') order by v.plate_norm`,
    ),
    [
      { make: 'Seat', year: 2019, odometer_last: 81_250, customer_id: owner?.id },
      { make: 'Opel', year: null, odometer_last: null, customer_id: null },
    ],
  );

  await office.execute("update vehicles set color = 'rojo' where plate_norm = '7777ZZX'");
  const batch = page.getByRole('region', { name: 'Importaciones' }).getByRole('listitem').first();
  await batch.getByText('vehiculos.xlsx').waitFor();
  await batch.getByRole('button', { name: /^Deshacer/ }).click();
  const kept = page.getByRole('list', { name: 'Filas que se quedan' }).getByRole('listitem');
  await kept.filter({ hasText: '7777 ZZX' }).getByText('Alguien la cambió').waitFor();
  assert.is(await kept.count(), 1);
  await page.getByRole('button', { name: 'Deshacer la importación', exact: true }).click();
  await batch.getByText('Deshecha en parte. Quedan: 1').waitFor();
  assert.equal(await office.query("select plate from vehicles where plate_norm like '7777ZZ%'"), [
    { plate: '7777 ZZX' },
  ]);
});

test('[TALLER-23] a customer is anonymised on their page, by whoever may', async () => {
  const [customer] = await office.query("select id, name from customers where phone <> '' limit 1");
  const { page } = office;
  await page.goto(`/clientes/${customer?.id}`);
  await page.getByRole('button', { name: 'Anonimizar', exact: true }).click();
  await page.getByRole('button', { name: 'Anonimizar para siempre' }).click();
  await page.getByRole('heading', { name: 'Cliente anonimizado' }).waitFor();

  assert.equal(await office.query(`select name, phone from customers where id = '${customer?.id}'`), [
    { name: 'Cliente anonimizado', phone: '' },
  ]);
  assert.is(await page.getByRole('button', { name: 'Anonimizar', exact: true }).count(), 0);
});

test('any list goes out as Excel between two dates, without a connection', async () => {
  const { page } = office;
  await page.goto('/admin/datos?lista=vehicles');
  await office.engineReady();
  const total = Number(
    (await office.query('select count(*) as n from vehicles where merged_into_id is null'))[0]?.n,
  );
  await page.getByText(`Vehículos: ${total} filas`).waitFor();
  for (const format of ['Excel', 'CSV']) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: format }).click(),
    ]);
    assert.is(download.suggestedFilename(), `vehículos.${format === 'Excel' ? 'xlsx' : 'csv'}`);
    await page.getByRole('button', { name: 'Excel' }).and(page.locator(':enabled')).waitFor();
  }
  await office.until(
    'being noted',
    async () => (await office.query('select id from export_log')).length === 2,
  );
  assert.equal(await office.query('select distinct entity, rows from export_log'), [
    { entity: 'vehicles', rows: total },
  ]);

  await page.getByLabel(/: desde$/).fill('2031-01-01');
  await page.getByText('Vehículos: 0 filas').waitFor();
  assert.ok(await page.getByRole('button', { name: 'CSV' }).isDisabled());
});

test('[FILE-1] what a phone imported without a connection reaches the other tablet, and so does taking it back', async () => {
  const { page } = office;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/admin/datos/importar');
  await office.engineReady();
  const [owner] = await office.query("select id, name from customers where tax_id <> '' limit 1");
  await importFile(office, 'Clientes', 'Nombre;Móvil\nBerta Traída;699 000 001\nBruno Traído;699 000 002');
  await importFile(office, 'Vehículos', `Matrícula;Marca;Titular\n8888 ZZX;Lada;${owner?.name}`);
  await importFile(office, 'Órdenes abiertas', 'Matrícula;Avería\n8888 ZZX;Pierde líquido');
  const [vehicle] = await office.query("select id from vehicles where plate_norm = '8888ZZX'");
  const other = counter.page;
  await other.goto('/clientes');
  await other.getByRole('searchbox', { name: /^Buscar por nombre/ }).fill('traíd');
  await other.getByText('Nadie con esos datos').waitFor();

  await office.goOnline();
  await other.getByRole('link', { name: /Berta Traída/ }).waitFor();
  await other.getByRole('link', { name: /Bruno Traído/ }).waitFor();
  await undoBatch(office, 'Clientes: 2 filas');
  await other.getByText('Nadie con esos datos').waitFor();

  await other.goto(`/vehiculos/${vehicle?.id}`);
  await other
    .getByRole('link', { name: String(owner?.name) })
    .first()
    .waitFor();
  const order = other.getByRole('link', { name: /Pierde líquido/ });
  await order.getByText('Recibido').waitFor();
  await undoBatch(office, 'Órdenes abiertas: 1 filas');
  await order.getByText('Anulado').waitFor();

  await page.setViewportSize({ width: 1024, height: 768 });
  await office.goOffline();
});

for (const [name, viewport] of [
  ['tablet', { width: 1024, height: 768 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  test(`[FILE-1] on a ${name} an import begun with a connection goes on without one, and a device that was away has it afterwards`, async () => {
    const { page } = office;
    const other = counter.page;
    await page.setViewportSize(viewport);
    await office.goOnline();
    await page.goto('/admin/datos/importar');
    await other.goto('/clientes');
    await other.getByRole('searchbox', { name: /^Buscar por nombre/ }).fill(`${name} 599`);
    await other.getByText('Nadie con esos datos').waitFor();
    await counter.goOffline();
    const lines = Array.from({ length: 600 }, (_, index) => `De ${name} ${index};`);

    await importFile(office, 'Clientes', ['Nombre;Móvil', ...lines].join('\n'), () => office.goOffline());

    await Promise.all([office.goOnline(), counter.goOnline()]);
    await other.getByRole('link', { name: `De ${name} 599` }).waitFor();
    assert.equal(await counter.query(`select count(*) as n from customers where name like 'De ${name} %'`), [
      { n: 600 },
    ]);
    await undoBatch(office, 'Clientes: 600 filas');
    await other.getByText('Nadie con esos datos').waitFor();
    await page.setViewportSize({ width: 1024, height: 768 });
  });
}

test('a customer made on two tablets is compared, merged field by field, and separated again', async () => {
  const insert = 'insert into customers (id, name, phone, phone_norm, email, city) values (?, ?, ?, ?, ?, ?)';
  await office.execute(insert, ['gemela-1', 'Clara Vidal', '699111222', '+34699111222', '', 'Zaragoza']);
  await counter.execute(insert, [
    'gemela-2',
    'Clara Vidal Ruiz',
    '699 111 222',
    '+34699111222',
    'clara@correo.example',
    'Huesca',
  ]);
  await office.goOnline();
  await office.settled();
  await counter.until(
    'both being there',
    async () => (await counter.query("select id from customers where id like 'gemela-%'")).length === 2,
    30_000,
  );

  const { page } = counter;
  await page.goto('/clientes/gemela-1');
  await page.getByText('Hay otra ficha que parece la misma. El mismo teléfono.').waitFor();
  await page.getByRole('link', { name: 'Comparar y unir' }).click();
  await page.getByRole('heading', { name: '¿Son el mismo cliente?' }).waitFor();
  await page.getByRole('group', { name: 'Ficha que se queda' }).getByRole('radio').first().check();
  await page.getByRole('group', { name: 'Nombre' }).getByRole('radio', { name: 'Clara Vidal Ruiz' }).check();
  await page.getByRole('button', { name: 'Unir en una ficha' }).click();
  await page.getByRole('heading', { name: 'Clara Vidal Ruiz' }).waitFor();
  const undo = page.getByRole('button', { name: 'Deshacer' });
  await undo.focus(); // it stays as long

  const read = (device: Device) =>
    device.query(
      "select id, name, email, city, merged_into_id from customers where id like 'gemela-%' order by id",
    );
  const merged = [
    {
      id: 'gemela-1',
      name: 'Clara Vidal Ruiz',
      email: 'clara@correo.example',
      city: 'Zaragoza',
      merged_into_id: null,
    },
    {
      id: 'gemela-2',
      name: 'Clara Vidal Ruiz',
      email: 'clara@correo.example',
      city: 'Huesca',
      merged_into_id: 'gemela-1',
    },
  ];
  assert.equal(await read(counter), merged);
  await office.until(
    'the merge arriving',
    async () => JSON.stringify(await read(office)) === JSON.stringify(merged),
    30_000,
  );

  await undo.click();
  await page.getByRole('heading', { name: 'Clara Vidal', exact: true }).waitFor();
  assert.equal(await read(counter), [
    { id: 'gemela-1', name: 'Clara Vidal', email: '', city: 'Zaragoza', merged_into_id: null },
    {
      id: 'gemela-2',
      name: 'Clara Vidal Ruiz',
      email: 'clara@correo.example',
      city: 'Huesca',
      merged_into_id: null,
    },
  ]);
});

test('a vehicle made on two tablets is merged without a connection, and the orders of both go by what stayed', async () => {
  const { page } = office;
  const [left, right] = [newId(), newId()];
  await Promise.all([office.goOffline(), counter.goOffline()]);
  await makeVehicle(office, ['coche-1', '5511 ZZX', 'Ibiza'], left);
  await makeVehicle(counter, ['coche-2', '5511-ZZX', 'Ibiza Sport'], right);
  await Promise.all([office.goOnline(), counter.goOnline()]);
  await counter.page.goto(`/ordenes/${right}`);
  await counter.page.getByRole('heading', { name: 'Seat Ibiza Sport' }).waitFor();
  await page.goto('/repetidos');
  const pair = page.locator('[data-pair="coche-2"]');
  await pair.getByText('La misma matrícula').waitFor();

  await office.goOffline();
  await pair.getByRole('link', { name: /^Comparar y unir/ }).click();
  await page.getByRole('heading', { name: '¿Son el mismo vehículo?' }).waitFor();
  await page.getByRole('group', { name: 'Ficha que se queda' }).getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Unir en una ficha' }).click();

  await page.getByRole('heading', { name: 'Seat Ibiza', exact: true }).waitFor();
  await page.locator(`a[data-order="${right}"]`).waitFor();
  await page.goto(`/ordenes/${right}`);
  await page.getByRole('heading', { name: 'Seat Ibiza', exact: true }).waitFor();
  await office.goOnline();
  await counter.page.getByRole('heading', { name: 'Seat Ibiza', exact: true }).waitFor();
  assert.equal(
    await counter.query('select vehicle_id from work_orders where id = ?', [right]),
    [{ vehicle_id: 'coche-2' }],
    'no order is rewritten',
  );
});

test('whoever opens the record that went sees where it went, and can separate it without a connection', async () => {
  const { page } = office;
  await office.goOffline();
  await office.execute("update customers set merged_into_id = 'gemela-1' where id = 'gemela-2'");
  await page.goto('/clientes/gemela-2');
  await page.getByRole('link', { name: 'Ver la que quedó' }).waitFor();
  await page.getByRole('button', { name: 'Separar' }).click();
  await page.getByText('Vuelven a ser dos fichas.').waitFor();

  assert.equal(await office.query("select merged_into_id from customers where id = 'gemela-2'"), [
    { merged_into_id: null },
  ]);
  await office.goOnline();
  await office.settled();
  assert.equal(await office.query("select * from _outbox where state = 'rejected'"), []);
  assert.equal(office.errors, []);
  assert.equal(counter.errors, []);
});

test.run();

/** Reads, maps, checks and imports all rows of a text file; `during` happens as soon as the import is under way. */
async function importFile(
  { page }: Device,
  entity: string,
  text: string,
  during: () => Promise<void> = async () => {},
): Promise<void> {
  await page.getByRole('button', { name: entity, exact: true }).click();
  const rows = text.split('\n').length - 1;
  await choose({ page }, `${entity}.csv`, Buffer.from(text));
  await page.getByRole('region', { name: 'Columnas' }).getByRole('button', { name: 'Comprobar' }).click();
  await page.getByRole('button', { name: `Importar ${rows} filas` }).click();
  await during();
  await page.getByRole('heading', { name: `${rows} filas importadas` }).waitFor();
  await page.getByRole('button', { name: 'Importar otro archivo' }).click();
}

async function makeVehicle(
  device: Device,
  [id, plate, model]: readonly [string, string, string],
  order: string,
): Promise<void> {
  await device.transaction([
    {
      sql: `insert into vehicles (id, plate, plate_norm, make, model) values (?, ?, '5511ZZX', 'Seat', ?)`,
      params: [id, plate, model],
    },
    {
      sql: `insert into work_orders (id, number, vehicle_id, opened_at) values (?, ?, ?, ?)`,
      params: [order, `O-${id}`, id, Date.now()],
    },
  ]);
}

async function undoBatch({ page }: Device, title: string): Promise<void> {
  const batch = page
    .getByRole('region', { name: 'Importaciones' })
    .getByRole('listitem')
    .filter({ hasText: title });
  await batch
    .first()
    .getByRole('button', { name: /^Deshacer/ })
    .click();
  await page.getByRole('button', { name: 'Deshacer la importación', exact: true }).click();
  await batch.first().getByText('Deshecha').waitFor();
}

async function choose(device: Pick<Device, 'page'>, name: string, buffer: Buffer): Promise<void> {
  await device.page.locator('import-page input[type="file"]').setInputFiles({ name, mimeType: '', buffer });
}

/** 10 000 good rows, one without a name and one whose tax id is there twice. */
function csvOfCustomers(): Buffer {
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const taxId = index === 0 ? '11111111H' : '';
    return `Cliente ${index};${taxId};7${String(index).padStart(8, '0')};Calle Mayor ${index}`;
  });
  return Buffer.from(
    ['Nombre y apellidos;D.N.I.;Móvil;Dirección', ...lines, ';;;Sin nombre 1', 'Repetida;11111111-H;;'].join(
      '\r\n',
    ),
  );
}

async function excelOfVehicles(owner: string): Promise<Buffer> {
  const columns = [
    { name: 'plate', label: 'Matrícula', kind: 'text' },
    { name: 'vin', label: 'Bastidor', kind: 'text' },
    { name: 'make', label: 'Marca', kind: 'text' },
    { name: 'year', label: 'Año', kind: 'integer' },
    { name: 'km', label: 'Kms', kind: 'integer' },
    { name: 'owner', label: 'Propietario', kind: 'text' },
  ] as const;
  const rows = [
    { plate: '7777 ZZX', vin: '', make: 'Seat', year: 2019, km: 81_250, owner },
    { plate: '7777-ZZY', vin: 'CORTO', make: 'Opel', year: null, km: null, owner: '' },
  ];
  return Buffer.from(await (await writeRows('xlsx', columns, rows, SPANISH_CSV)).arrayBuffer());
}
