/**
 * One of our replicas, with every document it may read on one socket (`/sync/<workspace>`, subprotocol espejo.v1).
 * The order of frames is in shared/protocol/wire.ts; what is due, and when, is the feed's business.
 */
import { createDecoder, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { unreachable } from '../../shared/base/assert.ts';
import { isDeviceId } from '../../shared/base/ids.ts';
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import { type Commit, decodeCommit, ProtocolError } from '../../shared/protocol/commit.ts';
import {
  COMMIT_FRAME,
  type ControlFromRelay,
  type ControlFromReplica,
  decodeFrameFromReplica,
  encodeFrame,
  PROTOCOL_VERSION,
} from '../../shared/protocol/wire.ts';
import type { Seat } from '../identity/seat.ts';
import type { StoredPart } from '../log/log.ts';
import { CommitGate, type Rejection } from '../room/commit-gate.ts';
import { controlFrame, type Delivery, documentFrame } from '../room/delivery.ts';
import type { Feed, FeedDocument, ReplicaMember } from '../room/feed.ts';
import { type Piece, RangeGoneError } from '../room/join.ts';
import {
  awarenessMessage,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  SYNC_STEP_1,
} from '../room/messages.ts';
import type { AwarenessMember, Room } from '../room/room.ts';
import { type Connection, type ConnectionDeps, SocketRefusal, type Window } from './connection.ts';
import { type Frame, frameOf } from './frame.ts';
import type { Outlet } from './outlet.ts';

/** Positions in one hello: months of a workshop's life, many times over. */
const MAX_POSITIONS = 20_000;

type State =
  | { readonly name: 'awaiting-hello'; bytes: number }
  /** Deliveries wait until the catch-up before them was sent. */
  | { readonly name: 'joining'; readonly backlog: (() => void)[] }
  | { readonly name: 'level' }
  | { readonly name: 'ended' };

export interface ReplicaConnectionOptions {
  readonly seat: Seat;
  readonly feed: Feed;
  readonly outlet: Outlet;
  readonly window: Window;
  readonly deps: ConnectionDeps;
  /** Runs `write` with the frames it sends gathered into one write. */
  readonly burst: (write: () => void) => void;
}

type Hello = Extract<ControlFromReplica, { readonly type: 'hello' }>;

export class ReplicaConnection implements Connection, ReplicaMember, AwarenessMember {
  readonly kind = 'replica';
  readonly seat: Seat;
  readonly grants: Grants;
  readonly outlet: Outlet;
  readonly #options: ReplicaConnectionOptions;
  readonly #gate: CommitGate;
  #rooms: Set<Room> | undefined;
  #state: State = { name: 'awaiting-hello', bytes: 0 };

  constructor(options: ReplicaConnectionOptions) {
    const { seat, feed, outlet, deps } = options;
    this.#options = options;
    this.seat = seat;
    this.grants = seat.grants;
    this.outlet = outlet;
    this.#gate = new CommitGate({
      seat,
      limits: deps.limits,
      minSchema: deps.minSchema,
      nowMs: deps.nowMs,
      document: (name) => feed.document(name),
      documentCount: () => feed.documentCount,
    });
  }

  get hasSaidHello(): boolean {
    return this.#state.name !== 'awaiting-hello';
  }

  isPaced(message: Uint8Array): boolean {
    return message[0] === COMMIT_FRAME;
  }

  receive(message: Uint8Array): void {
    if (this.#state.name === 'awaiting-hello') {
      const { maxBytesBeforeHello } = this.#options.deps.limits;
      this.#state.bytes += message.length;
      if (this.#state.bytes > maxBytesBeforeHello)
        throw new SocketRefusal('tooLarge', `more than ${maxBytesBeforeHello} bytes before hello`);
    }
    const frame = decodeFrameFromReplica(message);
    switch (frame.kind) {
      case 'control':
        this.#receiveControl(frame.message);
        break;
      case 'commit':
        this.#assertHello();
        this.#receiveCommit(frame.bytes);
        break;
      case 'channel':
        this.#assertHello();
        this.#receiveChannel(frame.number, frame.payload);
        break;
      default:
        unreachable(frame);
    }
  }

  deliver(delivery: Delivery): void {
    this.#inOrder(() => {
      const frames = delivery.origin === this ? delivery.ownFrames() : delivery.frames;
      for (const frame of frames) this.outlet.send(frame);
    });
  }

  tell(frame: Frame): void {
    this.#inOrder(() => this.outlet.send(frame));
  }

  deliverAwareness(update: Uint8Array, room: Room): void {
    const document = this.#options.feed.document(room.name);
    if (document) this.outlet.sendIfIdle(channelFrame(document.id, awarenessMessage(update)));
  }

  comeBack(sentence: string): void {
    this.outlet.close('relayRestarting', sentence);
  }

  beat(): void {
    this.#say({ type: 'pong', sentAtMs: 0, serverTimeMs: this.#options.deps.nowMs() });
  }

  ended(): void {
    this.#state = { name: 'ended' };
    const { feed } = this.#options;
    feed.removeReplica(this);
    for (const room of this.#rooms ?? []) {
      room.watchers.delete(this);
      room.awareness.leave(this);
      feed.leaveRoom(room);
    }
  }

  #receiveControl(message: unknown): void {
    if (typeof message !== 'object' || message === null)
      throw new ProtocolError('control message is not an object');
    const { type } = message as { type?: unknown };
    if (type === 'hello') {
      if (this.#state.name !== 'awaiting-hello') throw new ProtocolError('hello was said before');
      const hello = readHello(message as Record<string, unknown>);
      void this.#join(hello).catch((error: unknown) => {
        this.#options.deps.logger?.warn({ err: error }, 'join failed');
        this.outlet.close('storageAway', 'the documents cannot be read now; come back later');
      });
    } else if (type === 'ping') {
      const { sentAtMs } = message as { sentAtMs?: unknown };
      if (typeof sentAtMs !== 'number' || !Number.isFinite(sentAtMs))
        throw new ProtocolError('ping says no time');
      this.#say({ type: 'pong', sentAtMs, serverTimeMs: this.#options.deps.nowMs() });
    } else {
      throw new ProtocolError('control message is of an unknown type');
    }
  }

  async #join(hello: Hello): Promise<void> {
    const { seat, feed, outlet, deps, burst } = this.#options;
    if (hello.protocol !== PROTOCOL_VERSION) {
      const sentence = `protocol ${hello.protocol} is not spoken here; update to ${PROTOCOL_VERSION}`;
      outlet.close('protocolTooOld', sentence);
      return;
    }
    if (seat.device !== undefined && seat.device !== hello.device) {
      outlet.close('notAllowed', 'the session belongs to another device');
      return;
    }
    const startedAtMs = deps.nowMs();
    const backlog: (() => void)[] = [];
    this.#state = { name: 'joining', backlog };
    const positions = new Map(hello.positions.map(([document, epoch, seq]) => [document, { epoch, seq }]));
    if (isAhead(feed, positions)) await feed.lookAgain(); // it comes from an instance that is further than this one
    if (this.#hasEnded()) return;

    // From here on deliveries land in the backlog. The cut is what the feed has delivered, of all documents at once.
    feed.addReplica(this);
    const missed: { readonly document: FeedDocument; readonly after: number; readonly upTo: number }[] = [];
    burst(() => {
      this.#say({
        type: 'welcome',
        user: seat.user,
        grants: seat.grants,
        serverTimeMs: deps.nowMs(),
        minSchema: deps.minSchema,
        maxCommitBytes: deps.limits.maxCommitBytes,
      });
      for (const document of feed.documents()) {
        if (!mayRead(seat.grants, document.name)) continue;
        outlet.send(documentFrame(document, document.delivered));
        const position = positions.get(document.name);
        const seq = position?.epoch === document.epoch ? position.seq : 0;
        // Beyond the head: the storage lost what this replica has. It gets what there is, from the start.
        const after = seq > document.delivered ? 0 : seq;
        if (after < document.delivered) missed.push({ document, after, upTo: document.delivered });
      }
    });
    await this.#sendMissed(missed);
    if (this.#hasEnded()) return;
    burst(() => {
      this.#say({ type: 'level' });
      const stages = feed.stagesFrame(
        seat.grants,
        [...feed.documents()].flatMap(({ stage }) => (stage ? [stage] : [])),
      );
      if (stages) outlet.send(stages);
      this.#state = { name: 'level' };
      for (const deliver of backlog) deliver();
    });
    deps.metrics?.joinSeconds.observe((deps.nowMs() - startedAtMs) / 1000);
    deps.logger?.info(
      {
        workspace: seat.workspace,
        user: seat.user,
        device: hello.device,
        documents: missed.length,
        ms: deps.nowMs() - startedAtMs,
      },
      'sync level',
    );
  }

  async #sendMissed(
    missed: readonly { readonly document: FeedDocument; readonly after: number; readonly upTo: number }[],
  ): Promise<void> {
    if (missed.length === 0) return;
    const { feed, outlet, deps, burst } = this.#options;
    const bytes = missed.reduce((sum, { document, after }) => sum + bytesAfter(document, after), 0);
    const leave = await deps.joins.turn(bytes);
    try {
      if (this.#hasEnded()) return;
      const load = () =>
        Promise.all(
          missed.map(({ document, after, upTo }) =>
            deps.joins.pieces(
              { documentId: document.id, epoch: document.epoch, after, upTo },
              document.state,
            ),
          ),
        );
      const loaded: (readonly Piece[])[] = await load().catch(async (error: unknown) => {
        if (!(error instanceof RangeGoneError)) throw error;
        await feed.refresh();
        return load();
      });
      if (this.#hasEnded()) return;
      const pieces = loaded.flat();
      let sent: Promise<void> | undefined;
      burst(() => {
        sent = outlet.sendAllowed(
          pieces.map((piece, index) => piece.replicaFrame(index < pieces.length - 1)),
        );
      });
      void sent?.then(leave);
    } catch (error) {
      leave();
      throw error;
    } finally {
      if (this.#hasEnded()) leave();
    }
  }

  #receiveCommit(bytes: Uint8Array): void {
    const { seat, window, deps } = this.#options;
    const commit = ownBytes(decodeCommit(bytes));
    const rejection = this.#gate.check(commit, bytes.length);
    if (rejection) {
      this.#reject(commit.id, rejection);
      return;
    }
    const size = bytes.length;
    window.enter(size);
    deps.metrics?.outboxAgeSeconds.observe(Math.max(0, deps.nowMs() - commit.hlc / 4096) / 1000);
    deps.flusher.push({
      request: {
        workspace: seat.workspace,
        user: seat.user,
        device: commit.device,
        commit,
        parts: commit.parts,
      },
      origin: this,
      bytes: size,
      receivedAtMs: deps.nowMs(),
      stored: ({ parts }) => {
        window.leave(size);
        deps.metrics?.commits.inc({ via: 'socket' });
        this.#acknowledge(commit.id, parts);
      },
      duplicate: ({ parts }) => {
        window.leave(size);
        deps.metrics?.duplicates.inc();
        this.#acknowledge(commit.id, parts);
      },
      failed: (because) => {
        window.leave(size);
        this.#reject(commit.id, this.#gate.refused(commit, because));
      },
    });
  }

  #acknowledge(id: string, parts: readonly StoredPart[]): void {
    const seqs = parts.map(({ document, epoch, seq }) => [document, epoch, seq] as const);
    this.#inOrder(() => this.#say({ type: 'ack', id, seqs }));
  }

  #reject(id: string, { code, message, retry }: Rejection): void {
    this.#options.deps.metrics?.rejected.inc({ code });
    this.#say({ type: 'reject', id, code, message, retry });
  }

  #receiveChannel(number: number, payload: Uint8Array): void {
    const { feed } = this.#options;
    const document = feed.documentById(number);
    if (!document || !mayRead(this.grants, document.name))
      throw new SocketRefusal('unknownDocument', `channel ${number} is no document of yours`);
    const room = feed.room(document.name);
    const isNew = !room.watchers.has(this);
    room.watchers.add(this);
    this.#rooms ??= new Set();
    this.#rooms.add(room);
    const decoder = createDecoder(payload);
    const type = read(() => readVarUint(decoder));
    if (type === MESSAGE_SYNC) {
      if (read(() => readVarUint(decoder)) !== SYNC_STEP_1)
        throw new ProtocolError('a replica sends commits, not updates');
    } else if (type === MESSAGE_AWARENESS) {
      const update = read(() => readVarUint8Array(decoder));
      const reply = room.awareness.receive(update, this);
      if (reply) this.outlet.sendIfIdle(channelFrame(number, awarenessMessage(reply)));
    } else if (type !== MESSAGE_QUERY_AWARENESS) {
      throw new ProtocolError(`message type ${type} is unknown`);
    }
    const everyone = isNew || type !== MESSAGE_AWARENESS ? room.awareness.everyone() : undefined;
    if (everyone) this.outlet.sendIfIdle(channelFrame(number, awarenessMessage(everyone)));
  }

  #assertHello(): void {
    if (this.#state.name === 'awaiting-hello') throw new ProtocolError('the first message must be hello');
  }

  /** A method, because TypeScript keeps an earlier narrowing over an await. */
  #hasEnded(): boolean {
    return this.#state.name === 'ended' || !this.outlet.isOpen;
  }

  /** Behind the catch-up, when that is still on its way. */
  #inOrder(send: () => void): void {
    if (this.#state.name === 'joining') this.#state.backlog.push(send);
    else send();
  }

  #say(message: ControlFromRelay): void {
    this.outlet.send(controlFrame(message));
  }
}

function channelFrame(number: number, payload: Uint8Array): Frame {
  return frameOf(encodeFrame({ kind: 'channel', number, payload }));
}

function isAhead(feed: Feed, positions: ReadonlyMap<string, { epoch: number; seq: number }>): boolean {
  for (const [name, { epoch, seq }] of positions) {
    const document = feed.document(name);
    if (
      seq > 0 &&
      (!document || epoch > document.epoch || (epoch === document.epoch && seq > document.delivered))
    )
      return true;
  }
  return false;
}

/** About what a join of a document will send; the log's share is taken as evenly spread. */
function bytesAfter({ state, bytes, delivered }: FeedDocument, after: number): number {
  if (after < state.snapshotSeq) return bytes;
  const tail = Math.max(1, delivered - state.snapshotSeq);
  return ((bytes - state.snapshotBytes) * (delivered - after)) / tail;
}

/** Updates that do not lie in the socket's read buffer, which is far larger and would live as long as they do. */
function ownBytes(commit: Commit): Commit {
  return {
    ...commit,
    parts: commit.parts.map((part) => ({ ...part, update: new Uint8Array(part.update) })),
  };
}

function readHello(message: Record<string, unknown>): Hello {
  const { protocol, device, schema, positions } = message;
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
  return message as unknown as Hello;
}

function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new ProtocolError('message is cut short');
  }
}
