/** The worker's first script in the bench, as the app has it. */
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import { startWorker } from '../../replica/worker-start.ts';

const start = startWorker({ name: 'bench', wasmUrl });
const { serveBench } = await import('./bench-engine.ts');
serveBench(start);
