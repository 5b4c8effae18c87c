/** The stock y-websocket messages a relay sends and reads (y-protocols/sync, y-protocols/awareness), as bytes. */
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';

export const MESSAGE_SYNC = 0;
export const MESSAGE_AWARENESS = 1;
export const MESSAGE_QUERY_AWARENESS = 3;

export const SYNC_STEP_1 = 0;
export const SYNC_STEP_2 = 1;
export const SYNC_UPDATE = 2;

/** An update that holds nothing: no clients, no deletes. */
export const EMPTY_UPDATE = Uint8Array.of(0, 0);

/** What stands before an update's bytes in a message, so that the bytes themselves are not copied. */
export function syncPrefix(type: typeof SYNC_STEP_2 | typeof SYNC_UPDATE, updateLength: number): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, MESSAGE_SYNC);
  writeVarUint(encoder, type);
  writeVarUint(encoder, updateLength);
  return toUint8Array(encoder);
}

/** Asks the peer for everything beyond a state vector. */
export function syncStep1(stateVector: ReadonlyMap<number, number>): Uint8Array {
  const inner = createEncoder();
  writeVarUint(inner, stateVector.size);
  for (const [client, clock] of [...stateVector].sort(([a], [b]) => b - a)) {
    writeVarUint(inner, client);
    writeVarUint(inner, clock);
  }
  const encoder = createEncoder();
  writeVarUint(encoder, MESSAGE_SYNC);
  writeVarUint(encoder, SYNC_STEP_1);
  writeVarUint8Array(encoder, toUint8Array(inner));
  return toUint8Array(encoder);
}

export function awarenessMessage(awarenessUpdate: Uint8Array): Uint8Array {
  const encoder = createEncoder();
  writeVarUint(encoder, MESSAGE_AWARENESS);
  writeVarUint8Array(encoder, awarenessUpdate);
  return toUint8Array(encoder);
}

/** Says nothing and keeps a stock client from thinking that the line is dead. */
export const HEARTBEAT_MESSAGE = awarenessMessage(Uint8Array.of(0));
