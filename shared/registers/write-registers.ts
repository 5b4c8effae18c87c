/**
 * Registers of this device into a document, as one Yjs transaction, with the update that tells others of it. The
 * document and the update are byte for byte those of `Y.Map.set` in a transaction that an `update` listener hears;
 * it is only faster, which a bulk write feels: a key without a past has no neighbours to look for, and what was
 * written is known without collecting the changed keys first.
 *
 * The only file that uses the inside of Yjs to write; the test compares it with Yjs itself.
 */
import * as Y from 'yjs';
import type { RegisterValue } from './codec.ts';
import type { DocumentRows } from './document-rows.ts';
import { UpdateWriter } from './update-writer.ts';

/** Registers of one row. */
export interface RowRegisters {
  readonly table: string;
  readonly id: string;
  readonly registers: readonly { readonly key: string; readonly value: RegisterValue }[];
}

/** Answers the update. No key may occur twice. */
export function writeRegisters(
  rows: DocumentRows,
  written: readonly RowRegisters[],
  origin: unknown,
): Uint8Array {
  const { doc } = rows;
  const { store, clientID: client } = doc;
  const first = Y.getState(store, client);
  let count = 0;
  for (const { registers } of written) count += registers.length;
  const writer = new UpdateWriter();
  writer.begin(count, { client, clock: first });

  let deleted: Y.Transaction['deleteSet'] | undefined;
  doc.transact((transaction) => {
    deleted = transaction.deleteSet;
    let clock = first;
    let table: string | undefined;
    let map = undefined as unknown as Y.Map<unknown>;
    for (const row of written) {
      if (row.table !== table) {
        table = row.table;
        map = doc.getMap(table);
      }
      for (const { key, value } of row.registers) {
        const left = map._map.get(key) ?? null;
        const origin = left === null ? null : left.lastId;
        const content = new Y.ContentAny([value]);
        const item = new Y.Item(Y.createID(client, clock++), left, origin, null, null, map, key, content);
        if (left === null) link(doc, map, key, item);
        else item.integrate(transaction, 0);
        writer.entry(table, key, value, origin);
        rows.noteWritten(table, row.id, key, value[0]);
      }
    }
  }, origin);

  writeDeleted(writer, deleted!);
  return writer.take();
}

/** What `integrate` comes to for the first item of a key. */
function link(doc: Y.Doc, map: Y.Map<unknown>, key: string, item: Y.Item): void {
  const { clients } = doc.store;
  const structs = clients.get(item.id.client);
  if (structs === undefined) clients.set(item.id.client, [item]);
  else structs.push(item);
  map._map.set(key, item);
}

/** The registers that were written over. Yjs has sorted and merged them when the transaction ended. */
function writeDeleted(writer: UpdateWriter, { clients }: Y.Transaction['deleteSet']): void {
  writer.varUint(clients.size);
  for (const [client, ranges] of [...clients].sort(([a], [b]) => b - a)) {
    writer.varUint(client);
    writer.varUint(ranges.length);
    for (const { clock, len } of ranges) {
      writer.varUint(clock);
      writer.varUint(len);
    }
  }
}
