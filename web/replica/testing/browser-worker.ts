/** The worker of browser-page.ts: the engine with the shop's schema. */
import { serveEngine } from '../worker.ts';
import { shopSchema } from './shop-schema.ts';

serveEngine({ name: 'shop', schema: shopSchema, wasmUrl: '/sql-wasm.wasm' });
