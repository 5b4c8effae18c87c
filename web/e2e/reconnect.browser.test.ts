/**
 * Away and back: the agreed sentences while there is no network, what came in and what is to be reviewed once there is one
 * again, and what happens to a change that the relay does not take.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import { changeRole } from './accounts.ts';
import type { Device } from './device.ts';
import { Stack, WORKSPACE } from './stack.ts';

const test = suite('away and back');

let stack: Stack;
let ana: Device;
let luis: Device;
let item: string;

test.before(async () => {
  stack = await Stack.open({ orders: 12, users: { ana: 'recepcion', luis: 'recepcion', jefe: 'admin' } });
  ana = await stack.device('ana');
  luis = await stack.device('luis');
  item = String((await ana.query('select id from items order by id limit 1'))[0]?.id);
});

test.after(async () => {
  await stack?.close();
});

test('[NOTICE-2] away: what waits, how old the data is, and that nothing is lost', async () => {
  const { page } = ana;
  await ana.goOffline();
  await page.goto('/recepcion/nueva');
  await ana.engineReady();
  await page.getByRole('textbox', { name: /Matrícula/ }).fill('1122 RCN');
  await page.getByRole('button', { name: /Vehículo nuevo/ }).click();
  await page.getByRole('textbox', { name: 'Nombre o teléfono', exact: true }).fill('Nuria Sanz');
  await page.getByRole('button', { name: 'Cambio de aceite' }).click();

  await page.getByRole('button', { name: 'Crear orden' }).click();

  await says(ana, 'Orden guardada localmente. Se enviará al servidor cuando haya conexión.');
  const { pending } = await ana.status();
  await says(ana, `Sin conexión. Pendientes: ${pending}.`);
  await page.goto('/pendientes');
  await says(
    ana,
    'Sin conexión. Los datos pueden no estar actualizados. Se reintentará al recuperar la conexión.',
  );
  await page.getByText(/^Datos de hace \d+ min\. Actualizar cuando haya conexión\.$/).waitFor();
});

test('[NOTICE-1] back: how much came in, and a price that two devices changed is to be reviewed', async () => {
  await luis.goOffline();
  await price(ana, 1_234);
  await price(luis, 4_321);
  await luis.execute(
    "update customers set notes = 'Llamar por la tarde' where id in (select id from customers limit 3)",
  );
  await luis.goOnline();
  await luis.settled();

  await ana.goOnline();

  const notice = ana.page.getByText(/^\d+ cambios? recibidos?, 1 por revisar\.$/);
  await notice.waitFor();
  await ana.page.getByRole('button', { name: 'Revisar', exact: true }).click();
  await ana.page.waitForURL('**/conflictos');
  await says(
    ana,
    'Otro cambio actualizó este registro. ¿Usar tus cambios (sobrescribir) o los del servidor (recargar)?',
  );
  await says(ana, 'Conectado');
});

test('[RESOLVE-1] of two prices neither is kept, but a third that is written there, and only one that can be a price', async () => {
  const { page } = ana;
  const prices = page.locator('conflict-list article[data-conflict="items.price_minor"]');
  await prices.getByText('12,34', { exact: true }).waitFor();
  await prices.getByText('43,21', { exact: true }).waitFor();
  await prices.getByText(/^luis · /).waitFor();
  const [article] = await ana.query('select name_es from items where id = ?', [item]);
  await prices.getByRole('heading', { name: `Artículo ${article?.name_es} · Precio` }).waitFor();
  await prices.getByRole('button', { name: 'Escribir otro' }).click();
  await prices.getByRole('textbox', { name: 'Precio' }).fill('barato');
  await prices.getByRole('button', { name: 'Dejar lo escrito' }).click();
  await prices.getByText('Eso no puede ir aquí.').waitFor();
  await prices.getByRole('textbox', { name: 'Precio' }).fill('20,50');
  await prices.getByRole('button', { name: 'Dejar lo escrito' }).click();
  await prices.waitFor({ state: 'detached' });
  await luis.until('the third price', async () => (await priceOf(luis)) === 2_050);
  assert.is((await ana.status()).conflicts, 0);
});

test('[SEAL-1] what a tablet adds to what was signed meanwhile is listed on both, on a phone too, and settled by a tap', async () => {
  const reception = newId();
  const [order] = await luis.query('select id, vehicle_id from work_orders order by id limit 1');
  await luis.execute(
    "insert into receptions (id, number, status, vehicle_id, work_order_id) values (?, 'R-7', 'draft', ?, ?)",
    [reception, String(order?.vehicle_id), String(order?.id)],
  );
  await ana.until('the draft', async () => (await count(ana, 'receptions', reception)) === 1);
  await ana.goOffline();
  await ana.execute(
    `insert into damage_marks (id, reception_id, view, type, note)
      values (?1, ?3, 'left', 'scratch', 'puerta'), (?2, ?3, 'left', 'dent', '')`,
    [newId(), newId(), reception],
  );
  await luis.execute("update receptions set status = 'signed' where id = ?", [reception]);
  await luis.settled();
  await ana.page.setViewportSize({ width: 390, height: 844 });
  await ana.goOnline();
  await ana.page.getByText(/^\d+ cambios? recibidos?, 2 por revisar\.$/).waitFor();
  const late = ({ page }: Device) => page.getByRole('region', { name: 'Llegó después de la firma' });
  for (const device of [ana, luis]) {
    await device.page.goto('/conflictos');
    await late(device).getByText('Daño · Arañazo: puerta').waitFor();
  }
  await luis.page.goto(`/recepcion/${reception}`);
  await luis.page.getByText('Ninguno apuntado').waitFor();
  await ana.page.getByRole('button', { name: 'Quitar: Daño · Abolladura' }).click();
  await ana.page.locator('wa-dialog').getByRole('button', { name: 'Quitar', exact: true }).click();
  await ana.page.getByRole('button', { name: 'Quitar: Daño · Abolladura' }).waitFor({ state: 'detached' });
  await ana.page.getByRole('button', { name: 'Pasar a un comentario: Daño · Arañazo: puerta' }).click();
  await late(ana).waitFor({ state: 'detached' });
  await luis.page.goto('/conflictos');
  await luis.page.getByRole('heading', { name: 'Para revisar' }).waitFor();
  await luis.until('nothing late', async () => (await luis.query('select * from _violation')).length === 0);
  await late(luis).waitFor({ state: 'detached' });
  await ana.page.goto(`/ordenes/${order?.id}?pestana=historial`);
  await ana.page.getByText('Recepción R-7: Daño · Arañazo: puerta').waitFor();
  await ana.page.setViewportSize({ width: 1024, height: 768 });
});

test('[SYNC-1] a record and an order say how far what was written of them has come', async () => {
  await luis.settled();
  const [order] = await luis.query('select id, customer_id from work_orders order by id desc limit 1');
  const badge = luis.page.locator('sync-badge');
  await luis.goOffline();
  await luis.page.goto(`/clientes/${order?.customer_id}`);
  await badge.getByText('En el servidor', { exact: true }).waitFor();
  await luis.execute("update customers set email = 'nuria@example.com' where id = ?", [
    String(order?.customer_id),
  ]);
  await badge.getByText('Guardado aquí', { exact: true }).waitFor();
  await luis.execute(
    "insert into comments (id, entity, entity_id, text) values (?, 'work_order', ?, 'llama a las 5')",
    [newId(), String(order?.id)],
  );
  await luis.page.goto(`/ordenes/${order?.id}`);
  await badge.getByText('Guardado aquí', { exact: true }).waitFor();

  await luis.goOnline();

  await badge.getByText('En el servidor', { exact: true }).waitFor();
  await luis.page.goto(`/clientes/${order?.customer_id}`);
  await badge.getByText('En el servidor', { exact: true }).waitFor();
});

test('[RESCUE-1] what a tablet cannot send is carried to another in a file, and opening it twice repeats nothing', async () => {
  await luis.goOffline();
  const [customer] = await luis.query('select id from customers order by id limit 1');
  await luis.execute("update customers set phone = '600 123 123' where id = ?", [String(customer?.id)]);
  await luis.page.goto('/pendientes');
  const downloading = luis.page.waitForEvent('download');
  await luis.page.getByRole('button', { name: 'Archivo de rescate', exact: true }).click();
  const file = await (await downloading).path();

  await ana.page.goto('/pendientes');
  await ana.page.getByText(/Lo que otra tableta no pudo enviar lo incorpora un administrador/).waitFor();
  const boss = await stack.device('jefe');
  await boss.page.goto('/pendientes');
  const chosen = boss.page.locator('rescue-import input');
  await chosen.setInputFiles(file);
  await says(boss, 'Cambios recuperados: 1. Ya estaban: 0.');
  await boss.settled();
  await chosen.setInputFiles(file);
  await says(boss, 'Cambios recuperados: 0. Ya estaban: 1.');
  await chosen.setInputFiles({ name: 'otro.espejo', mimeType: '', buffer: Buffer.from('otra cosa') });
  await says(boss, 'Eso no es un archivo de rescate de Taller.');
  assert.is((await boss.status()).rejected, 0);

  const { rows } = await stack.pool.query<{ device: string }>(
    'select device from espejo.commit where device = $1',
    [(await luis.status()).device],
  );
  assert.is.not(rows.length, 0, 'it is stored as the tablet that made it');
  await luis.goOnline();
  await luis.settled();
  const [row] = await luis.query('select phone from customers where id = ?', [String(customer?.id)]);
  assert.is(row?.phone, '600 123 123');
});

test('[NOTICE-2] a change that the relay does not take says why, and can be sent again or deleted', async () => {
  await ana.settled();
  await ana.goOffline();
  await price(ana, 999);
  await changeRole(stack.pool, { workspace: WORKSPACE, name: 'ana', role: 'mecanico' });
  await ana.goOnline();
  await ana.until('the refusal', async () => (await ana.status()).rejected === 1);

  await ana.page.goto('/pendientes');

  await ana.page.getByText(/^No se pudo enviar: .+\. Revisar y corregir o eliminar\.$/).waitFor();
  await ana.page.getByRole('button', { name: 'Enviar otra vez' }).waitFor();
  await ana.page.getByRole('button', { name: 'Eliminar' }).click();
  await ana.page.locator('wa-dialog').getByRole('button', { name: 'Eliminar' }).click();
  await ana.until('giving it up', async () => (await ana.status()).rejected === 0);
  const [row] = await ana.query('select price_minor from items where id = ?', [item]);
  assert.is.not(row?.price_minor, 999);
  assert.equal(ana.errors, []);
});

test.run();

async function priceOf(device: Device): Promise<unknown> {
  const [row] = await device.query('select price_minor from items where id = ?', [item]);
  return row?.price_minor;
}

async function says(device: Device, sentence: string): Promise<void> {
  await device.page.getByText(sentence, { exact: true }).first().waitFor();
}

async function count(device: Device, table: string, id: string): Promise<number> {
  return (await device.query(`select id from ${table} where id = ?`, [id])).length;
}

async function price(device: Device, minor: number): Promise<void> {
  await device.execute('update items set price_minor = ? where id = ?', [minor, item]);
}
