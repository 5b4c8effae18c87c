/**
 * The application in a real Chromium against a real relay: what is loaded first, how soon the board is there with no
 * network, whether anything holds up a frame with 100 000 rows, and what an hour of use leaves behind.
 * `npm run bench -- app`
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator } from 'playwright-core';
import { assert } from '../../shared/base/assert.ts';
import { newId } from '../../shared/base/ids.ts';
import { percentile, report } from '../../shared/testing/bench.ts';
import type { Statement } from '../client/engine-messages.ts';
import { PageMemory } from './bench/page-memory.ts';
import { Stack } from './stack.ts';

const KB = 1024;
const MB = 1024 * KB;
const ROOT = join(import.meta.dirname, '../..');
const OPEN_ORDERS = 5_000;
const ALL_ROWS = 100_000;
const ROWS_PER_COMMIT = 2_500;
/** The replica writes its image 1.5 s after the last write. */
const CHECKPOINT_MS = 4_000;
const LONG_MS = 120_000;
const DAY_MS = 86_400_000;
/** Somebody who does something every ten seconds for an hour. */
const ACTS_OF_AN_HOUR = 360;
const OPEN_STATES = ['received', 'diagnosis', 'waiting_approval', 'waiting_parts', 'in_progress', 'quality'];
const DELIVERED = ['delivered'];
/** Run in the page: a card that stands on the board. No function inside has a name: tsx would ask for a helper. */
const HAS_CARD = (): boolean =>
  document
    .querySelector('app-shell')
    ?.shadowRoot?.querySelector('orders-page')
    ?.shadowRoot?.querySelector('order-board')
    ?.shadowRoot?.querySelector('li[data-order]') != null;
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
const device = await stack.device('admin');
const { page } = device;

await firstLoad();
await fill(OPEN_ORDERS, OPEN_STATES);
await openings(`offline reload to usable board, ${OPEN_ORDERS} open orders`);
await fill(ALL_ROWS - OPEN_ORDERS, DELIVERED);
await openings(`offline reload to usable board, ${ALL_ROWS} rows`, 'none');
await smoothBoard();
await smoothOrder();
await smoothList();
await anHour();

await stack.close();
process.exit(); // the embedded Postgres of a bench started alone

/** Everything JavaScript that a page opened for the first time asks for, worker included. */
async function firstLoad(): Promise<void> {
  const context = await stack.browser.newContext({ baseURL: device.line.url });
  const paths = new Set<string>();
  context.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js')) paths.add(pathname);
  });
  const fresh = await context.newPage();
  await fresh.goto('/');
  await fresh.getByRole('button', { name: /^(Entrar|Sign in)$/ }).waitFor();
  const entries = [...paths].map((path) => readFileSync(join(ROOT, 'dist', path), 'utf8'));
  const workers = new Set(entries.flatMap((text) => text.match(/taller-worker-[\w-]+\.js/g) ?? []));
  for (const worker of workers) addImports(paths, `/assets/${worker}`);
  paths.add(`/assets/${chunkOf('home-page')}`);
  await context.close();
  const bytes = [...paths].map((path) => gzipSync(readFileSync(join(ROOT, 'dist', path))).length);
  const sqlJs = gzipSync(readFileSync(join(ROOT, 'node_modules/sql.js/dist/sql-wasm.js'))).length;
  report({
    name: 'JavaScript for first load, gzipped, beside sql.js',
    value: (bytes.reduce((sum, size) => sum + size, 0) - sqlJs) / KB,
    unit: 'KB',
    budget: { atMost: 250 },
    note: `${paths.size} files, the worker's ${workers.size} among them`,
  });
}

/** The browser does not tell what a shared worker asks for; it imports all of it before it answers. */
function addImports(paths: Set<string>, path: string): void {
  paths.add(path);
  const text = readFileSync(join(ROOT, 'dist', path), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) {
    if (!paths.has(`/assets/${name}`)) addImports(paths, `/assets/${name}`);
  }
}

function chunkOf(name: string): string {
  const index = readFileSync(join(ROOT, 'dist/service-worker.js'), 'utf8');
  const found = index.match(new RegExp(`assets/(${name}-[\\w-]+\\.js)`))?.[1];
  assert(found !== undefined, `no chunk of ${name}`);
  return found;
}

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
    await page.goto('/ordenes', { waitUntil: 'commit' });
    await page.waitForFunction(HAS_CARD, undefined, { polling: 'raf' });
    times.push(await page.evaluate(() => performance.now()));
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

/** Goes about the pages as often as somebody does in an hour; the first tenth warms up. */
async function anHour(): Promise<void> {
  const memory = await PageMemory.of(page);
  const orders = await device.query("select id from work_orders where status_key = 'in_progress' limit 20");
  const acts: readonly ((round: number) => Promise<void>)[] = [
    () => visit('/inicio', page.getByRole('heading', { name: 'Prometido para hoy o antes' })),
    () => visit('/ordenes', page.locator('order-board li[data-order]')),
    (round) => visit(`/ordenes/${orders[round % orders.length]?.id}`, page.getByLabel('Diagnóstico')),
    async (round) => {
      await page.getByLabel('Nota para el cliente').fill(`Llamar a las ${round}`);
      await page.getByLabel('Nota para el cliente').blur();
    },
    () => visit('/ordenes?vista=lista', page.locator('order-list li[data-order]')),
    () => visit('/clientes', page.getByRole('heading', { name: 'Clientes' })),
  ];
  let warm: { readonly pageBytes: number; readonly workerBytes: number } | undefined;
  for (let act = 0; act < ACTS_OF_AN_HOUR; act++) {
    if (act === ACTS_OF_AN_HOUR / 10) warm = await memory.measure();
    await acts[act % acts.length]?.(Math.floor(act / acts.length));
  }
  const after = await memory.measure();
  assert(warm !== undefined, 'never warm');
  report({
    name: 'memory of the page: growth in an hour of use',
    value: (after.pageBytes - warm.pageBytes) / MB,
    unit: 'MB',
    budget: { atMost: 2 },
    note: `${ACTS_OF_AN_HOUR} acts, ${(after.pageBytes / MB).toFixed(1)} MB at the end`,
  });
  report({
    name: 'memory of the worker: growth in an hour of use',
    value: (after.workerBytes - warm.workerBytes) / MB,
    unit: 'MB',
    budget: { atMost: 4 },
    note: `${(after.workerBytes / MB).toFixed(1)} MB of JavaScript at the end`,
  });
}

/** Within the application, as a person goes: no page is loaded anew. */
async function visit(path: string, sign: Locator): Promise<void> {
  await page.evaluate((to) => {
    const event = Object.assign(new Event('app-navigate'), { path: to, replace: false });
    document.querySelector('app-shell')?.dispatchEvent(event);
  }, path);
  await page.waitForURL(`**${path}`);
  await sign.first().waitFor();
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
