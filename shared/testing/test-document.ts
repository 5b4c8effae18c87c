import * as Y from 'yjs';
import { DocumentRows } from '../registers/document-rows.ts';
import type { Schema } from '../schema/table.ts';

/** Register values by table and key: `{ customers: { 'c1~AAAAAAAA': [10, 0, { name: 'Ana' }] } }`. */
export type Registers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A document that holds these registers, put there in the order given. */
export function documentOfRegisters(schema: Schema, registers: Registers): DocumentRows {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const [table, entries] of Object.entries(registers)) {
      for (const [key, value] of Object.entries(entries)) doc.getMap(table).set(key, value);
    }
  }, 'test');
  return new DocumentRows(doc, schema);
}
