/** The first message of a replica: which device it is, and what it has of each document. */
import { validate } from 'uuid';
import { isDeviceId } from '../../shared/base/ids.ts';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { type ControlFromReplica, MAX_UNSURE } from '../../shared/protocol/wire.ts';

export type Hello = Extract<ControlFromReplica, { readonly type: 'hello' }>;

/** Positions in one hello: months of a workshop's life, many times over. */
const MAX_POSITIONS = 20_000;

/** Throws ProtocolError. */
export function readHello(message: Record<string, unknown>): Hello {
  const { protocol, device, schema, positions, unsure } = message;
  if (!Number.isInteger(protocol)) throw new ProtocolError('hello names no protocol version');
  if (!isDeviceId(device)) throw new ProtocolError('hello names no device of 8 characters of base62');
  if (!Number.isInteger(schema)) throw new ProtocolError('hello names no schema version');
  if (!Array.isArray(positions) || positions.length > MAX_POSITIONS)
    throw new ProtocolError(`hello gives no list of at most ${MAX_POSITIONS} positions`);
  for (const position of positions as unknown[]) {
    const isPosition =
      Array.isArray(position) &&
      typeof position[0] === 'string' &&
      [position[1], position[2]].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (!isPosition) throw new ProtocolError('hello holds a position that is not [document, epoch, seq]');
  }
  const isAsking = Array.isArray(unsure) && unsure.length <= MAX_UNSURE && unsure.every((id) => validate(id));
  if (unsure !== undefined && !isAsking)
    throw new ProtocolError(`hello asks about something else than at most ${MAX_UNSURE} commits`);
  return message as unknown as Hello;
}
