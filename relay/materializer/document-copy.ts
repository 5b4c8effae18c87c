/**
 * A document's next life as a Y.Doc: the same registers and texts, written once by one Yjs client, so that what its
 * past cost (clients, tombstones) is gone. Registers are copied as they are, not made from rows: what lost a merge, what
 * was deleted and what only a newer build knows is still there.
 */
import * as Y from 'yjs';

export class DocumentCopy {
  readonly doc = new Y.Doc();
  readonly #from: Y.Doc;

  constructor(from: Y.Doc) {
    this.#from = from;
    this.doc.transact(() => {
      for (const name of [...from.share.keys()].sort()) this.#copyRoot(name);
    });
  }

  /**
   * Runs `change`, which moves the original on, and copies what it touched. Answers the update that does the same to
   * whoever has the copy; undefined when nothing was touched.
   */
  follow(change: () => void): Uint8Array | undefined {
    const touched = new Map<string, Set<string> | 'text'>();
    const note = (transaction: Y.Transaction) => {
      for (const [type, keys] of transaction.changed) {
        if (type._item !== null) continue;
        const name = Y.findRootTypeKey(type as Y.AbstractType<unknown>);
        if (keys.has(null)) touched.set(name, 'text');
        else {
          const known = touched.get(name);
          const all = known instanceof Set ? known : new Set<string>();
          for (const key of keys) all.add(key!);
          touched.set(name, all);
        }
      }
    };
    this.#from.on('afterTransaction', note);
    change();
    this.#from.off('afterTransaction', note);

    const updates: Uint8Array[] = [];
    const collect = (update: Uint8Array) => updates.push(update);
    this.doc.on('update', collect);
    this.doc.transact(() => {
      for (const [name, keys] of touched) {
        if (keys === 'text') this.#copyText(name);
        else this.#copyKeys(name, keys);
      }
    });
    this.doc.off('update', collect);
    return updates[0];
  }

  close(): void {
    this.doc.destroy();
  }

  #copyRoot(name: string): void {
    const root = this.#from.share.get(name)!;
    if (root._map.size > 0) this.#copyKeys(name, root._map.keys());
    else if (root._start !== null) this.#copyText(name);
  }

  #copyKeys(name: string, keys: Iterable<string>): void {
    const source = this.#from.getMap(name);
    const target = this.doc.getMap(name);
    for (const key of keys) {
      if (source.has(key)) target.set(key, cloned(source.get(key)));
      else target.delete(key);
    }
  }

  #copyText(name: string): void {
    const target = this.doc.getText(name);
    target.delete(0, target.length);
    target.applyDelta(this.#from.getText(name).toDelta());
  }
}

/** Registers hold plain values; a nested type of somebody else's making is copied with what it holds. */
function cloned(value: unknown): unknown {
  return value instanceof Y.AbstractType ? value.clone() : value;
}
