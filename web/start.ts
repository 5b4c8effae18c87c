/** The page's first script: small, so that the worker starts while the application itself still loads. */
const worker =
  typeof SharedWorker === 'undefined'
    ? undefined
    : new SharedWorker(new URL('./taller-worker.ts', import.meta.url), { type: 'module', name: 'taller' });

const { openTaller } = await import('./main.ts');
await openTaller(worker);
