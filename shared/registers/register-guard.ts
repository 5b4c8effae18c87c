/**
 * Whether the report takes an update, found out before it is applied: a device writes only keys that carry its own id
 * [REG-5], and only tables of its document's family, because the relay decides permission by document [PERM-2].
 *
 * An item of a Y.Map names its key only when the key was never written before. One that replaces another names that
 * other one instead, so its key is found at its neighbour.
 */
import * as Y from 'yjs';
import type { Schema, Table } from '../schema/table.ts';
import { parseKey, parseTextName } from './key.ts';

/**
 * Stands as device for what the relay itself wrote: a re-created document's registers of every device. No peer can have
 * it, because a device id has eight characters.
 */
export const RELAY_DEVICE = 'relay';

export interface Refusal {
  readonly reason: 'malformed' | 'foreign-register' | 'foreign-table';
  /** One sentence, fit to be shown; names no values. */
  readonly detail: string;
}

/** A place in a document: the root type's name and, in a Y.Map, the key. */
interface Place {
  readonly root: string;
  readonly key: string | null;
}

export class RegisterGuard {
  readonly #own: ReadonlySet<string>;
  readonly #foreign: ReadonlySet<string>;

  /** `tables`: those of the document's family. */
  constructor(schema: Schema, tables: readonly Table[]) {
    const namesOf = (table: Table) => [table.name, ...table.renamedFrom];
    this.#own = new Set(tables.flatMap(namesOf));
    this.#foreign = new Set(schema.tables.flatMap(namesOf).filter((name) => !this.#own.has(name)));
  }

  /** Undefined when the update may be applied, or when it depends on what is not there yet. */
  check(doc: Y.Doc, update: Uint8Array, device: string | undefined): Refusal | undefined {
    let decoded: ReturnType<typeof Y.decodeUpdate>;
    try {
      decoded = Y.decodeUpdate(update);
    } catch {
      return { reason: 'malformed', detail: 'the bytes are not a Yjs update' };
    }
    for (const struct of decoded.structs) {
      // What is there already is not written by telling it again, as a stock client's whole state does.
      const isKnown = struct.id.clock + struct.length <= Y.getState(doc.store, struct.id.client);
      if (isKnown || !(struct instanceof Y.Item)) continue;
      for (const place of placesOf(doc, struct)) {
        const refusal = this.#checkPlace(place, device);
        if (refusal) return refusal;
      }
    }
    for (const [client, ranges] of decoded.ds.clients) {
      for (const { clock, len } of ranges) {
        for (const item of liveItems(doc, client, clock, clock + len)) {
          const refusal = this.#checkPlace(placeOfParent(item), device);
          if (refusal) return refusal;
        }
      }
    }
    return undefined;
  }

  #checkPlace(place: Place | undefined, device: string | undefined): Refusal | undefined {
    if (place === undefined) return undefined;
    const table = place.key === null ? (parseTextName(place.root)?.table ?? '') : place.root;
    if (this.#foreign.has(table)) {
      return {
        reason: 'foreign-table',
        detail: `it writes table ${table}, which is not of this document's family`,
      };
    }
    if (place.key === null || !this.#own.has(table)) return undefined;
    const owner = parseKey(place.key)?.device;
    if (owner === undefined || owner === device || device === RELAY_DEVICE) return undefined;
    return {
      reason: 'foreign-register',
      detail: `device ${device ?? '(none)'} writes a register of device ${owner} in table ${table}`,
    };
  }
}

/**
 * Where an item of an update goes. One without a parent goes where its neighbours are: those in the document tell, and
 * those in the update have been asked themselves.
 */
function* placesOf(doc: Y.Doc, item: Y.Item): Iterable<Place> {
  if (item.parent !== null) {
    const place = placeOfParent(item);
    if (place) yield place;
    return;
  }
  for (const id of [item.origin, item.rightOrigin]) {
    if (id === null || id.clock >= Y.getState(doc.store, id.client)) continue;
    const neighbour = Y.getItem(doc.store, id) as Y.Item | Y.GC;
    const place = neighbour instanceof Y.Item ? placeOfParent(neighbour) : undefined;
    if (place) yield place;
  }
}

/** Undefined for what lies inside a nested type. */
function placeOfParent(item: Y.Item): Place | undefined {
  const parent = item.parent as unknown;
  if (typeof parent === 'string') return { root: parent, key: item.parentSub };
  if (!(parent instanceof Y.AbstractType) || parent._item !== null) return undefined;
  return { root: Y.findRootTypeKey(parent), key: item.parentSub };
}

/** Items of the document that a delete range would take away now. */
function* liveItems(doc: Y.Doc, client: number, from: number, to: number): Iterable<Y.Item> {
  const structs = doc.store.clients.get(client);
  if (structs === undefined || from >= Y.getState(doc.store, client)) return;
  for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
    const struct = structs[index]!;
    if (struct.id.clock >= to) return;
    if (struct instanceof Y.Item && !struct.deleted) yield struct;
  }
}
