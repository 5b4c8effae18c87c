/// <reference lib="webworker" />
/**
 * Keeps the application on the device: page, worker, wasm, fonts and icons are precached, navigations are answered from
 * the precache, and `offline.html` stands in when even that is gone. Data is never cached here: the replica has it.
 *
 * Background Sync wakes open pages, whose replicas then send; where no page answers the outbox is sent from here.
 */
import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute } from 'workbox-precaching';
import { sendOutbox } from './send-outbox.ts';

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: { readonly url: string; readonly revision: string | null }[];
};

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

/** Name of the engine's databases; web/taller-worker.ts gives it. */
const ENGINE_NAME = 'taller';
/** Name under which the page asks the browser to wake us once there is a network. */
const OUTBOX_TAG = 'outbox';
/** A page that is at work answers in milliseconds, one that opens the engine on an old tablet in a second or two. */
const ANSWER_TIMEOUT_MS = 5_000;
/** The relay's own addresses: never answered from the device. */
const RELAY_PATHS = ['/api/', '/sync/', '/health', '/ready', '/metrics', '/docs'];

// Listens before workbox does, so that navigations to any page of the application are answered by its one document.
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  const { pathname } = new URL(event.request.url);
  if (RELAY_PATHS.some((path) => pathname.startsWith(path))) return;
  event.respondWith(documentFor(event.request));
});

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

// A new version waits until the page says so (or every page is closed): the pages that are open still load their parts
// from the version they began with.
self.addEventListener('message', (event) => {
  if (event.data?.type === 'use-new-version') void self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('sync', (event) => {
  const { tag } = event as SyncEvent;
  if (tag === OUTBOX_TAG) (event as SyncEvent).waitUntil(send());
});

async function documentFor(request: Request): Promise<Response> {
  const kept = await matchPrecache('/index.html');
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch {
    return (await matchPrecache('/offline.html')) ?? Response.error();
  }
}

/** What this rejects with tells the browser to wake us again. */
async function send(): Promise<void> {
  const pages = await self.clients.matchAll({ type: 'window' });
  if (await isTakenOn(pages)) return;
  await sendOutbox({
    indexedDB: self.indexedDB,
    fetch: (input, init) => fetch(input, init),
    name: ENGINE_NAME,
  });
}

/**
 * Whether one of the pages sends it. That a page is there says little: one that is being closed is still named for a
 * moment, a frozen one hears nothing, and a wake that counted on either is not repeated.
 */
function isTakenOn(pages: readonly Client[]): Promise<boolean> {
  if (pages.length === 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ANSWER_TIMEOUT_MS);
    for (const page of pages) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(true);
      page.postMessage({ type: 'send-outbox' }, [port2]);
    }
  });
}
