/** The worker of browser-page.ts: the engine with the shop's schema. */
import { serveEngine } from '../worker.ts';
import { startWorker } from '../worker-start.ts';
import { shopSchema } from './shop-schema.ts';

serveEngine(startWorker({ name: 'shop', wasmUrl: '/sql-wasm.wasm' }), { schema: shopSchema });
