/**
 * What a commit wrote, taken out of Yjs and put back. An update cannot be moved to another document state: it names
 * its predecessors by client and clock. Its content can: registers by key, shared texts by their difference.
 */
import * as Y from 'yjs';
import { applyRemoteUpdate } from '../../shared/registers/apply.ts';
import { rebaseEdit } from './shared-text.ts';
import type { CommitContent, StoredDocument } from './store/store.ts';

export interface Separated {
  /** The document without the commits. */
  readonly base: Y.Doc;
  readonly contentByCommit: ReadonlyMap<string, CommitContent>;
}

/** Splits a stored document into what stays and what the given commits wrote on top of it. */
export function separate(name: string, stored: StoredDocument, commits: ReadonlySet<string>): Separated {
  const base = new Y.Doc();
  const all = new Y.Doc();
  const isTaken = (commit: string | undefined) => commit !== undefined && commits.has(commit);
  const kept = stored.updates.filter(({ commit }) => !isTaken(commit)).map(({ update }) => update);
  for (const update of stored.snapshot ? [stored.snapshot, ...kept] : kept)
    applyRemoteUpdate(base, update, 'store');
  applyRemoteUpdate(all, Y.encodeStateAsUpdate(base), 'store');
  const contentByCommit = new Map<string, CommitContent>();
  for (const { commit, update } of stored.updates) {
    if (isTaken(commit)) contentByCommit.set(commit!, contentOf(name, all, update));
  }
  all.destroy();
  return { base, contentByCommit };
}

/** Writes the content to documents, as `restamp` says; call inside `doc.transact` of each. */
export function writeContent(
  content: CommitContent,
  docOf: (document: string) => Y.Doc,
  restamp: (hlc: number) => number,
): void {
  for (const [document, map, key, value] of content.registers)
    docOf(document).getMap(map).set(key, restamped(value, restamp));
  for (const [document, name, before, after] of content.texts) {
    const text = docOf(document).getText(name);
    for (const { at, remove, insert } of rebaseEdit(before, after, text.toString())) {
      if (remove > 0) text.delete(at, remove);
      if (insert !== '') text.insert(at, insert);
    }
  }
}

/** Contents of one commit over several documents, joined. */
export function joinContents(contents: readonly CommitContent[]): CommitContent {
  return {
    registers: contents.flatMap(({ registers }) => registers),
    texts: contents.flatMap(({ texts }) => texts),
  };
}

/** A register is [hlc, seen, …]: both are times of writing. What has another shape is left as it is. */
function restamped(value: unknown, restamp: (hlc: number) => number): unknown {
  if (!Array.isArray(value) || typeof value[0] !== 'number' || typeof value[1] !== 'number') return value;
  return [restamp(value[0]), value[1] === 0 ? 0 : restamp(value[1]), ...value.slice(2)];
}

function contentOf(document: string, doc: Y.Doc, update: Uint8Array): CommitContent {
  const registers: [string, string, string, unknown][] = [];
  const texts: [string, string, string, string][] = [];
  const before = new Map<string, string>();
  // What came in an update is neither map nor text until it is asked for as one.
  for (const [name, type] of doc.share)
    if (type._map.size === 0 && type._start !== null) before.set(name, doc.getText(name).toString());
  let changed: ReadonlyMap<unknown, ReadonlySet<string | null>> = new Map();
  const note = (transaction: Y.Transaction) => {
    changed = transaction.changed as never;
  };
  doc.on('afterTransaction', note);
  applyRemoteUpdate(doc, update, 'store');
  doc.off('afterTransaction', note);
  const nameByType = new Map([...doc.share].map(([name, type]) => [type as unknown, name]));
  for (const [type, keys] of changed) {
    const name = nameByType.get(type);
    if (name === undefined) continue;
    if ([...keys].some((key) => key === null)) {
      const text = doc.getText(name);
      texts.push([document, name, before.get(name) ?? '', text.toString()]);
    } else {
      const map = doc.getMap(name);
      for (const key of keys) registers.push([document, name, key!, map.get(key!)]);
    }
  }
  return { registers, texts };
}
