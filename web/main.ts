/** Composition root of the page: language, controls, engine, shell, and `window.espejo` for consoles and tests. */

import { consoleOf, type EspejoConsole } from './app/espejo-console.ts';
import { installOffer } from './app/install.ts';
import { preferredLocale, setLocale } from './app/localisation.ts';
import { Photos } from './app/photos/photos.ts';
import type { AppShell } from './app/shell.ts';
import './app/shell.ts';
import { applyTheme, followSystemTheme, storedTheme } from './app/theme.ts';
import { connectEngine, type EngineClient } from './client/engine-client.ts';

declare global {
  interface Window {
    /** SQL of this device from the console: `await espejo.query('select * from vehicles')`. */
    espejo: EspejoConsole;
  }
}

/** Dialogs and menus are opened by hand, and no hand is quicker; earlier they would hold up the first rows. */
const OVERLAYS_AFTER_MS = 1_000;

/** `worker` is the engine's, started before this script had loaded; undefined where there are no shared ones. */
export async function openTaller(worker: SharedWorker | undefined): Promise<void> {
  installOffer.listen();
  applyTheme(storedTheme());
  followSystemTheme();
  const shell = document.querySelector('app-shell') as AppShell;
  const engine = connect(worker, shell);
  engine.catch(() => {}); // `start` hears of it
  // Nothing is shown before the language is there, so no text flickers from one language to the other.
  await setLocale(preferredLocale());
  await start(engine, shell);
  void keepOffline(shell);
  void loadOverlays(engine);
}

/** Once there are rows to show. */
async function loadOverlays(engine: Promise<EngineClient>): Promise<void> {
  await (await engine).status().catch(() => {}); // nobody is signed in
  setTimeout(() => void import('./app/overlay-controls.ts'), OVERLAYS_AFTER_MS);
}

function connect(worker: SharedWorker | undefined, shell: AppShell): Promise<EngineClient> {
  return connectEngine({
    ...(worker ? { shared: () => worker } : {}),
    dedicated: () => new Worker(new URL('./taller-worker.ts', import.meta.url), { type: 'module' }),
    lockName: 'taller',
    onWaiting: (takeOver) => {
      shell.state = { name: 'waiting', takeOver };
    },
    onLost: () => {
      shell.state = { name: 'waiting', takeOver: () => window.location.reload() };
    },
  });
}

async function start(connecting: Promise<EngineClient>, shell: AppShell): Promise<void> {
  try {
    const engine = await connecting;
    window.espejo = consoleOf(engine);
    shell.engine = engine;
    shell.openPhotos = (session) =>
      Photos.open(session, {
        fetch: window.fetch.bind(window),
        now: () => Date.now(),
        token: async () => (await engine.session())?.token,
      });
    sendWhenOnline(engine);
    const session = await engine.session();
    if (session) shell.open(session);
    else shell.state = { name: 'signed-out' };
  } catch (error) {
    shell.state = { name: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The service worker keeps the application on this device; in development there is none. A version that has arrived waits
 * until somebody says yes, because pages that are open go on with the parts of the one they began with.
 */
async function keepOffline(shell: AppShell): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return;
  try {
    const registration = await navigator.serviceWorker.register('/service-worker.js');
    const isUpdate = () => navigator.serviceWorker.controller !== null;
    const offer = (waiting: ServiceWorker) => {
      shell.offerNewVersion(() => {
        navigator.serviceWorker.addEventListener('controllerchange', () => window.location.reload());
        waiting.postMessage({ type: 'use-new-version' });
      });
    };
    if (registration.waiting && isUpdate()) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const arriving = registration.installing;
      arriving?.addEventListener('statechange', () => {
        if (arriving.state === 'installed' && isUpdate()) offer(arriving);
      });
    });
  } catch (error) {
    console.warn('Taller will not open without a network: its service worker was refused.', error);
  }
}

/** A background sync as browsers that have it declare it. */
interface SyncManager {
  register(tag: string): Promise<void>;
}

/** Asks the browser to wake the page when there is a network again, and sends then. */
function sendWhenOnline(engine: EngineClient): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', (event) => {
    if (event.data?.type !== 'send-outbox') return;
    const takenOn = () => event.ports[0]?.postMessage('taken-on');
    engine.retry().then(takenOn, () => {}); // nobody is signed in here
  });
  engine.watchStatus(({ pending, connection }) => {
    if (pending === 0 || connection === 'connected') return;
    void navigator.serviceWorker.ready
      .then((registration) => (registration as { readonly sync?: SyncManager }).sync?.register('outbox'))
      .catch(() => {}); // private windows refuse it; the page itself retries
  });
}
