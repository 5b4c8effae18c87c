/**
 * Away and back: the agreed sentences while there is no network, what came in and what is to be reviewed once there is one
 * again, and what happens to a change that the relay does not take.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

async function says(device: Device, sentence: string): Promise<void> {
  await device.page.getByText(sentence, { exact: true }).first().waitFor();
}

async function price(device: Device, minor: number): Promise<void> {
  await device.execute('update items set price_minor = ? where id = ?', [minor, item]);
}
