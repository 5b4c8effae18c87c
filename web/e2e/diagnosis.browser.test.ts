/** The page for developers: it tells what the device holds, reads SQL and nothing else, and proves that SQL is right. */
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
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

    await page.getByRole('button', { name: 'Comprobar los datos' }).click();
    await page.getByText(/SQL equals the registers in all \d+ documents/).waitFor();

    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.equal(
      violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
      [],
    );
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.is(overflow, 0);
    assert.is(overflow, 0);
    await page.screenshot({ path: join(SCREENSHOTS, `diagnosis-${screen.name}.png`), fullPage: true });
    assert.equal(device.errors, []);
    await device.close();
  });
}

test.run();
