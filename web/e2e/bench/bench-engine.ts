/** Composition root of the bench's worker: the engine as the app runs it, with the bench's schema. */
import { serveEngine } from '../../replica/worker.ts';
import type { WorkerStart } from '../../replica/worker-start.ts';
import { visitSchema } from './visits.ts';

export function serveBench(start: WorkerStart): void {
  serveEngine(start, { schema: visitSchema });
}
