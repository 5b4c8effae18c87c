/** The orders of a big workshop: a list of thousands, columns with more cards than fit, lanes of technicians, kept views. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('orders');
const MANY = 3_000;
const HOUR_MS = 3_600_000;

let stack: Stack;
let ana: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 20, users: { ana: 'recepcion' } });
  ana = await stack.device('ana');
  await ana.goOffline();
  const oldestMs = Date.now() - (MANY + 500) * HOUR_MS;
  await ana.transaction(
    Array.from({ length: MANY }, (_, index) => ({
      sql: 'insert into work_orders (id, number, status_key, opened_at) values (?, ?, ?, ?)',
      params: [
        newId(oldestMs + index * HOUR_MS),
        `L-${index}`,
        index % 30 === 0 ? 'received' : 'delivered',
        oldestMs + index * HOUR_MS,
      ],
    })),
  );
});

test.after(async () => {
  await stack?.close();
});

test('a list of thousands draws what is on the screen, and reaches its last order', async () => {
  const { page } = ana;
  await page.goto('/ordenes?vista=lista&mostrar=todas');
  await ana.engineReady();
  const [{ n } = { n: 0 }] = await ana.query('select count(*) as n from work_orders');
  await page.locator(`ul[data-count="${n}"] li[data-order]`).first().waitFor();
  const [last] = await ana.query('select id from work_orders order by opened_at, id limit 1');

  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));

  await page.locator(`li[data-order="${last?.id}"]`).waitFor();
  const drawn = await page.locator('order-list li').count();
  assert.ok(drawn < 40, `${drawn} lines are drawn`);
  assert.is(await page.locator(`li[data-order="${last?.id}"]`).getAttribute('aria-posinset'), String(n));
});

test('arrows walk through the list, and the line with the focus stays', async () => {
  const { page } = ana;
  await page.goto('/ordenes?vista=lista&mostrar=todas');
  await page.locator('li[data-place="0"] a').focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('li[data-place="1"] a:focus').waitFor();

  await page.evaluate(() => window.scrollTo(0, 40_000));
  await page.locator('li[data-place="514"]').waitFor();

  assert.is(await page.locator('li[data-place="1"] a:focus').count(), 1);
});

test('a column shows forty cards and more when asked', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  const cards = page.locator('section[data-status="received"] li[data-order]');
  await cards.nth(39).waitFor(); // cards are drawn frame by frame
  assert.is(await cards.count(), 40);

  await page
    .locator('section[data-status="received"]')
    .getByRole('button', { name: /Ver más/ })
    .click();

  await cards.nth(79).waitFor();
});

test('a card that is dropped in the lane of another technician is theirs', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  await page.getByRole('button', { name: 'Tablero por técnico' }).click();
  // Cards are drawn frame by frame, and the first of the lanes is not the first that is drawn.
  const column = page.locator('section[data-status="in_progress"]');
  const id = await column.locator('ul[data-lane] li[data-order]').first().getAttribute('data-order');
  const [before] = await ana.query('select technician_id from work_orders where id = ?', [id]);
  const [other] = await ana.query(
    'select id from users where is_technician = 1 and active = 1 and id is not ? order by display_name',
    [before?.technician_id as string | null],
  );

  await column.locator(`li[data-order="${id}"]`).dragTo(column.locator(`ul[data-lane="${other?.id}"]`));

  await page.locator(`ul[data-lane="${other?.id}"] li[data-order="${id}"]`).waitFor();
  const [after] = await ana.query('select technician_id, status_key from work_orders where id = ?', [id]);
  assert.equal(after, { technician_id: other?.id, status_key: 'in_progress' });

  await page.locator(`li[data-order="${id}"]`).dragTo(page.locator('section[data-status="quality"] h2'));

  await page
    .locator(`section[data-status="quality"] ul[data-lane="${other?.id}"] li[data-order="${id}"]`)
    .waitFor();
});

test('a view that was kept is found again by its name', async () => {
  const { page } = ana;
  await page.goto('/ordenes?vista=lista&estado=received');
  await page.getByRole('button', { name: 'Vistas' }).click();
  await page.getByRole('textbox', { name: 'Guardar lo que se ve ahora como' }).fill('Recién llegadas');
  await page.getByRole('button', { name: 'Guardar vista' }).click();
  await page.getByText('Vista «Recién llegadas» guardada.').waitFor();
  await page.goto('/ordenes');

  await page.getByRole('button', { name: 'Vistas' }).click();
  await page.getByRole('link', { name: 'Recién llegadas' }).click();

  await page.waitForURL('**/ordenes?vista=lista&estado=received');
  await page.locator('li[data-order]').first().waitFor();
  assert.equal(ana.errors, []);
});

test.run();
