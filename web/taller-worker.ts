/** Composition root of the worker: the engine with the schema of the workshop. */
import wasmUrl from 'sql.js/dist/sql-wasm.wasm?url';
import { tallerSchema } from '../shared/taller/schema.ts';
import { serveEngine } from './replica/worker.ts';

serveEngine({ name: 'taller', schema: tallerSchema, wasmUrl });
