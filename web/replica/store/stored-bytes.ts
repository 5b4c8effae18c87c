/**
 * A commit's bytes are in its outbox entry and in the updates of its documents. What is stored in one write is stored
 * once: the entry then only names the update, by its document and number. The update stays as long as the entry does:
 * a document that a waiting commit touches is not folded, and a commit that is taken out of its documents is stored
 * with its content instead.
 */
import type { CommitPart } from '../../../shared/protocol/commit.ts';
import type { OutboxEntry, StoreWrite } from './store.ts';

/** An outbox entry as stored. */
export type StoredEntry = Omit<OutboxEntry, 'commit'> & {
  readonly commit: Omit<OutboxEntry['commit'], 'parts'> & {
    /** Without an update: see the document's update of the entry's number. */
    readonly parts: readonly (Omit<CommitPart, 'update'> & { readonly update?: Uint8Array })[];
  };
};

/** The outbox entries of a write, without the bytes that its updates hold. */
export function withoutStoredBytes({ updates = [], outboxPut = [] }: StoreWrite): readonly StoredEntry[] {
  const storedAs = new Map(updates.map((stored) => [stored.update, stored]));
  return outboxPut.map((entry) => ({
    ...entry,
    commit: {
      ...entry.commit,
      parts: entry.commit.parts.map((part) => {
        const stored = storedAs.get(part.update);
        if (stored?.document !== part.document || stored.number !== entry.number) return part;
        const { update: _update, ...named } = part;
        return named;
      }),
    },
  }));
}

/** The updates that an entry names, as [document, number]. */
export function bytesNamedBy({
  commit,
  number,
}: StoredEntry): (readonly [document: string, number: number])[] {
  return commit.parts.flatMap(({ document, update }) =>
    update === undefined ? [[document, number] as const] : [],
  );
}

/** The entry with its bytes; one whose update is gone would be refused by the relay and shown to a person. */
export function withStoredBytes(
  entry: StoredEntry,
  bytesOf: (document: string) => Uint8Array | undefined,
): OutboxEntry {
  const parts = entry.commit.parts.map((part) => ({
    ...part,
    update: part.update ?? bytesOf(part.document) ?? new Uint8Array(),
  }));
  return { ...entry, commit: { ...entry.commit, parts } };
}
