/** The engine in a real browser: tabs, hand-over, reload, quota, damage. */
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../../shared/testing/until.ts';
import { openTestBrowser, type TestBrowser } from './testing/browser.ts';
import type { ShopPage } from './testing/browser-page.ts';

declare const shop: ShopPage & { readonly engine: NonNullable<ShopPage['engine']> };

const test = suite('worker');
const SMALL_DISK_BYTES = 3_000_000;
let browser: TestBrowser;

test.before.each(async () => {
  browser = await openTestBrowser().catch((error: unknown) => {
    console.error(error); // uvu keeps it to itself
    throw error;
  });
});
test.after.each(() => browser.close());

test('[TAB-1] two tabs have one replica: what one writes the other sees, and either may go', async () => {
  const [first, second] = [await opened(), await opened()];
  await second.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    shop.engine.watch({ sql: 'select name from customers order by name' }, (rows) =>
      seen.push(rows.map(({ name }) => name)),
    );
  });
  await insert(first, 'c1', 'Ana');
  await second.waitForFunction(
    () => (globalThis as unknown as { seen: unknown[][] }).seen.at(-1)?.length === 1,
  );

  const devices = await Promise.all(
    [first, second].map((page) => page.evaluate(async () => (await shop.engine.status()).device)),
  );
  assert.is(devices[0], devices[1]);
  await first.close();
  await insert(second, 'c2', 'Eva');
  assert.equal(await names(second), ['Ana', 'Eva']);
});

test('[TAB-2] a row is there after a reload at once, also when every tab was gone', async () => {
  const page = await opened();
  await insert(page, 'c1', 'Ana');
  await page.reload();
  await open(page);
  assert.equal(await names(page), ['Ana']);

  await page.close();
  const again = await opened();
  assert.equal(await names(again), ['Ana']);
  assert.is(await again.evaluate(async () => (await shop.engine.status()).pending), 1);
});

test('[TAB-3] without SharedWorker one tab leads; the other waits, and takes over when asked', async () => {
  const leader = await opened(true);
  await insert(leader, 'c1', 'Ana');
  const waiting = await browser.tab();
  const taken = waiting.evaluate(() => shop.open({ dedicated: true }));
  await waiting.waitForFunction(() => shop.events.includes('waiting'));

  await waiting.evaluate(() => shop.takeOver());
  await taken;

  assert.equal(await names(waiting), ['Ana']);
  await insert(waiting, 'c2', 'Eva');
  assert.equal(await names(waiting), ['Ana', 'Eva']);
  await leader.waitForFunction(() => shop.events.includes('lost'));
});

test('[TAB-3] when the leading tab is closed the waiting one leads, with nothing lost', async () => {
  const leader = await opened(true);
  const waiting = await browser.tab();
  const taken = waiting.evaluate(() => shop.open({ dedicated: true }));
  await waiting.waitForFunction(() => shop.events.includes('waiting'));
  await insert(leader, 'c1', 'Ana');

  await leader.close();
  await taken;

  assert.equal(await names(waiting), ['Ana']);
});

test('[TAB-3] when the leading tab is closed amid its writes, the waiting one has each that resolved, once', async () => {
  const leader = await opened(true);
  const waiting = await browser.tab();
  const taken = waiting.evaluate(() => shop.open({ dedicated: true }));
  await waiting.waitForFunction(() => shop.events.includes('waiting'));
  const resolved: string[] = [];
  for (let number = 0; number < 200; number++) {
    const id = `c${number}`;
    insert(leader, id, id).then(
      () => resolved.push(id),
      () => {}, // the tab was gone
    );
  }
  await until(() => resolved.length >= 20);

  await leader.close();
  await taken;

  const found = await names(waiting);
  assert.equal(
    resolved.filter((id) => !found.includes(id)),
    [],
  );
  assert.is(new Set(found).size, found.length);
  assert.is(await waiting.evaluate(async () => (await shop.engine.status()).pending), found.length);
});

test('[STORE-4] a tab that does not know it was taken over stores nothing more, and says why', async () => {
  const former = await opened(true);
  await insert(former, 'c1', 'Ana');
  const present = await browser.tab();
  await present.evaluate(() => shop.open({ dedicated: true, lockName: 'another' }));
  await insert(present, 'c2', 'Eva');

  const failure = await insert(former, 'c3', 'Luis').then(
    () => 'it was stored',
    (error: Error) => error.message,
  );
  await insert(present, 'c4', 'Eli');

  assert.match(failure, /another tab/);
  assert.equal(await names(present), ['Ana', 'Eli', 'Eva']);
  await present.reload();
  await open(present);
  assert.equal(await names(present), ['Ana', 'Eli', 'Eva']);
});

test('a private window works as any other, and says that the browser promises nothing', async () => {
  const window = await browser.privateWindow();
  const page = await window.tab();
  await open(page);
  await insert(page, 'c1', 'Ana');
  await page.reload();
  await open(page);

  assert.equal(await names(page), ['Ana']);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        shop.engine.watchStatus(({ storage }) => {
          if (storage.persisted === false) resolve();
        });
      }),
  );
  await window.close();
  const again = await browser.privateWindow();
  const empty = await again.tab();
  await open(empty);
  assert.equal(await names(empty), []);
  await again.close();
});

test('[WRITE-3] a full disk: the write fails with a sentence, earlier rows stay, later ones work again', async () => {
  const page = await browser.tab();
  const control = await browser.context.newCDPSession(page);
  // Before the engine opens: Chromium remembers for a while how much room a database had.
  await control.send('Storage.overrideQuotaForOrigin', {
    origin: browser.origin,
    quotaSize: SMALL_DISK_BYTES,
  });
  await open(page);
  await insert(page, 'c1', 'Ana');

  const failure = await page.evaluate(async () => {
    // Chance does not compress: 4 MB really need the room.
    let big = '';
    while (big.length < 4_000_000) big += crypto.randomUUID();
    return shop.engine.execute("insert into customers (id, name) values ('big', ?)", [big]).then(
      () => undefined,
      (error: Error) => error.message,
    );
  });
  assert.match(failure ?? 'nothing was refused', /no room/);
  assert.equal(await names(page), ['Ana']);

  await control.send('Storage.overrideQuotaForOrigin', { origin: browser.origin });
  await insert(page, 'c2', 'Eva');
  await page.reload();
  await open(page);
  assert.equal(await names(page), ['Ana', 'Eva']);
});

test('[IMG-2] an image damaged on disk is rebuilt', async () => {
  const page = await opened(true);
  await insert(page, 'c1', 'Ana');
  const blocks = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('shop:test:ana');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const store = opening.result.transaction('block', 'readwrite').objectStore('block');
            const keys = store.getAllKeys();
            keys.onsuccess = () => {
              for (const key of keys.result) store.put(new Uint8Array(65_536).fill(7), key);
              opening.result.close();
              resolve(keys.result.length);
            };
          };
        }),
    );
  await until(async () => (await blocks()) > 0, 'a checkpoint, which comes when writing has paused');

  await page.reload();
  await open(page, true);
  assert.equal(await names(page), ['Ana']);
});

test('[IMG-2] a part of the image that turns out damaged only after the first result is rebuilt, and lists recover', async () => {
  const page = await opened(true);
  await page.evaluate(() =>
    shop.engine.transaction(
      Array.from({ length: 6_000 }, (_, index) => ({
        sql: 'insert into customers (id, name, phone) values (?, ?, ?)',
        params: [`c${10_000 + index}`, `n${index}`, crypto.randomUUID()],
      })),
    ),
  );
  await until(() => page.evaluate(tearMiddleBlock), 'a checkpoint, which comes when writing has paused');

  await page.reload();
  await open(page, true);
  const first = await page.evaluate(() =>
    shop.engine.query("select name from customers where id = 'c10042'"),
  );
  assert.equal(first, [{ name: 'n42' }]);
  const shown = await page.evaluate(
    () =>
      new Promise((resolve) => {
        shop.engine.watch({ sql: 'select name, phone from customers' }, (rows) => {
          if (rows.length === 6_000) resolve(new Set(rows.map(({ name }) => name)).size);
        });
      }),
  );

  assert.is(shown, 6_000);
});

test('an error of a rule reaches the page with its table, column and row', async () => {
  const page = await opened();
  const failure = await page.evaluate(() =>
    shop.engine
      .execute("insert into orders (id, priority) values ('0192f0c0-0000-7000-8000-000000000000', 77)")
      .catch((error: Error & { rule: string; table: string }) => ({
        name: error.name,
        rule: error.rule,
        table: error.table,
      })),
  );
  assert.equal(failure, { name: 'RefusedWriteError', rule: 'check', table: 'orders' });
});

test.run();

/** Noise of the same length in place of a block; false while there is no image. Runs on the page. */
function tearMiddleBlock(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('shop:test:ana');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction(['meta', 'block'], 'readwrite');
      const reading = transaction.objectStore('meta').get('image');
      reading.onsuccess = () => {
        const names: string[] = reading.result?.blocks ?? [];
        if (names.length > 1)
          transaction
            .objectStore('block')
            .put(new Blob([new Uint8Array(65_536).fill(7)]), names[names.length >> 1]!);
        transaction.oncomplete = () => {
          opening.result.close();
          resolve(names.length > 1);
        };
      };
    };
  });
}

async function opened(dedicated = false): Promise<Page> {
  const page = await browser.tab();
  await open(page, dedicated);
  return page;
}

function open(page: Page, dedicated = false): Promise<void> {
  return page.evaluate((options) => shop.open(options), { dedicated });
}

function insert(page: Page, id: string, name: string): Promise<unknown> {
  return page.evaluate(
    (params) => shop.engine.execute('insert into customers (id, name) values (?, ?)', params),
    [id, name],
  );
}

function names(page: Page): Promise<unknown[]> {
  return page.evaluate(async () =>
    (await shop.engine.query('select name from customers order by name')).map(({ name }) => name),
  );
}
