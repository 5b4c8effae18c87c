/** The board without a pointer: arrows walk, M asks where to, and the move is written with its step. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from './device.ts';
import { Stack } from './stack.ts';

const test = suite('board by keyboard');

/**
 * In the page: what is to happen after five seconds or more waits for `endLongTimers()`. Text, because tsx gives functions a
 * helper that the page does not have.
 */
const KEEP_LONG_TIMERS = `{
  const { setTimeout } = window;
  const waiting = [];
  window.setTimeout = (run, ms = 0, ...rest) => (ms < 5_000 ? setTimeout(run, ms, ...rest) : waiting.push(run));
  window.endLongTimers = () => waiting.splice(0).forEach((run) => run());
}`;

let stack: Stack;
let ana: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 40, users: { ana: 'recepcion' } });
  ana = await stack.device('ana');
});

test.after(async () => {
  await stack?.close();
});

test('a card moves with M and Enter, and its step is kept with who and when', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  const card = page.locator('section[data-status="received"] li[data-order]').first();
  const id = await card.getAttribute('data-order');
  await card.getByRole('link').focus();

  await page.keyboard.press('m');
  await page.locator('order-mover').getByRole('button', { name: 'Diagnóstico' }).focus();
  await page.keyboard.press('Enter');

  await page.locator(`section[data-status="diagnosis"] li[data-order="${id}"]`).waitFor();
  const [step] = await ana.query(
    'select from_key, to_key, created_by from wo_status_log where work_order_id = ? order by created_at desc limit 1',
    [id],
  );
  assert.equal(step, { from_key: 'received', to_key: 'diagnosis', created_by: 'ana' });
});

test('a message that can be undone stays as long as the focus is on its button, and goes afterwards', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  const card = page.locator('section[data-status="received"] li[data-order]').first();
  await card.waitFor();
  await page.evaluate(KEEP_LONG_TIMERS);
  await card.getByRole('link').focus();
  await page.keyboard.press('m');
  await page.locator('order-mover').getByRole('button', { name: 'Diagnóstico' }).press('Enter');
  const undo = page.getByRole('button', { name: 'Deshacer' });

  await undo.focus();
  await page.evaluate('endLongTimers()');
  assert.is(await undo.count(), 1);
  await undo.blur();

  await undo.waitFor({ state: 'detached' });
});

test('an arrow goes to the next card, and Enter opens it', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  const cards = page.locator('section[data-status="in_progress"] li[data-order]');
  const second = await cards.nth(1).getAttribute('data-order');
  await cards.first().getByRole('link').focus();

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');

  await page.waitForURL(`**/ordenes/${second}`);
});

test('[KEY-2] the question mark shows the keys of the page, and F2 begins a reception', async () => {
  const { page } = ana;
  await page.goto('/ordenes');
  await page.locator('li[data-order]').first().waitFor();

  await page.keyboard.press('?');
  await page.getByText('En el tablero: mover la tarjeta').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('wa-dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('F2');

  await page.waitForURL('**/recepcion/nueva');
});

test('cancelling asks for a reason, and does nothing without one', async () => {
  const { page } = ana;
  await page.goto('/ordenes?vista=lista');
  const line = page.locator('li[data-order]').first();
  const id = await line.getAttribute('data-order');
  await line.getByRole('combobox').selectOption('cancelled');

  await page.getByRole('button', { name: 'Volver' }).click();
  const [before] = await ana.query('select status_key from work_orders where id = ?', [id]);
  await line.getByRole('combobox').selectOption('cancelled');
  await page.getByRole('textbox', { name: 'Motivo' }).fill('El cliente no vuelve');
  await page.locator('order-mover').getByRole('button', { name: 'Anulado' }).click();

  assert.is.not(before?.status_key, 'cancelled');
  await ana.until('the order is cancelled', async () => {
    const [order] = await ana.query('select status_key, cancel_reason from work_orders where id = ?', [id]);
    return order?.status_key === 'cancelled' && order.cancel_reason === 'El cliente no vuelve';
  });
});

test.run();
