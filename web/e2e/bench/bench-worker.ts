/** Composition root of the bench's worker: the engine as the app runs it, with the bench's schema. */
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import { serveEngine } from '../../replica/worker.ts';
import { visitSchema } from './visits.ts';

serveEngine({ name: 'bench', schema: visitSchema, wasmUrl });
