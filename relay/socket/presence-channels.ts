/**
 * Who else is at the documents of one replica: the virtual channels, which carry stock y-websocket messages and nothing
 * that is stored. A channel is followed from the first message for its number on.
 */
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { mayRead } from '../../shared/permissions/grants.ts';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import { encodeFrame } from '../../shared/protocol/wire.ts';
import type { Seat } from '../identity/seat.ts';
import type { Feed } from '../room/feed.ts';
import {
  awarenessMessage,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  SYNC_STEP_1,
} from '../room/messages.ts';
import type { AwarenessMember, Room } from '../room/room.ts';
import { type ConnectionDeps, SocketRefusal } from './connection.ts';
import { type Frame, frameOf } from './frame.ts';
import type { Outlet } from './outlet.ts';

export interface PresenceChannelsOptions {
  readonly seat: Seat;
  readonly feed: Feed;
  readonly outlet: Outlet;
  readonly deps: Pick<ConnectionDeps, 'limits'>;
}

export class PresenceChannels implements AwarenessMember {
  readonly #seat: Seat;
  readonly #feed: Feed;
  readonly #outlet: Outlet;
  readonly #maxRooms: number;
  /** The one it has been quiet about longest comes first. Most sockets of a bench, and many of a morning, follow none. */
  #rooms: Set<Room> | undefined;

  constructor({ seat, feed, outlet, deps }: PresenceChannelsOptions) {
    this.#seat = seat;
    this.#feed = feed;
    this.#outlet = outlet;
    this.#maxRooms = deps.limits.maxPresenceDocumentsPerSocket;
  }

  /** Throws ProtocolError and SocketRefusal; the caller closes the socket. */
  receive(number: number, payload: Uint8Array): void {
    const document = this.#feed.documentById(number);
    if (!document || !mayRead(this.#seat.grants, document.name))
      throw new SocketRefusal('unknownDocument', `channel ${number} is no document of yours`);
    const room = this.#feed.rooms.open(document.name);
    const isNew = !room.watchers.has(this);
    room.watchers.add(this);
    this.#follow(room);
    const decoder = createDecoder(payload);
    const type = read(() => readVarUint(decoder));
    if (type === MESSAGE_SYNC) {
      if (read(() => readVarUint(decoder)) !== SYNC_STEP_1)
        throw new ProtocolError('a replica sends commits, not updates');
    } else if (type === MESSAGE_AWARENESS) {
      const update = read(() => readVarUint8Array(decoder));
      const reply = room.awareness.receive(update, this);
      if (reply) this.#outlet.sendIfIdle(channelFrame(number, awarenessMessage(reply)));
    } else if (type !== MESSAGE_QUERY_AWARENESS) {
      throw new ProtocolError(`message type ${type} is unknown`);
    }
    const everyone = isNew || type !== MESSAGE_AWARENESS ? room.awareness.everyone() : undefined;
    if (everyone) this.#outlet.sendIfIdle(channelFrame(number, awarenessMessage(everyone)));
  }

  deliverAwareness(update: Uint8Array, room: Room): void {
    const document = this.#feed.document(room.name);
    if (document) this.#outlet.sendIfIdle(channelFrame(document.id, awarenessMessage(update)));
  }

  /** The socket is gone, and whoever spoke through it. */
  leave(): void {
    for (const room of this.#rooms ?? []) this.#leave(room);
  }

  #follow(room: Room): void {
    this.#rooms ??= new Set();
    this.#rooms.delete(room);
    this.#rooms.add(room);
    if (this.#rooms.size <= this.#maxRooms) return;
    const [quietest] = this.#rooms;
    this.#rooms.delete(quietest!);
    this.#leave(quietest!);
  }

  #leave(room: Room): void {
    room.watchers.delete(this);
    room.awareness.leave(this);
    this.#feed.rooms.leave(room);
  }
}

function channelFrame(number: number, payload: Uint8Array): Frame {
  return frameOf(encodeFrame({ kind: 'channel', number, payload }));
}

function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new ProtocolError('message is cut short');
  }
}
