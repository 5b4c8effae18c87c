/**
 * The application in a real Chromium against a real relay: what is loaded first, how soon the board is there with no
 * network, whether anything holds up a frame with 100 000 rows, and what an hour of use leaves behind.
 * `npm run bench -- app`
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../shared/base/assert.ts';
import { newId } from '../../shared/base/ids.ts';
import { percentile, report } from '../../shared/testing/bench.ts';
import type { Statement } from '../client/engine-messages.ts';
import { ACTS_OF_AN_HOUR, type Cast, playActs } from './bench/busy-hour.ts';
import { firstLoadBytes } from './bench/first-load.ts';
import { type Memory, PageMemory } from './bench/page-memory.ts';
import { Stack } from './stack.ts';

const KB = 1024;
const MB = 1024 * KB;
const OPEN_ORDERS = 5_000;
const ALL_ROWS = 100_000;
const ROWS_PER_COMMIT = 2_500;
/** The replica writes its image 1.5 s after the last write. */
const CHECKPOINT_MS = 4_000;
const LONG_MS = 120_000;
const DAY_MS = 86_400_000;
/** Memory may grow by so much in the second half of an hour: what a collection leaves by chance, and the rows written. */
const GROWTH_PERCENT = 5;
const OPEN_STATES = ['received', 'diagnosis', 'waiting_approval', 'waiting_parts', 'in_progress', 'quality'];
const DELIVERED = ['delivered'];
/** Run in each new page: says on the console when a card stands on the board. No function in it has a name: tsx would ask for a helper. */
const TELL_CARD = (): void => {
  if (location.pathname !== '/ordenes') return;
  const timer = setInterval(() => {
    const board = document
      .querySelector('app-shell')
      ?.shadowRoot?.querySelector('orders-page')
      ?.shadowRoot?.querySelector('order-board');
    if (board?.shadowRoot?.querySelector('li[data-order]') == null) return;
    clearInterval(timer);
    console.info(`card at ${performance.now()}`);
  }, 4);
};
/** Run in the page: the list has an order where one can see it. */
const HAS_ROW = (): boolean =>
  [
    ...(document
      .querySelector('app-shell')
      ?.shadowRoot?.querySelector('orders-page')
      ?.shadowRoot?.querySelector('order-list')
      ?.shadowRoot?.querySelectorAll('li[data-order]') ?? []),
  ].some((row) => row.getBoundingClientRect().bottom > 0 && row.getBoundingClientRect().top < innerHeight);

const stack = await Stack.open({ orders: 30, users: { admin: 'admin' } });
const profile = await mkdtemp(join(tmpdir(), 'espejo-app-bench-'));
const device = await stack.device('admin', { profile });
const { page } = device;

report({
  name: 'JavaScript for first load, gzipped, beside sql.js',
  value: firstLoadBytes() / KB,
  unit: 'KB',
  budget: { atMost: 250 },
});
await page.addInitScript(TELL_CARD);
await fill(OPEN_ORDERS, OPEN_STATES);
await openings(`offline reload to usable board, ${OPEN_ORDERS} open orders`);
await fill(ALL_ROWS - OPEN_ORDERS, DELIVERED);
await openings(`offline reload to usable board, ${ALL_ROWS} rows`, 'none');
await smoothBoard();
await smoothOrder();
await smoothList();
await anHour();

await device.close();
await stack.close();
await rm(profile, { recursive: true, force: true });
process.exit(); // the embedded Postgres of a bench started alone

/** Orders as the reception makes them, spread over five years, in the states given by turns. */
async function fill(count: number, states: readonly string[]): Promise<void> {
  const isOpen = states !== DELIVERED;
  const vehicles = await device.query('select vehicle_id as id, customer_id from vehicle_owners limit 20');
  const before = await countOrders();
  for (let done = 0; done < count; done += ROWS_PER_COMMIT) {
    const statements = Array.from(
      { length: Math.min(ROWS_PER_COMMIT, count - done) },
      (_, index): Statement => {
        const number = done + index;
        const openedAtMs = Date.now() - (isOpen ? (number % 20) + 1 : (number % 1_800) + 20) * DAY_MS;
        const vehicle = vehicles[number % vehicles.length];
        return {
          sql: `insert into work_orders (id, number, status_key, customer_id, vehicle_id, opened_at, promised_at, complaint)
              values (?, ?, ?, ?, ?, ?, ?, 'Revisión')`,
          params: [
            newId(openedAtMs),
            `B-${number}`,
            states[number % states.length] ?? '',
            vehicle?.customer_id ?? null,
            vehicle?.id ?? null,
            openedAtMs,
            openedAtMs + 25 * DAY_MS,
          ],
        };
      },
    );
    await device.transaction(statements, { label: 'fill' });
  }
  assert((await countOrders()) === before + count, 'orders are missing');
  await device.until('storing', async () => (await device.status()).pending === 0, LONG_MS);
  await page.waitForTimeout(CHECKPOINT_MS);
}

async function countOrders(): Promise<number> {
  return Number((await device.query('select count(*) as n from work_orders'))[0]?.n);
}

/** From the address to cards that can be pressed, the worker started anew, with no network. */
async function openings(name: string, budget?: 'none'): Promise<void> {
  await device.goOffline();
  const times: number[] = [];
  for (let run = 0; run < 7; run++) {
    await page.goto('about:blank');
    await page.waitForTimeout(1_000); // the worker of the page before ends
    // Told by the page itself: Playwright asking would be work of the page that opens.
    const told = page.waitForEvent('console', (message) => message.text().startsWith('card at '));
    await page.goto('/ordenes', { waitUntil: 'commit' });
    times.push(Number((await told).text().replace('card at ', '')));
  }
  await device.goOnline();
  report({
    name,
    value: percentile(times, 50),
    unit: 'ms',
    budget: budget === 'none' ? { none: true } : { atMost: 700 },
    note: `median of ${times.length}, slowest ${percentile(times, 100).toFixed(0)}`,
  });
}

async function smoothBoard(): Promise<void> {
  await page.goto('/ordenes');
  await card('received').first().waitFor();
  await settle();
  const tasks = await longestTask(async () => {
    for (let run = 0; run < 5; run++) {
      const moved = await card('received').first().getAttribute('data-order');
      await page
        .locator(`li[data-order="${moved}"]`)
        .dragTo(page.locator('section[data-status="diagnosis"] h2'));
      await device.until('the card is moved', async () => {
        const [row] = await device.query('select status_key from work_orders where id = ?', [moved]);
        return row?.status_key === 'diagnosis';
      });
    }
  });
  reportTasks(`dragging cards on the board, ${ALL_ROWS} rows: longest task`, tasks);
}

async function smoothOrder(): Promise<void> {
  const [order] = await device.query("select id from work_orders where status_key = 'in_progress' limit 1");
  await page.goto(`/ordenes/${order?.id}`);
  const diagnosis = page.getByLabel('Diagnóstico');
  await diagnosis.waitFor();
  await settle();
  const text = 'Pastillas gastadas y discos rayados; se cambian los dos ejes. ';
  const tasks = await longestTask(async () => {
    await diagnosis.focus();
    await page.keyboard.type(text, { delay: 30 });
    await page.getByLabel('Nota para el cliente').fill('Llamar antes de las cinco');
    await page.getByLabel('Cuentakilómetros').fill('88000');
    await device.until('the text is stored', async () => {
      const [row] = await device.query('select odometer_in from work_orders where id = ?', [
        order?.id as string,
      ]);
      return row?.odometer_in === 88_000;
    });
  });
  reportTasks(`typing in the order, ${ALL_ROWS} rows: longest task`, tasks);
}

async function smoothList(): Promise<void> {
  await page.goto('/ordenes?vista=lista');
  await page.locator('li[data-order]').first().waitFor();
  await page.getByRole('button', { name: 'Todas' }).click();
  await page.locator(`ul[data-count="${await countOrders()}"]`).waitFor();
  await settle();
  const tasks = await longestTask(async () => {
    for (let step = 0; step < 40; step++) {
      await page.mouse.wheel(0, 1_500);
      await page.waitForTimeout(30);
    }
    for (const part of [0.25, 0.9, 0.5]) {
      await page.evaluate((to) => window.scrollTo(0, document.documentElement.scrollHeight * to), part);
      await page.waitForFunction(HAS_ROW, undefined, { polling: 'raf' });
    }
  });
  reportTasks(`scrolling through ${ALL_ROWS} orders: longest task`, tasks);
}

function reportTasks(name: string, tasks: readonly number[]): void {
  report({
    name,
    value: Math.max(0, ...tasks),
    unit: 'ms',
    budget: { atMost: 50 },
    note: tasks.length === 0 ? 'none over 50 ms' : `${tasks.length} over 50 ms`,
  });
}

/** A whole hour of somebody busy. BENCH_ACTS plays another number of acts. */
async function anHour(): Promise<void> {
  await page.goto('/inicio');
  await settle();
  const memory = await PageMemory.of(page);
  const cast = await castOf();
  const acts = Number(process.env.BENCH_ACTS ?? ACTS_OF_AN_HOUR);
  const quarters: Memory[] = [];
  const startedAtMs = performance.now();
  for (let quarter = 0; quarter < 4; quarter++) {
    await playActs(page, (acts / 4) * quarter, (acts / 4) * (quarter + 1), cast);
    await settle();
    quarters.push(await memory.measure());
  }
  const note = `${acts} acts in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`;
  reportGrowth('heap of the page', note, quarters, ({ pageBytes }) => pageBytes / MB, 'MB');
  reportGrowth('heap of the worker', note, quarters, ({ workerBytes }) => workerBytes / MB, 'MB');
  reportGrowth('nodes of the page', note, quarters, ({ nodes }) => nodes);
  reportGrowth('listeners of the page', note, quarters, ({ listeners }) => listeners);
}

/** After an hour of use, from its half to its end. */
function reportGrowth(
  what: string,
  note: string,
  quarters: readonly Memory[],
  read: (memory: Memory) => number,
  unit = '',
): void {
  const values = quarters.map(read);
  const [, half = 0, , end = 0] = values;
  const told = values.map((value) => (unit === '' ? value.toFixed(0) : value.toFixed(1))).join(', ');
  report({
    name: `an hour of use: growth of the ${what} in its second half`,
    value: ((end - half) / half) * 100,
    unit: '%',
    budget: { atMost: GROWTH_PERCENT },
    note: `by quarters ${told}${unit === '' ? '' : ` ${unit}`}; ${note}`,
  });
}

async function castOf(): Promise<Cast> {
  const orders = await device.query("select id from work_orders where status_key = 'in_progress' limit 20");
  const vehicles = await device.query("select id, plate from vehicles where plate <> '' limit 20");
  const customers = await device.query('select id from customers limit 20');
  const text = (value: unknown): string => String(value);
  return {
    orders: orders.map(({ id }) => text(id)),
    customers: customers.map(({ id }) => text(id)),
    vehicles: vehicles.map(({ id }) => text(id)),
    plates: vehicles.map(({ plate }) => text(plate)),
  };
}

function card(status: string) {
  return page.locator(`section[data-status="${status}"] li[data-order]`);
}

/** Nothing is waiting to be drawn or sent. */
async function settle(): Promise<void> {
  await device.engineReady();
  await device.until('settling', async () => (await device.status()).pending === 0, LONG_MS);
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

/** Tasks of the page's thread over 50 ms while `act` runs. */
async function longestTask(act: () => Promise<void>): Promise<readonly number[]> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    });
    observer.observe({ type: 'longtask' });
    Object.assign(window, { longTasks: { tasks, observer } });
  });
  await act();
  return page.evaluate(() => {
    const { tasks, observer } = (window as unknown as LongTasks).longTasks;
    tasks.push(...observer.takeRecords().map(({ duration }) => duration));
    observer.disconnect();
    return tasks;
  });
}

interface LongTasks {
  readonly longTasks: { readonly tasks: number[]; readonly observer: PerformanceObserver };
}
