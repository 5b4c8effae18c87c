/** The worker's first script: small, so that disk and wasm are asked while the engine with its schema still loads. */
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import { startWorker } from './replica/worker-start.ts';

const start = startWorker({ name: 'taller', wasmUrl });
const { serveTaller } = await import('./taller-engine.ts');
serveTaller(start);
