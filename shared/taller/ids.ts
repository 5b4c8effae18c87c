/** Ids that keep together what belongs together. */
import { newId, timestampMsOfId } from '../base/ids.ts';

/**
 * A new id with the timestamp of another, so that both name the same month: what hangs on the new row is then
 * routed to the document of the old one. Use it for every row of an order that others hang on (jobs, inspections,
 * estimates, clock entries). Their order in time is `created_at`, not the id.
 */
export function idBeside(id: string, makeId: (atMs: number) => string = newId): string {
  const atMs = timestampMsOfId(id);
  if (atMs === undefined) throw new RangeError(`id "${id}" is not a UUIDv7; ids beside it have no month`);
  return makeId(atMs);
}
