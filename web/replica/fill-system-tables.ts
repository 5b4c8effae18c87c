/** The system tables as the store has it, when the database is made ready. */
import type { Core } from './core.ts';
import type { StoreNotes } from './store/store.ts';

export function fillSystemTables(core: Core, { sync }: StoreNotes): void {
  const { tables, outbox, documents, clock, device, user } = core;
  // What waits to be sent is newer than what was stored.
  tables.restoreSync(sync ?? []);
  for (const entry of outbox.entries()) {
    tables.outboxChanged(entry);
    tables.rowsChanged(entry, 'local', entry.createdAtMs);
  }
  for (const name of documents.names())
    tables.documentChanged(documents.record(name), undefined, documents.tailLength(name));
  tables.deviceChanged(device, user, clock.offsetMs);
}
