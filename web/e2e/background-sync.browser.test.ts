/**
 * Background Sync with the tab closed: what was written with no network reaches the relay as soon as the browser wakes
 * the service worker, although no page is open; the page that opens later has nothing left to send.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newId } from '../../shared/base/ids.ts';
import type { Device } from './device.ts';
import { Stack, WORKSPACE } from './stack.ts';

const test = suite('background sync');

let stack: Stack;
let ana: Device;

test.before(async () => {
  stack = await Stack.open({ orders: 2, users: { ana: 'recepcion' } });
  ana = await stack.device('ana');
});

test.after(async () => {
  await stack?.close();
});

test('what waits in the outbox is sent with the tab closed, and once', async () => {
  const commit = await writeOffline();
  const wake = await backgroundSync(ana);
  await ana.page.goto('about:blank');
  await ana.goOnline();
  await wake('outbox');

  assert.is(await timesStored(commit), 1);
  await ana.page.goto('/ordenes');
  await ana.engineReady();
  await ana.settled();
  assert.is((await ana.status()).pending, 0);
  assert.is(await timesStored(commit), 1);
});

test('a page that is there and does not answer keeps nothing back', async () => {
  // Named to the service worker like a page that is being closed or frozen, and as deaf.
  const deaf = await ana.context.newPage();
  await deaf.goto('/health');
  const commit = await writeOffline();
  const wake = await backgroundSync(ana);
  await ana.page.goto('about:blank');
  await ana.goOnline();
  await wake('outbox');

  assert.is(await timesStored(commit), 1);
  await deaf.close();
});

/** A commit that waits in the outbox. */
async function writeOffline(): Promise<string> {
  await ana.goOffline();
  await ana.transaction(
    [{ sql: `insert into customers (id, name) values (?, 'Con la pestaña cerrada')`, params: [newId()] }],
    { label: 'customer.create' },
  );
  const commits = await ana.query('select id from _outbox');
  assert.is(commits.length, 1);
  return commits[0]!.id as string;
}

/** What the browser does by itself once there is a network: wakes the service worker with a tag. */
async function backgroundSync(device: Device): Promise<(tag: string) => Promise<void>> {
  const origin = new URL(device.page.url()).origin;
  const session = await device.context.newCDPSession(device.page);
  const registrationId = await new Promise<string>((resolve, reject) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const found = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin));
      if (found) resolve(found.registrationId);
    });
    session.send('ServiceWorker.enable').catch(reject);
  });
  return async (tag) => {
    await session.send('ServiceWorker.dispatchSyncEvent', { origin, registrationId, tag, lastChance: false });
  };
}

/** How often the relay has the commit, once it has it. */
async function timesStored(commit: string): Promise<number> {
  const deadlineMs = Date.now() + 40_000;
  for (;;) {
    const { rows } = await stack.pool.query('select from espejo.commit where workspace = $1 and id = $2', [
      WORKSPACE,
      commit,
    ]);
    if (rows.length > 0 || Date.now() > deadlineMs) return rows.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.run();
