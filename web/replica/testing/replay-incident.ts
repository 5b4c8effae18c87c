/** A replica that starts from an incident file, offline, as the device stood when the file was made. */
import type { Schema } from '../../../shared/schema/table.ts';
import { decodeIncident, type Incident } from '../incident/incident-file.ts';
import { openReplica, type Replica } from '../replica.ts';
import { MemoryStore } from '../store/memory-store.ts';

export interface Replayed {
  readonly replica: Replica;
  readonly incident: Incident;
}

/** `schema`: that of the build the file came from; `incident.versions` names it. */
export async function replayIncident(file: Uint8Array, schema: Schema): Promise<Replayed> {
  const incident = decodeIncident(file);
  const store = new MemoryStore();
  await store.write({
    durability: 'strict',
    meta: incident.seed,
    documents: incident.documents.flatMap(({ record }) => (record ? [record] : [])),
    snapshots: incident.documents.flatMap(({ name, record, snapshot }) =>
      snapshot ? [{ document: name, number: record?.snapshotNumber ?? 0, snapshot }] : [],
    ),
    updates: incident.documents.flatMap(({ updates }) => updates),
    outboxPut: incident.outbox,
  });
  const replica = await openReplica({ schema, store, user: incident.seed.user ?? '' });
  return { replica, incident };
}
