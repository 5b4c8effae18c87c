/**
 * Which registers an update writes, before it is applied: a device writes only keys that carry its own id [REG-5],
 * and only tables of its document's family, because the relay decides permission by document [PERM-2].
 *
 * An item of a Y.Map names its key only when the key was never written before. One that replaces another names
 * that other one instead, so its key is found by following origins through the update and the document.
 */
import * as Y from 'yjs';
import { parseKey, parseTextName } from '../../shared/registers/key.ts';
import type { Schema, Table } from '../../shared/schema/table.ts';

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
    const places = new PlaceFinder(doc, decoded.structs);
    for (const struct of decoded.structs) {
      if (!(struct instanceof Y.Item)) continue;
      const refusal = this.#checkPlace(places.of(struct), device);
      if (refusal) return refusal;
    }
    for (const [client, ranges] of decoded.ds.clients) {
      for (const { clock, len } of ranges) {
        for (const item of liveItems(doc, client, clock, clock + len)) {
          const refusal = this.#checkPlace(places.of(item), device);
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

class PlaceFinder {
  readonly #doc: Y.Doc;
  readonly #itemsByClient = new Map<number, Y.Item[]>();
  readonly #found = new Map<Y.Item, Place | undefined>();

  constructor(doc: Y.Doc, structs: readonly (Y.Item | Y.GC | unknown)[]) {
    this.#doc = doc;
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      const items = this.#itemsByClient.get(struct.id.client);
      if (items) items.push(struct);
      else this.#itemsByClient.set(struct.id.client, [struct]);
    }
  }

  /** Undefined for what lies inside a nested type, was collected, or is not there. */
  of(start: Y.Item): Place | undefined {
    const passed: Y.Item[] = [];
    let place: Place | undefined;
    for (let item: Y.Item | undefined = start; item !== undefined; ) {
      if (this.#found.has(item)) {
        place = this.#found.get(item);
        break;
      }
      passed.push(item);
      if (item.parent !== null) {
        place = this.#placeOfParent(item);
        break;
      }
      item = this.#itemAt(item.origin ?? item.rightOrigin);
      // Origins of honest updates never form a ring.
      if (passed.length > MAX_ORIGINS) break;
    }
    for (const item of passed) this.#found.set(item, place);
    return place;
  }

  #placeOfParent(item: Y.Item): Place | undefined {
    const parent = item.parent as unknown;
    if (typeof parent === 'string') return { root: parent, key: item.parentSub };
    if (!(parent instanceof Y.AbstractType) || parent._item !== null) return undefined;
    return { root: Y.findRootTypeKey(parent), key: item.parentSub };
  }

  #itemAt(id: Y.ID | null): Y.Item | undefined {
    if (id === null) return undefined;
    const own = itemCovering(this.#itemsByClient.get(id.client) ?? [], id.clock);
    if (own) return own;
    if (id.clock >= Y.getState(this.#doc.store, id.client)) return undefined;
    const stored = Y.getItem(this.#doc.store, id) as Y.Item | Y.GC;
    return stored instanceof Y.Item ? stored : undefined;
  }
}

/** An update holds at most this many items in a row; a pasted page of text is one item. */
const MAX_ORIGINS = 1_000_000;

/** `items` are in order of their clocks, as every update has them. */
function itemCovering(items: readonly Y.Item[], clock: number): Y.Item | undefined {
  let low = 0;
  let high = items.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const item = items[middle]!;
    if (clock < item.id.clock) high = middle - 1;
    else if (clock >= item.id.clock + item.length) low = middle + 1;
    else return item;
  }
  return undefined;
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
