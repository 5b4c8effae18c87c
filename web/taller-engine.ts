/** Composition root of the worker: the engine with the schema of the workshop. */
import { tallerSchema } from '../shared/taller/schema.ts';
import { serveEngine } from './replica/worker.ts';
import type { WorkerStart } from './replica/worker-start.ts';

/** What is sent first when a device comes back: money, then stock, then the day's work and its people, then settings. */
const PRIORITIES: Readonly<Record<string, number>> = {
  billing: 100,
  cash: 50,
  stock: 50,
  work: 25,
  people: 25,
  catalog: 25,
  admin: 10,
};
const familyByTable = new Map(tallerSchema.tables.map(({ name, family }) => [name, family]));

export function serveTaller(start: WorkerStart): void {
  serveEngine(start, {
    schema: tallerSchema,
    priorityOf: (tables) =>
      Math.max(...[...tables].map((table) => PRIORITIES[familyByTable.get(table) ?? ''] ?? 25), 0),
  });
}
