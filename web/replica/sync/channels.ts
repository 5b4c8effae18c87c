/**
 * One socket per device, many channels: the only file of the replica that holds the real WebSocket. It splits
 * frames by kind (shared/protocol/wire.ts), remembers the number the relay gave each document, and offers
 * y-websocket a WebSocket of its own per document.
 *
 *   WebsocketProvider ─ VirtualSocket ┐
 *   WebsocketProvider ─ VirtualSocket ┼─ Channels ─ one WebSocket ─ relay
 *   receiver, outbox ── control ──────┘
 *
 * A virtual socket never sends document updates: the outbox does, so that each is stored exactly once. Frames are
 * handed on in the order of arrival, synchronously.
 */
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { ProtocolError } from '../../../shared/protocol/commit.ts';
import {
  type ControlFromRelay,
  type ControlFromReplica,
  decodeFrameFromRelay,
  encodeFrame,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
  type UpdateFrame,
} from '../../../shared/protocol/wire.ts';

/** What is used of a WebSocket: the browser's, that of `ws`, or a test double. */
export interface SocketLike {
  /** `http` for one that polls; absent for a WebSocket. */
  readonly transport?: 'socket' | 'http';
  binaryType: string;
  readonly readyState: number;
  send(bytes: Uint8Array): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
}
export type OpenSocket = (url: string, protocols: string[]) => SocketLike;

const OPEN = 1;
const MESSAGE_SYNC = 0;
const SYNC_UPDATE = 2;

export interface ChannelsListener {
  /** The socket is open: say hello. */
  onOpen(): void;
  onControl(message: ControlFromRelay): void;
  /** `update` is the Yjs update inside the frame; undefined for an own one. */
  onUpdate(document: string, frame: UpdateFrame, update: Uint8Array | undefined): void;
  /** So many passed the line, in either direction. */
  onBytes(count: number): void;
  /** The relay broke the protocol, or the socket ended. Called once per connect. */
  onDown(code: number, reason: string): void;
}

export class Channels {
  readonly #open: OpenSocket;
  readonly #listener: ChannelsListener;
  #socket: SocketLike | undefined;
  readonly #nameByNumber = new Map<number, string>();
  readonly #numberByName = new Map<string, number>();
  readonly #virtualByName = new Map<string, VirtualSocket>();
  /** The envelope of the update that a provider is reading just now. */
  #reading: { readonly document: string; readonly frame: UpdateFrame } | undefined;
  #received = 0;

  constructor(open: OpenSocket, listener: ChannelsListener) {
    this.#open = open;
    this.#listener = listener;
  }

  /** Opens `url` (`wss://host/sync/<workspace>`); the token travels as a subprotocol, so no log shows it. */
  connect(url: string, token: string): void {
    this.disconnect();
    const socket = this.#open(url, [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`]);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#socket === socket) this.#listener.onOpen();
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#read(event.data);
    };
    // An error is always followed by a close, which tells more.
    socket.onerror = () => {};
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#forget();
      this.#listener.onDown(event.code, event.reason);
    };
  }

  /** Ends the socket without telling the listener: it was asked for. */
  disconnect(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#forget();
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = () => {};
    socket.close();
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  get transport(): 'socket' | 'http' {
    return this.#socket?.transport ?? 'socket';
  }

  /** Frames received so far; a silent socket is a dead one. */
  get received(): number {
    return this.#received;
  }

  sendControl(message: ControlFromReplica): void {
    this.#send(encodeFrame({ kind: 'control', message }));
  }

  sendCommit(bytes: Uint8Array): void {
    this.#send(encodeFrame({ kind: 'commit', bytes }));
  }

  /** A WebSocket class for a `WebsocketProvider`; the document is the path after `channel://x/`. */
  polyfill(): typeof WebSocket {
    const channels = this;
    return class extends VirtualSocket {
      constructor(url: string) {
        super(channels, decodeURI(new URL(url).pathname.slice(1)));
      }
    } as unknown as typeof WebSocket;
  }

  /** For the provider's replaced sync handler: the update it has just unwrapped. */
  deliver(update: Uint8Array): void {
    if (!this.#reading) return; // a sync message outside an UPDATE frame carries nothing we asked for
    this.#listener.onUpdate(this.#reading.document, this.#reading.frame, update);
  }

  attach(document: string, virtual: VirtualSocket): void {
    this.#virtualByName.set(document, virtual);
    if (this.isOpen && this.#numberByName.has(document)) queueMicrotask(() => virtual.opened());
  }

  detach(document: string, virtual: VirtualSocket): void {
    if (this.#virtualByName.get(document) === virtual) this.#virtualByName.delete(document);
  }

  sendOnChannel(document: string, payload: Uint8Array): void {
    const number = this.#numberByName.get(document);
    // Document updates and state vectors stay here: the outbox sends, and the hello asked for what is missing.
    if (number === undefined || payload[0] === MESSAGE_SYNC) return;
    this.#send(encodeFrame({ kind: 'channel', number, payload }));
  }

  #read(data: unknown): void {
    this.#received++;
    try {
      if (!(data instanceof ArrayBuffer) && !(data instanceof Uint8Array))
        throw new ProtocolError('the relay sent text; frames are binary');
      this.#listener.onBytes(data.byteLength);
      const frame = decodeFrameFromRelay(new Uint8Array(data as ArrayBuffer));
      switch (frame.kind) {
        case 'control':
          if (frame.message.type === 'document') this.#announce(frame.message.number, frame.message.name);
          this.#listener.onControl(frame.message);
          break;
        case 'channel':
          this.#virtualByName.get(this.#nameOf(frame.number))?.received(frame.payload);
          break;
        case 'update':
          this.#readUpdate(this.#nameOf(frame.number), frame);
          break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.disconnect();
      this.#listener.onDown(4000, error.message);
    }
  }

  #readUpdate(document: string, frame: UpdateFrame): void {
    if (frame.own || frame.payload.length === 0) {
      this.#listener.onUpdate(document, frame, undefined);
      return;
    }
    const virtual = this.#virtualByName.get(document);
    if (virtual?.readyState === OPEN) {
      this.#reading = { document, frame };
      try {
        virtual.received(frame.payload);
      } finally {
        this.#reading = undefined;
      }
    } else {
      this.#listener.onUpdate(document, frame, updateOfPayload(frame.payload));
    }
  }

  #announce(number: number, name: string): void {
    this.#nameByNumber.set(number, name);
    this.#numberByName.set(name, number);
    this.#virtualByName.get(name)?.opened();
  }

  #nameOf(number: number): string {
    const name = this.#nameByNumber.get(number);
    if (name === undefined) throw new ProtocolError(`the relay used channel ${number} before naming it`);
    return name;
  }

  #send(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#listener.onBytes(bytes.length);
    this.#socket!.send(bytes);
  }

  #forget(): void {
    this.#socket = undefined;
    this.#nameByNumber.clear();
    this.#numberByName.clear();
    for (const virtual of [...this.#virtualByName.values()]) virtual.dropped();
  }
}

/** The Yjs update of a stock `messageSync · update` payload. Throws ProtocolError. */
function updateOfPayload(payload: Uint8Array): Uint8Array {
  try {
    const decoder = createDecoder(payload);
    // Sync step 2 (1) carries an update in the same shape.
    if (readVarUint(decoder) !== MESSAGE_SYNC)
      throw new ProtocolError('an update frame holds no sync message');
    const type = readVarUint(decoder);
    if (type !== SYNC_UPDATE && type !== 1) throw new ProtocolError('an update frame holds no update');
    return readVarUint8Array(decoder);
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('an update frame is cut short');
  }
}

/** What a WebsocketProvider takes for its WebSocket: one document's channel. */
export class VirtualSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly OPEN = OPEN;
  binaryType = 'arraybuffer';
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly #channels: Channels;
  readonly #document: string;

  constructor(channels: Channels, document: string) {
    this.#channels = channels;
    this.#document = document;
    channels.attach(document, this);
  }

  opened(): void {
    if (this.readyState !== 0) return;
    this.readyState = OPEN;
    this.onopen?.();
  }

  received(payload: Uint8Array): void {
    // A copy: the provider keeps views, and the frame's buffer is large.
    this.onmessage?.({ data: payload.slice().buffer });
  }

  /** The real socket ended. The provider makes a new virtual one, which opens with the next real one. */
  dropped(): void {
    if (this.readyState !== OPEN) return;
    this.readyState = 3;
    this.#channels.detach(this.#document, this);
    this.onclose?.({ code: 1006, reason: '' });
  }

  send(bytes: Uint8Array): void {
    if (this.readyState === OPEN) this.#channels.sendOnChannel(this.#document, bytes);
  }

  close(): void {
    this.readyState = 3;
    this.#channels.detach(this.#document, this);
  }
}
