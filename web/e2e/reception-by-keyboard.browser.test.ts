/** A whole reception, from the first page to its order, and no pointer is touched. The board has its own file. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { press, tabTo, typeInto } from './by-keyboard.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('reception by keyboard');
const PHOTO = join(import.meta.dirname, '../../public/icons/icon-512.png');
const SIDES = ['Delante', 'Detrás', 'Izquierda', 'Derecha'];

let stack: Stack;
let ana: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 6, users: { ana: 'recepcion' } });
  ana = await stack.device('ana');
  ana.page.on('filechooser', (chooser) => void chooser.setFiles(PHOTO));
});

test.after(async () => {
  await stack?.close();
});

test('[KEY-1] a vehicle is received, photographed and signed for by keys alone', async () => {
  const { page } = ana;
  await page.goto('/inicio');
  await page.getByRole('heading', { name: 'Prometido para hoy o antes' }).waitFor();

  await press(page, 'Nueva recepción');
  await page.waitForURL('**/recepcion/nueva');
  await typeInto(page, 'Matrícula, bastidor, nombre o teléfono', '7788 KBD');
  await page.getByRole('button', { name: /Vehículo nuevo/ }).waitFor();
  await page.keyboard.press('Enter');
  await typeInto(page, /^Marca/, 'Opel');
  await typeInto(page, /^Nombre o teléfono/, 'Clara Teclas');
  await press(page, 'Seguir con fotos y firma');
  await page.waitForURL(/\/recepcion\/[0-9a-f-]{36}/);
  const id = new URL(page.url()).pathname.split('/').at(-1);
  await page.getByRole('textbox', { name: 'Cuentakilómetros' }).waitFor();

  await typeInto(page, 'Cuentakilómetros', '51000');
  await press(page, '0 de 8', 'ArrowRight');
  await press(page, 'Fotos y daños');
  await page.waitForURL(/paso=fotos/);
  for (const side of SIDES) {
    await press(page, `Galería: ${side}`);
    await until(
      `select count(*) as n from attachments where entity_id = '${id}' and kind = 'photo'`,
      SIDES.indexOf(side) + 1,
    );
  }
  await press(page, 'Motivos');
  await page.waitForURL(/paso=motivos/);
  await press(page, 'Cambio de aceite');
  await press(page, 'Reparar');
  await tabTo(page, 'Prometido para');
  await page.keyboard.type('12122026');
  await page.keyboard.press('ArrowRight'); // a year may have more digits
  await page.keyboard.type('0500P');
  await press(page, 'Firma');
  await page.waitForURL(/paso=firma/);
  await press(page, 'Firmar escribiendo el nombre');
  await press(page, 'Acepto que mi nombre escrito vale como firma', 'Space');
  await press(page, 'Firmar');
  await page.getByText('Recepción firmada. La orden está abierta.').waitFor();
  const [order] = await ana.query(
    'select id, odometer_in, complaint from work_orders where reception_id = ?',
    [String(id)],
  );
  assert.equal([order?.odometer_in, order?.complaint], [51_000, 'Cambio de aceite']);

  await press(page, 'Ver la orden');
  await page.waitForURL(`**/ordenes/${order?.id}`);
});

test.run();

async function until(sql: string, wanted: number): Promise<void> {
  await ana.until(`${wanted} of: ${sql}`, async () => Number((await ana.query(sql))[0]?.n) === wanted);
}
