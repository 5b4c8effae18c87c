/**
 * A Yjs update with other contents and the same structure: clients, clocks, origins and deletions stay, so it merges
 * as the original does. Decoded and written struct by struct; Yjs has a way of its own (obfuscateUpdate), which also
 * renames the keys that registers live by.
 */
import { writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { parseKey } from '../../../shared/registers/key.ts';
import type { Redactor } from './redactor.ts';

/** Throws what Yjs throws for bytes that are no update. */
export function redactUpdate(update: Uint8Array, redactor: Redactor): Uint8Array {
  const { structs, ds } = Y.decodeUpdate(update);
  const byClient = new Map<number, typeof structs>();
  for (const struct of structs) {
    if (struct instanceof Y.Item) redactItem(struct, redactor);
    const known = byClient.get(struct.id.client);
    if (known) known.push(struct);
    else byClient.set(struct.id.client, [struct]);
  }
  const encoder = new Y.UpdateEncoderV1();
  writeVarUint(encoder.restEncoder, byClient.size);
  for (const [client, list] of byClient) {
    writeVarUint(encoder.restEncoder, list.length);
    encoder.writeClient(client);
    writeVarUint(encoder.restEncoder, list[0]!.id.clock);
    for (const struct of list) struct.write(encoder, 0);
  }
  writeVarUint(encoder.restEncoder, ds.clients.size);
  for (const [client, deletes] of ds.clients) {
    writeVarUint(encoder.restEncoder, client);
    writeVarUint(encoder.restEncoder, deletes.length);
    for (const { clock, len } of deletes) {
      writeVarUint(encoder.restEncoder, clock);
      writeVarUint(encoder.restEncoder, len);
    }
  }
  return encoder.toUint8Array();
}

/** The key of a register, or of a cell that this build does not know, with another row id where that is a value. */
export function redactKey(key: string, redactor: Redactor): string {
  const id = parseKey(key)?.id;
  return id === undefined ? redactor.text(key) : redactor.text(id) + key.slice(id.length);
}

/** The name of a root: a table, or `<table>~<rowId>~<column>` of a shared text. */
export function redactRoot(name: string, redactor: Redactor): string {
  const [table, id, column, ...rest] = name.split('~');
  if (id === undefined || column === undefined || rest.length > 0) return name;
  return `${table}~${redactor.text(id)}~${column}`;
}

/** What a register holds: both its times stay. */
export function redactRegister(value: unknown, redactor: Redactor): unknown {
  if (!Array.isArray(value) || typeof value[0] !== 'number') return redactor.value(value);
  return [value[0], value[1], ...value.slice(2).map((part) => redactor.value(part))];
}

function redactItem(item: Y.Item, redactor: Redactor): void {
  const { content } = item;
  const parent = item.parent as unknown;
  if (typeof parent === 'string') item.parent = redactRoot(parent, redactor) as never;
  if (item.parentSub !== null) item.parentSub = redactKey(item.parentSub, redactor);
  if (content instanceof Y.ContentAny)
    content.arr = content.arr.map((value) => redactRegister(value, redactor));
  else if (content instanceof Y.ContentJSON) content.arr = content.arr.map((value) => redactor.value(value));
  else if (content instanceof Y.ContentString) content.str = redactor.prose(content.str);
  else if (content instanceof Y.ContentBinary) content.content = redactor.bytes(content.content);
  else if (content instanceof Y.ContentEmbed) content.embed = redactor.value(content.embed) as object;
  else if (content instanceof Y.ContentFormat) content.value = redactor.value(content.value) as object;
}
