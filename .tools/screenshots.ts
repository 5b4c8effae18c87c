/**
 * The pictures of the README: `node --import tsx .tools/screenshots.ts`. A demo workshop on the real relay in a real
 * Chromium, on a tablet's screen, in both languages and both themes.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../web/e2e/device.ts';
import { Stack } from '../web/e2e/stack.ts';
import { findChromium } from './chromium.ts';
import { endOnSignals, ROOT } from './run.ts';

const FOLDER = join(ROOT, '.readme');
const LOOKS = [
  { locale: 'es-ES', colorScheme: 'light', name: 'es-light' },
  { locale: 'en-GB', colorScheme: 'dark', name: 'en-dark' },
] as const;

endOnSignals();
process.env.CHROMIUM ??= findChromium() ?? '';
mkdirSync(FOLDER, { recursive: true });
const stack = await Stack.open({ orders: 120, users: { recepcion: 'recepcion', admin: 'admin' } });

for (const { name, ...look } of LOOKS) {
  const device = await stack.device('recepcion', look);
  await capture(device, '/ordenes', `board-${name}`);
  await capture(device, `/ordenes/${await aBusyOrder(device)}`, `order-${name}`);
  await capture(device, '/recepcion/nueva', `reception-${name}`);
  await device.close();
}
await stack.close();
process.exit();

async function capture(device: Device, path: string, name: string): Promise<void> {
  await device.page.goto(path);
  await device.engineReady();
  await device.page.waitForTimeout(1_500); // pictures and fonts settle
  await device.page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

/** The order with the most to show. */
async function aBusyOrder(device: Device): Promise<string> {
  const [row] = await device.query(
    `select o.id from work_orders o join wo_lines l on l.work_order_id = o.id
      where o.status_key = 'in_repair' or o.delivered_at is null group by o.id order by count(*) desc, o.id limit 1`,
  );
  return String(row?.id);
}
