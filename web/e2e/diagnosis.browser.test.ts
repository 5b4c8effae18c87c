/** The page for developers: it tells what the device holds, reads SQL and nothing else, and proves that SQL is right. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { decodeIncident } from '../replica/incident/incident-file.ts';
import { replayIncident } from '../replica/testing/replay-incident.ts';
import { SCREENSHOTS } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('diagnosis');

const SCREENS = [
  { name: 'tablet', viewport: { width: 1024, height: 768 }, colorScheme: 'light' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

let stack: Stack;

test.before(async () => {
  stack = await Stack.open({ orders: 24, users: { jefa: 'admin' } });
});

test.after(async () => {
  await stack?.close();
});

for (const screen of SCREENS) {
  test(`on a ${screen.name}: documents, queries, a console that only reads, and the proof`, async () => {
    const device = await stack.device('jefa', screen);
    const { page } = device;
    await page.goto('/diagnostico');
    const documents = page.getByRole('region', { name: 'Documentos' }).getByRole('table');
    await documents
      .getByRole('cell', { name: /^work\/\d{4}-\d\d$/ })
      .first()
      .waitFor();
    await page
      .getByRole('region', { name: 'Consultas vivas' })
      .getByRole('cell', { name: /sqlite_version/ })
      .first()
      .waitFor();

    const console = page.getByRole('textbox', { name: 'Consulta SQL' });
    const run = page.getByRole('button', { name: 'Ejecutar' });
    await console.fill('select count(*) as orders from work_orders');
    await run.click();
    await page.getByRole('columnheader', { name: 'orders', exact: true }).waitFor();
    await console.fill('delete from work_orders');
    await run.click();
    await page.getByText('Aquí solo se lee').waitFor();
    await console.fill('select name from nowhere');
    await run.click();
    await page.getByText('no such table: nowhere').waitFor();

    // What the session itself wrote has to reach the report first.
    const equal = page.getByText(/El informe del servidor coincide en (\d+) de \1 documentos/);
    await device.until(
      'a proof in which all is equal',
      async () => {
        await page.getByRole('button', { name: 'Comprobar los datos' }).click();
        await page.getByText('Huellas por tabla').waitFor();
        return equal.isVisible();
      },
      60_000,
    );
    await page.getByText(/Las tablas coinciden con los registros en los \d+ documentos/).waitFor();
    await page.getByText('Huellas por tabla').click();
    await page
      .getByRole('region', { name: 'Comprobación' })
      .getByRole('cell', { name: 'work_orders', exact: true })
      .first()
      .waitFor();

    const measures = page.getByRole('region', { name: 'Sincronización' });
    await measures.getByText('Bytes por segundo').waitFor();
    await measures.getByText('Ninguno').waitFor();

    const [{ name }] = (await device.query("select name from customers where name <> '' limit 1")) as [
      { name: string },
    ];
    const hidden = await incidentOf(page);
    assert.is(decodeIncident(hidden).isRedacted, true);
    assert.not.ok(hidden.includes(name), 'a customer by name');
    const { replica } = await replayIncident(hidden, tallerSchema);
    const counts =
      'select (select count(*) from work_orders) as orders, (select count(*) from customers) as customers';
    assert.equal(replica.query(counts), await device.query(counts));
    await replica.close();
    await page.getByRole('checkbox', { name: 'Ocultar los valores' }).uncheck();
    assert.ok((await incidentOf(page)).includes(name));

    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.equal(
      violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
      [],
    );
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.is(overflow, 0);
    await page.screenshot({ path: join(SCREENSHOTS, `diagnosis-${screen.name}.png`), fullPage: true });
    assert.equal(device.errors, []);
    await device.close();
  });
}

test.run();

async function incidentOf(page: Page): Promise<Buffer> {
  const arrived = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Descargar', exact: true }).click();
  const download = await arrived;
  assert.match(download.suggestedFilename(), /^taller-\w{8}\.incidencia$/);
  return readFile(await download.path());
}
