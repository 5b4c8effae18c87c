/** What a person does about their own slip: a job is renamed, a plate is not guessed, a signature that failed is given again. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('corrections');
const PHOTO = join(import.meta.dirname, '../../public/icons/icon-512.png');

let stack: Stack;
let ana: Device;
let phone: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 20, users: { recepcion: 'recepcion', admin: 'admin' } });
  ana = await stack.device('recepcion');
  phone = await stack.device('admin', { viewport: { width: 390, height: 844 } });
});

test.after(async () => {
  await stack?.close();
});

test('a job is renamed among the jobs of its order, never to nothing, and undo gives it its name back', async () => {
  const { page } = ana;
  const [job] = await ana.query(
    `select j.id, j.title, j.work_order_id from wo_jobs j join work_orders o on o.id = j.work_order_id
      where o.status_key = 'in_progress' limit 1`,
  );
  const title = async () =>
    (await ana.query('select title from wo_jobs where id = ?', [String(job?.id)]))[0]?.title;
  await page.goto(`/ordenes/${job?.work_order_id}?pestana=trabajos`);
  const field = page
    .locator(`article[data-job="${job?.id}"]`)
    .getByRole('textbox', { name: 'Qué hay que hacer' });
  await field.waitFor();
  assert.is(await field.inputValue(), job?.title);

  await field.fill('');
  await field.press('Enter');
  assert.is(await field.inputValue(), job?.title);

  await field.fill('Frenos de atrás');
  await field.press('Enter');
  await ana.until('the name', async () => (await title()) === 'Frenos de atrás');
  await page.getByRole('article', { name: 'Frenos de atrás' }).waitFor();

  await page.evaluate(() =>
    (document.querySelector('app-shell') as HTMLElement & { engine: EngineClient }).engine.undo(),
  );
  await ana.until('the name it had', async () => (await title()) === job?.title);
  await page.getByRole('article', { name: String(job?.title) }).waitFor();
});

test('a job has what the customer says, a technician of its own who finds it among theirs, and its times by name', async () => {
  const { page } = ana;
  const [job] = await ana.query(
    `select j.id, j.work_order_id from wo_jobs j join work_orders o on o.id = j.work_order_id
      where o.status_key = 'in_progress' and j.approval = 'approved' and j.status <> 'done' limit 1`,
  );
  const [technician] = await ana.query(
    `select id, display_name from users where is_technician = 1
       and id <> (select coalesce(technician_id, '') from work_orders where id = ?) limit 1`,
    [String(job?.work_order_id)],
  );
  await ana.execute(
    `insert into time_entries (id, work_order_id, job_id, technician_id, started_at, stopped_at)
       values (?, ?, ?, ?, 1795340000000, 1795345400000)`,
    [newId(), String(job?.work_order_id), String(job?.id), String(technician?.id)],
  );
  await page.goto(`/ordenes/${job?.work_order_id}?pestana=trabajos`);
  const card = page.locator(`article[data-job="${job?.id}"]`);

  const says = card.getByRole('textbox', { name: 'Qué dice el cliente' });
  await says.fill('Chirría en frío');
  await says.blur();
  await card.getByRole('combobox', { name: 'Técnico' }).selectOption(String(technician?.id));
  await card.getByText('Tiempos', { exact: true }).click();

  await card
    .getByRole('list', { name: 'Tiempos' })
    .getByText(String(technician?.display_name))
    .first()
    .waitFor();
  await card.getByText('1 h 30 min', { exact: true }).first().waitFor();
  await ana.until('what was chosen', async () => {
    const [row] = await ana.query('select concern, technician_id from wo_jobs where id = ?', [
      String(job?.id),
    ]);
    return row?.concern === 'Chirría en frío' && row.technician_id === technician?.id;
  });
});

test('Enter takes the vehicle whose plate was typed or the only one found, and of several the one that is marked', async () => {
  const { page } = ana;
  for (const plate of ['7001 ZZA', '7001 ZZB', '7002 ZZC'])
    await ana.execute("insert into vehicles (id, plate, plate_norm, plate_country) values (?, ?, ?, 'ES')", [
      newId(),
      plate,
      plate.replace(' ', ''),
    ]);
  const chosen = page.locator('new-reception-page number-plate.large');
  const type = async (text: string) => {
    await page.goto('/recepcion/nueva');
    await page.locator('#plate').fill(text);
  };

  await type('7001 ZZ');
  await page.locator('#plate').press('Enter');
  await page.getByText('Hay varios. Elige uno con las flechas o tócalo.').waitFor();
  assert.is(await chosen.count(), 0);
  assert.is(await page.getByRole('textbox', { name: 'Marca' }).count(), 0);

  await page.getByRole('button', { name: '7001 ZZB' }).waitFor();
  await page.locator('#plate').press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await chosen.waitFor();
  assert.is(await chosen.getAttribute('value'), '7001 ZZB');
  await page.getByRole('button', { name: 'Cambiar' }).click();

  for (const [text, plate] of [
    ['7001zza', '7001 ZZA'],
    ['7002 ZZ', '7002 ZZC'],
  ] as const) {
    await type(text);
    await page.locator('#plate').press('Enter');
    await chosen.waitFor();
    assert.is(await chosen.getAttribute('value'), plate);
    await page.getByRole('button', { name: 'Cambiar' }).click();
  }
});

test('a signature that could not be hashed says so, and the button works again', async () => {
  const { page } = ana;
  const [vehicle] = await ana.query(
    `select w.vehicle_id, w.customer_id from vehicle_owners w join vehicles v on v.id = w.vehicle_id
      where v.merged_into_id is null and w.role = 'owner' and w.to_at is null limit 1`,
  );
  const id = newId();
  await ana.execute(
    `insert into receptions (id, status, vehicle_id, customer_id, odometer, purpose, promised_at, concerns)
      values (?, 'draft', ?, ?, 900000, 'repair', 1800000000000, 'Ruido')`,
    [id, String(vehicle?.vehicle_id), String(vehicle?.customer_id)],
  );
  await page.goto(`/recepcion/${id}?paso=fotos`);
  for (const side of ['Delante', 'Detrás', 'Izquierda', 'Derecha'])
    await page.getByLabel(`Galería: ${side}`).setInputFiles(PHOTO);
  await ana.until('four photos', async () => {
    const [row] = await ana.query('select count(*) as n from attachments where entity_id = ?', [id]);
    return row?.n === 4;
  });
  await page.goto(`/recepcion/${id}?paso=firma`);
  await page.getByRole('button', { name: 'Firmar escribiendo el nombre' }).click();
  await page.getByLabel('Acepto que mi nombre').check();
  await page.evaluate(() => {
    const { digest } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.digest = async () => {
      SubtleCrypto.prototype.digest = digest;
      throw new Error('no hay con qué firmar');
    };
  });
  const button = page.getByRole('button', { name: 'Firmar', exact: true });

  await button.click();
  await page.getByText('no hay con qué firmar').waitFor();
  await button.click();

  await page.getByText('Recepción firmada. La orden está abierta.').waitFor();
  assert.equal(ana.errors, []);
});

test('[PASSAGE-1] a slip at the gate is undone at once or taken back with a reason, and another tablet sees it', async () => {
  const { page } = ana;
  const [vehicle] = await ana.query(
    `select v.plate, v.plate_norm, o.id as order_id from work_orders o join vehicles v on v.id = o.vehicle_id
      join wo_statuses s on s.key = o.status_key where s.phase = 'work' and v.merged_into_id is null limit 1`,
  );
  const plate = String(vehicle?.plate);
  const rows = page.locator('gate-page li');
  const pass = async (way: string) => {
    const before = await rows.count();
    await page.getByRole('textbox', { name: 'Matrícula' }).fill(plate);
    await page.getByRole('button', { name: way, exact: true }).click();
    await rows.nth(before).waitFor();
  };
  await page.goto('/porteria');
  await rows.first().waitFor();

  await pass('Sale');
  await page
    .locator('.toast', { hasText: `Sale ${plate}` })
    .getByRole('button', { name: 'Deshacer' })
    .click();
  await rows.first().getByText('Anulado por').waitFor();

  await pass('Sale');
  await page.getByRole('button', { name: `Corregir: Sale ${plate}` }).click();
  await page.getByRole('button', { name: 'Era una entrada' }).click();
  await rows.filter({ hasText: 'Era una entrada' }).waitFor();

  await pass('Sale');
  await rows
    .first()
    .getByRole('button', { name: `Corregir: Sale ${plate}` })
    .click();
  await page.getByRole('textbox', { name: 'O anúlalo. ¿Por qué?' }).fill('Era otro coche');
  await page.getByRole('button', { name: 'Anular', exact: true }).click();
  await rows
    .first()
    .getByText(/Anulado por .+: Era otro coche/)
    .waitFor();

  await phone.page.goto('/porteria');
  await phone.page.locator('gate-page li').filter({ hasText: 'Era otro coche' }).waitFor();
  await phone.page.getByRole('textbox', { name: 'Matrícula' }).fill(plate);
  await phone.page.getByRole('group', { name: 'Vehículos encontrados' }).getByText('Está aquí').waitFor();
  assert.equal(
    await phone.query('select on_site from work_orders where id = ?', [String(vehicle?.order_id)]),
    [{ on_site: 1 }],
  );
});

test('[REVIEW-1] what came after a seal is asked for until somebody says why it stays, on no tablet after that', async () => {
  const id = newId();
  await ana.execute("insert into receptions (id, number, status) values (?, 'R-9', 'draft')", [id]);
  await phone.until('the draft', async () => {
    return (await phone.query('select 1 from receptions where id = ?', [id])).length === 1;
  });
  await phone.goOffline();
  await ana.execute("update receptions set status = 'signed' where id = ?", [id]);
  await ana.settled();
  await phone.execute("update receptions set concerns = 'tarde', belongings = 'gafas' where id = ?", [id]);
  await phone.goOnline();
  await phone.settled();
  const badge = ({ page }: Device) => page.locator('app-navigation a[href="/conflictos"] .count');
  for (const device of [ana, phone]) {
    await device.page.goto('/conflictos');
    await device.page.getByRole('link', { name: 'Recepción R-9' }).waitFor();
  }
  const { conflicts, violations } = await ana.status();
  const before = conflicts + violations;
  await ana.until('the badge', async () => Number(await badge(ana).textContent()) === before);

  await ana.page.getByRole('button', { name: 'Dejar como está: Recepción R-9' }).click();
  await ana.page.getByRole('textbox', { name: 'Motivo' }).fill('Ya lo sabe el cliente');
  await ana.page.locator('wa-dialog').getByRole('button', { name: 'Dejar como está', exact: true }).click();

  const undo = ana.page.locator('.toast', { hasText: 'R-9' }).getByRole('button', { name: 'Deshacer' });
  await undo.focus(); // it stays as long
  for (const device of [ana, phone])
    await device.page.getByRole('link', { name: 'Recepción R-9' }).waitFor({ state: 'detached' });
  const left = async () => ((await badge(ana).count()) === 0 ? 0 : Number(await badge(ana).textContent()));
  await ana.until('two fewer', async () => (await left()) === before - 2);

  await undo.click();
  await ana.page.getByRole('link', { name: 'Recepción R-9' }).waitFor();
  await ana.until('they are back', async () => (await left()) === before);
  assert.equal([...ana.errors, ...phone.errors], []);
});

test('[FILE-1] an import whose tab dies says how much of it is here, and goes on with the same file or is undone', async () => {
  const { page } = phone;
  const [own, other] = [csvOf(1_200), csvOf(1_201)];
  const count = async () => Number((await phone.query('select count(*) as n from customers'))[0]?.n);
  const before = await count();
  await page.goto('/admin/datos/importar');
  await page.getByRole('button', { name: 'Clientes', exact: true }).click();
  await page.locator('import-page input[type="file"]').setInputFiles(own);
  await page.getByRole('button', { name: 'Comprobar' }).click();
  const start = page.getByRole('button', { name: 'Importar 1200 filas' });
  await start.waitFor();
  await page.evaluate(holdSecondPortion);
  await start.click();
  await phone.until('the first portion', async () => (await count()) === before + 500);
  await page.goto('about:blank');

  await page.goto('/admin/datos/importar');
  const batch = page.getByRole('region', { name: 'Importaciones' }).getByRole('listitem').first();
  await batch.getByText('500 de 1200 filas. Sin terminar.').waitFor();
  const goOn = async (file: typeof own) => {
    const chooser = page.waitForEvent('filechooser');
    await batch.getByRole('button', { name: 'Seguir con clientes.csv' }).click();
    await (await chooser).setFiles(file);
  };
  await goOn(other);
  await page.getByText(/^Con este archivo no se puede seguir/).waitFor();
  assert.is(await count(), before + 500);

  await goOn(own);
  await page.getByRole('heading', { name: '1200 filas importadas' }).waitFor();
  assert.is(await count(), before + 1_200);
  await batch.getByText('Clientes: 1200 filas').waitFor();
  assert.is(await batch.getByRole('button', { name: /^Seguir/ }).count(), 0);
  await batch.getByRole('button', { name: /^Deshacer/ }).click();
  await page.getByRole('button', { name: 'Deshacer la importación', exact: true }).click();
  await batch.getByText('Deshecha').waitFor();
  assert.is(await count(), before);
});

test.run();

function csvOf(rows: number): { name: string; mimeType: string; buffer: Buffer } {
  const lines = Array.from(
    { length: rows },
    (_, index) => `Cliente ${index};7${String(index).padStart(8, '0')}`,
  );
  return {
    name: 'clientes.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(['Nombre;Teléfono', ...lines].join('\r\n')),
  };
}

/** In the page: of what is imported from now on only the first portion is written. */
function holdSecondPortion(): void {
  const { engine } = document.querySelector('app-shell') as HTMLElement & { engine: EngineClient };
  const transaction = engine.transaction.bind(engine);
  let portions = 0;
  engine.transaction = (statements, options) => {
    if (options?.label === 'import.customers') portions += 1;
    return portions > 1 ? new Promise(() => {}) : transaction(statements, options);
  };
}
