/**
 * Documents that the user may no longer read leave the device: rows, registers, image, and what was kept to undo.
 * Work on them that was never sent stays in the outbox, as refused with the reason, and in the rescue file; so
 * nobody loses a day's typing to a change of roles [PERM-5].
 */
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import type { Core } from './core.ts';
import { inTransaction } from './transaction.ts';

/** What is stored here of documents that the grants no longer open. */
export function withdrawnDocuments({ documents, grants }: Core): string[] {
  if (!grants) return [];
  return documents.names().filter((name) => documents.isKept(name) && !mayRead(grants, name));
}

/** A reference is judged only where its target can be read: other grants, other violations. */
export function recheckReferences(
  { schema, grants, sql, mirror, live }: Core,
  before: Grants | undefined,
): void {
  const readable = (of: Grants | undefined) =>
    schema.families.map(({ name }) => of === undefined || mayRead(of, name)).join();
  if (readable(before) === readable(grants)) return;
  inTransaction(sql, () => mirror.recheck());
  live.changed([], ['_violation']);
}

/**
 * Removes them from memory, SQL and store; false when there are none. Call while every commit that was not sent is
 * taken out of its documents.
 */
export async function withdraw(core: Core): Promise<boolean> {
  const { documents, outbox, queue, sql, capture, mirror, analysis, tables, live } = core;
  while (!queue.isIdle) await queue.idle();
  const names = withdrawnDocuments(core);
  if (names.length === 0) return false;
  const gone = new Set(names);
  const refused = outbox
    .entries()
    .filter(
      ({ commit, state }) => state !== 'rejected' && commit.parts.some(({ document }) => gone.has(document)),
    )
    .map((entry) => {
      const closed = entry.commit.parts.find(({ document }) => gone.has(document))!.document;
      return outbox.update({
        ...entry,
        state: 'rejected',
        errorCode: 'not-allowed',
        error: `you may no longer read ${closed}; this change was not sent and is kept in the rescue file`,
      });
    });
  for (const name of names) documents.remove(name);
  inTransaction(sql, () =>
    capture.pause(() => {
      for (const name of names) mirror.drop(name);
    }),
  );
  for (const name of names) tables.documentRemoved(name);
  for (const entry of refused) tables.outboxChanged(entry);
  // What was deleted stays readable in free pages until the file is written anew.
  sql.exec('vacuum');
  analysis.forget();
  live.changedAll();
  await queue.write({
    durability: 'strict',
    dropDocuments: names,
    outboxPut: refused,
    image: 'drop',
  });
  return true;
}
