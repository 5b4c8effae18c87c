/**
 * The disk refused. SQL and memory are ahead of it now: the documents concerned are loaded from the store again and
 * their rows written anew, so that what the page shows is what is stored [WRITE-3].
 */
import type { Core } from './core.ts';
import { StoreError, type StoreWrite } from './store/store.ts';

/** Takes the writes back; answers the sentence for the status. */
export function takeBack(core: Core, error: unknown, lost: readonly StoreWrite[]): string {
  const { documents, outbox, tables, metrics } = core;
  const names = new Set<string>();
  for (const write of lost) {
    for (const document of write.dropDocuments ?? []) names.add(document);
    for (const [document] of write.dropUpdates ?? []) names.add(document);
    for (const { document, commit } of write.updates ?? []) {
      names.add(document);
      if (commit !== undefined) tables.commitDropped(commit);
    }
    for (const { commit } of write.outboxPut ?? []) {
      if (!outbox.get(commit.id)) tables.outboxRemoved(commit.id);
    }
  }
  for (const name of names) documents.distrust(name);
  for (const name of lost.flatMap(({ dropDocuments }) => dropDocuments ?? [])) documents.restore(name);
  const makeWhole = core.whole.break();
  documents
    .hydrate(names)
    .catch(() => {}) // the store stays away: the next use tries again
    .finally(makeWhole);
  metrics.noteError('disk', error instanceof Error ? error.message : String(error));
  return error instanceof StoreError
    ? error.message
    : `the device could not store a change: ${String(error)}`;
}
