/**
 * One of our replicas, with every document it may read on one socket (`/sync/<workspace>`, subprotocol espejo.v1).
 * The order of frames is in shared/protocol/wire.ts; what is due, and when, is the feed's business. What it missed is
 * found in catch-up.ts, its commits are taken in by commit-inlet.ts, who else is there by presence-channels.ts.
 */
import { unreachable } from '../../shared/base/assert.ts';
import { type Grants, mayRead } from '../../shared/permissions/grants.ts';
import { ProtocolError } from '../../shared/protocol/commit.ts';
import {
  COMMIT_FRAME,
  type ControlFromRelay,
  decodeFrameFromReplica,
  PROTOCOL_VERSION,
} from '../../shared/protocol/wire.ts';
import type { Seat } from '../identity/seat.ts';
import type { StoredCommit } from '../log/log.ts';
import type { ReplicaMember } from '../room/audiences.ts';
import { controlFrame, type Delivery, documentFrame } from '../room/delivery.ts';
import type { Feed } from '../room/feed.ts';
import { isAhead, missedBy, positionsOf, sendMissed } from './catch-up.ts';
import { CommitInlet } from './commit-inlet.ts';
import { type Connection, type ConnectionDeps, SocketRefusal, type Window } from './connection.ts';
import type { Frame } from './frame.ts';
import { type Hello, readHello } from './hello.ts';
import type { Outlet } from './outlet.ts';
import { PresenceChannels } from './presence-channels.ts';

type State =
  | { readonly name: 'awaiting-hello'; bytes: number }
  /** The device is asked for; what is said meanwhile waits. */
  | { readonly name: 'identifying'; readonly waiting: Uint8Array[]; bytes: number }
  /** Deliveries wait until the catch-up before them was sent. */
  | {
      readonly name: 'joining';
      readonly backlog: (() => void)[];
      backlogBytes: number;
      readonly commits: CommitInlet;
    }
  | { readonly name: 'level'; readonly commits: CommitInlet }
  | { readonly name: 'ended' };

export interface ReplicaConnectionOptions {
  readonly seat: Seat;
  readonly feed: Feed;
  readonly outlet: Outlet;
  readonly window: Window;
  readonly deps: ConnectionDeps;
  /** Runs `write` with the frames it sends gathered into one write. */
  readonly burst: (write: () => void) => void;
  /** For a token that is bound to no device: throws SocketRefusal when it may not be used on this one. */
  readonly identifyDevice: (device: string) => Promise<void>;
}

export class ReplicaConnection implements Connection, ReplicaMember {
  readonly kind = 'replica';
  readonly grants: Grants;
  readonly outlet: Outlet;
  readonly #options: ReplicaConnectionOptions;
  readonly #presence: PresenceChannels;
  #seat: Seat;
  #state: State = { name: 'awaiting-hello', bytes: 0 };

  constructor(options: ReplicaConnectionOptions) {
    this.#options = options;
    this.#seat = options.seat;
    this.grants = options.seat.grants;
    this.outlet = options.outlet;
    this.#presence = new PresenceChannels(options);
  }

  /** Names the device once it has said hello, whatever the token was bound to: a revocation must find it. */
  get seat(): Seat {
    return this.#seat;
  }

  get hasSaidHello(): boolean {
    return this.#state.name !== 'awaiting-hello';
  }

  isPaced(message: Uint8Array): boolean {
    return message[0] === COMMIT_FRAME;
  }

  receive(message: Uint8Array): void {
    const state = this.#state;
    if (state.name === 'awaiting-hello' || state.name === 'identifying') {
      const { maxBytesBeforeHello } = this.#options.deps.limits;
      state.bytes += message.length;
      if (state.bytes > maxBytesBeforeHello)
        throw new SocketRefusal('tooLarge', `more than ${maxBytesBeforeHello} bytes before hello`);
    }
    if (state.name === 'identifying') {
      state.waiting.push(message);
      return;
    }
    const frame = decodeFrameFromReplica(message);
    switch (frame.kind) {
      case 'control':
        this.#receiveControl(frame.message);
        break;
      case 'commit':
        this.#commits().receive(frame.bytes);
        break;
      case 'channel':
        this.#commits(); // says hello first
        this.#presence.receive(frame.number, frame.payload);
        break;
      default:
        unreachable(frame);
    }
  }

  deliver(delivery: Delivery): void {
    this.#inOrder(
      () => {
        const frames = delivery.origin === this ? delivery.ownFrames() : delivery.frames;
        for (const frame of frames) this.outlet.send(frame);
      },
      delivery.frames.reduce((sum, frame) => sum + frame.bytes, 0),
    );
  }

  tell(frame: Frame): void {
    this.#inOrder(() => this.outlet.send(frame), frame.bytes);
  }

  comeBack(sentence: string): void {
    this.outlet.close('relayRestarting', sentence);
  }

  beat(): void {
    this.#say({ type: 'pong', sentAtMs: 0, serverTimeMs: this.#options.deps.nowMs() });
  }

  ended(): void {
    this.#state = { name: 'ended' };
    this.#options.feed.removeReplica(this);
    this.#presence.leave();
  }

  #receiveControl(message: unknown): void {
    if (typeof message !== 'object' || message === null)
      throw new ProtocolError('control message is not an object');
    const { type } = message as { type?: unknown };
    if (type === 'hello') {
      if (this.#state.name !== 'awaiting-hello') throw new ProtocolError('hello was said before');
      const hello = readHello(message as Record<string, unknown>);
      void this.#greet(hello).catch((error: unknown) => {
        if (error instanceof SocketRefusal) {
          this.outlet.close(error.reason, error.message);
          return;
        }
        this.#options.deps.logger?.warn({ err: error }, 'join failed');
        this.outlet.close('storageAway', 'the documents cannot be read now; come back later');
      });
    } else if (type === 'ping') {
      const { sentAtMs, outboxAgeMs } = message as { sentAtMs?: unknown; outboxAgeMs?: unknown };
      if (typeof sentAtMs !== 'number' || !Number.isFinite(sentAtMs))
        throw new ProtocolError('ping says no time');
      if (typeof outboxAgeMs === 'number' && outboxAgeMs >= 0)
        this.#options.deps.metrics?.deviceOutboxSeconds.observe(outboxAgeMs / 1000);
      this.#say({ type: 'pong', sentAtMs, serverTimeMs: this.#options.deps.nowMs() });
    } else {
      throw new ProtocolError('control message is of an unknown type');
    }
  }

  async #greet(hello: Hello): Promise<void> {
    const { seat, identifyDevice } = this.#options;
    if (hello.protocol !== PROTOCOL_VERSION) {
      const sentence = `protocol ${hello.protocol} is not spoken here; update to ${PROTOCOL_VERSION}`;
      throw new SocketRefusal('protocolTooOld', sentence);
    }
    if (seat.device !== undefined && seat.device !== hello.device)
      throw new SocketRefusal('notAllowed', 'the session belongs to another device');
    this.#seat = { ...seat, device: hello.device };
    if (seat.device !== undefined) return this.#join(hello);

    const waiting: Uint8Array[] = [];
    this.#state = { name: 'identifying', waiting, bytes: 0 };
    await identifyDevice(hello.device);
    if (this.#hasEnded()) return;
    const joined = this.#join(hello);
    for (const message of waiting) this.#receiveLate(message);
    await joined;
  }

  /** What came while the device was asked for; a fault of it ends the socket as it would have then. */
  #receiveLate(message: Uint8Array): void {
    try {
      this.receive(message);
    } catch (error) {
      if (error instanceof SocketRefusal) throw error;
      if (!(error instanceof ProtocolError)) throw error;
      throw new SocketRefusal('badMessage', error.message);
    }
  }

  async #join(hello: Hello): Promise<void> {
    const { feed, window, outlet, deps, burst } = this.#options;
    const seat = this.#seat;
    const startedAtMs = deps.nowMs();
    const backlog: (() => void)[] = [];
    const commits = new CommitInlet({
      seat,
      feed,
      window,
      deps,
      origin: this,
      ack: (message) => this.#inOrder(() => this.#say(message), 0),
      say: (message) => this.#say(message),
    });
    this.#state = { name: 'joining', backlog, backlogBytes: 0, commits };
    const positions = positionsOf(hello);
    if (isAhead(feed, positions)) await feed.lookAgain(); // it comes from an instance that is further than this one
    const stored = await storedOf(hello, seat.workspace, deps.log);
    if (this.#hasEnded()) return;

    // From here on deliveries land in the backlog. The cut is what the feed has delivered, of all documents at once.
    feed.addReplica(this);
    const missed = missedBy(feed, seat.grants, positions);
    burst(() => {
      this.#say({
        type: 'welcome',
        user: seat.user,
        grants: seat.grants,
        serverTimeMs: deps.nowMs(),
        minSchema: deps.minSchema,
        maxCommitBytes: deps.limits.maxCommitBytes,
      });
      for (const { id, parts } of stored)
        this.#say({ type: 'ack', id, seqs: parts.map(({ document, epoch, seq }) => [document, epoch, seq]) });
      for (const document of feed.documents())
        if (mayRead(seat.grants, document.name)) outlet.send(documentFrame(document, document.delivered));
    });
    await sendMissed(missed, { feed, outlet, deps, burst, hasEnded: () => this.#hasEnded() });
    if (this.#hasEnded()) return;
    burst(() => {
      this.#say({ type: 'level' });
      const stages = feed.stagesFrame(
        seat.grants,
        [...feed.documents()].flatMap(({ stage }) => (stage ? [stage] : [])),
      );
      if (stages) outlet.send(stages);
      this.#state = { name: 'level', commits };
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

  /** Throws ProtocolError before hello. */
  #commits(): CommitInlet {
    const state = this.#state;
    if (state.name === 'joining' || state.name === 'level') return state.commits;
    throw new ProtocolError('the first message must be hello');
  }

  /** A method, because TypeScript keeps an earlier narrowing over an await. */
  #hasEnded(): boolean {
    return this.#state.name === 'ended' || !this.outlet.isOpen;
  }

  /** Behind the catch-up, when that is still on its way: what waits for it is as bounded as what waits to be read. */
  #inOrder(send: () => void, bytes: number): void {
    const state = this.#state;
    if (state.name !== 'joining') {
      send();
      return;
    }
    const { maxUnsentBytes } = this.#options.deps.limits;
    state.backlog.push(send);
    state.backlogBytes += bytes;
    if (state.backlogBytes <= maxUnsentBytes) return;
    state.backlog.length = 0;
    this.outlet.close('tooMuchUnsent', `more than ${maxUnsentBytes} bytes came while it waited to join`);
  }

  #say(message: ControlFromRelay): void {
    this.outlet.send(controlFrame(message));
  }
}

/** Those of the commits that the replica asks about that are stored. */
async function storedOf(
  { device, unsure = [] }: Hello,
  workspace: string,
  log: ConnectionDeps['log'],
): Promise<readonly StoredCommit[]> {
  return unsure.length === 0 ? [] : log.storedCommits(workspace, device, unsure);
}
