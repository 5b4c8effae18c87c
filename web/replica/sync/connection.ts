/**
 * The life of the connection: connect, say where we stand, receive what was missed, then send what waits. One
 * state at a time; every way out of a connection leads through `#down`.
 *
 *   stopped ─ connect ─► connecting ─ open ─► joining ─ level ─► level
 *      ▲                     │                   │                │
 *      └── 44xx ─────────────┴─────── #down ─────┴────────────────┘──► waiting ─ timer ─► connecting
 */

import { CLOSE_CODES, shouldReconnect } from '../../../shared/protocol/close-codes.ts';
import { encodeCommit } from '../../../shared/protocol/commit.ts';
import { type ControlFromRelay, MAX_UNSURE, PROTOCOL_VERSION } from '../../../shared/protocol/wire.ts';
import type { Core } from '../core.ts';
import type { Status, Stop } from '../status.ts';
import { backoffMs } from './backoff.ts';
import { Channels } from './channels.ts';
import { Receiver } from './receiver.ts';
import { SendPace } from './send-pace.ts';

/** How often we ask whether the relay is there; also keeps middleboxes from closing a quiet socket. */
const PING_INTERVAL_MS = 15_000;
/** Two pings and their answers must fit, or a slow line would be taken for a dead one. */
const MAX_SILENT_PINGS = 3;
/**
 * While the relay sends what was missed, its answers wait behind a snapshot, of which a socket tells nothing until all of
 * it is here: five minutes are 25 MB over a bad mobile line.
 */
const MAX_SILENT_PINGS_BEHIND_SNAPSHOT = 20;
/** So many that wait do not wait for more. */
const FULL_GROUP = 32;
/** Told off for sending too much: a whole turn of the longest backoff. */
const PENALTY_ATTEMPT = 7;

export interface Target {
  /** `ws://host` or `wss://host`. */
  readonly url: string;
  readonly workspace: string;
  readonly token: string;
}

type State =
  | { readonly name: 'stopped'; readonly because: Status['stopped'] }
  | { readonly name: 'waiting'; readonly untilMs: number; readonly cancel: Stop }
  | { readonly name: 'connecting' }
  | { readonly name: 'joining'; readonly stopPing: Stop }
  | { readonly name: 'level'; readonly stopPing: Stop };

export interface ConnectionListener {
  /** Everything the relay had is here and stored. */
  onLevel(): void;
  /** From here on the relay may have more. */
  onLevelLost(): void;
  onAck(
    id: string,
    seqs: readonly (readonly [document: string, epoch: number, seq: number])[],
  ): Promise<void>;
  onReject(message: Extract<ControlFromRelay, { type: 'reject' }>): Promise<void>;
  onStages(message: Extract<ControlFromRelay, { type: 'stages' }>): Promise<void>;
  onWelcome(message: Extract<ControlFromRelay, { type: 'welcome' }>): Promise<void>;
  /** The relay's time is known anew. */
  onClockRead(): void;
  onNewLife(): Promise<void>;
  onNewLifeTaken(): Promise<void>;
}

export class Connection {
  readonly #core: Core;
  readonly #listener: ConnectionListener;
  readonly channels: Channels;
  readonly #receiver: Receiver;
  #state: State = { name: 'stopped', because: undefined };
  #target: Target | undefined;
  #attempt = 0;
  lastError: string | undefined;
  readonly #pace = new SendPace();
  #isGathering = false;
  #cancelPump: Stop = () => {};
  /** Commits that the relay is asked about while joining. */
  #asked: readonly string[] = [];
  /** The relay has answered the hello of this connection. */
  #isWelcome = false;

  constructor(core: Core, listener: ConnectionListener) {
    this.#core = core;
    this.#listener = listener;
    this.#receiver = new Receiver(core, {
      onControl: (message) => this.#onControl(message),
      onNewLife: () => {
        this.#settleAsked(); // acks come before updates
        return listener.onNewLife();
      },
      onNewLifeTaken: () => listener.onNewLifeTaken(),
      onFailure: (error) => {
        this.channels.disconnect();
        this.#down(4000, error instanceof Error ? error.message : String(error));
      },
    });
    this.channels = new Channels(core.deps.openSocket, {
      onOpen: () => this.#hello(),
      onControl: (message) => this.#receiver.control(message),
      onUpdate: (document, frame, update) => this.#receiver.update(document, frame, update),
      onBytes: (count) => core.metrics.passed(count),
      onDown: (code, reason) => this.#down(code, reason),
    });
  }

  get status(): Pick<
    Status,
    'connection' | 'transport' | 'stopped' | 'nextAttemptAtMs' | 'level' | 'lastError'
  > {
    const state = this.#state;
    const isUp = state.name === 'level' || state.name === 'joining';
    return {
      connection: isUp ? 'connected' : state.name === 'connecting' ? 'connecting' : 'offline',
      transport: isUp ? this.channels.transport : 'none',
      stopped: state.name === 'stopped' ? state.because : undefined,
      nextAttemptAtMs: state.name === 'waiting' ? state.untilMs : undefined,
      level: state.name === 'level',
      lastError: this.lastError,
    };
  }

  /** Connects, or connects again with another token; the same target on a living connection changes nothing. */
  connect(target: Target): void {
    const isSame = this.#target?.url === target.url && this.#target.workspace === target.workspace;
    const isUp = this.#state.name === 'level' || this.#state.name === 'joining';
    this.#target = target;
    if (isSame && isUp) return;
    this.#leave();
    this.#attempt = 0;
    this.#open();
  }

  disconnect(because: Status['stopped'] = undefined): void {
    this.#leave();
    this.#target = undefined;
    this.#become({ name: 'stopped', because });
  }

  /** Undefined without a session. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** Does not wait for the next attempt. */
  retry(): void {
    if (this.#state.name === 'waiting' || (this.#state.name === 'stopped' && this.#target)) {
      this.#leave();
      this.#open();
    }
    this.pump();
  }

  /** Leaves and joins again with other positions; only when there is a connection to leave. */
  rejoin(): void {
    if (this.#state.name !== 'level' && this.#state.name !== 'joining') return;
    this.#leave();
    this.#open();
  }

  /**
   * Whether it is better to wait for `onLevel` before commits are made anew: while joining, and when there are some
   * that may be stored, which is asked by joining again.
   */
  settleUnsure(): boolean {
    if (this.#state.name === 'joining') return true;
    if (this.#state.name !== 'level' || this.#core.outbox.unsure.length === 0) return false;
    this.rejoin();
    return true;
  }

  /** Sends what may be sent now, or soon, with what comes right after it [SEND-1]. */
  pump(): void {
    if (this.#state.name !== 'level') return;
    const { outbox, tables, live, metrics, deps } = this.#core;
    const isFull = outbox.pendingCount - outbox.inFlightCount >= FULL_GROUP;
    if (this.#isGathering && !isFull) return;
    const nowMs = deps.nowMs();
    const waitMs = isFull ? 0 : this.#pace.waitMs(nowMs);
    this.#isGathering = waitMs > 0;
    if (waitMs > 0) {
      this.#pumpIn(waitMs);
      return;
    }
    const taken = outbox.takeSendable(nowMs);
    for (const entry of taken) {
      this.channels.sendCommit(encodeCommit(entry.commit));
      metrics.sent(entry.commit.id);
      tables.outboxChanged(entry, true);
      tables.commitSent(entry.commit.id, nowMs);
    }
    if (taken.length > 0) {
      this.#pace.sent(taken.length, nowMs);
      live.changed([], ['_outbox', '_sync']);
    }
    this.#cancelPump();
    const nextMs = outbox.nextAttemptAtMs(nowMs);
    if (nextMs !== undefined) this.#pumpIn(nextMs - nowMs);
  }

  #pumpIn(ms: number): void {
    this.#cancelPump();
    this.#cancelPump = this.#core.deps.setTimer(ms, () => {
      this.#isGathering = false;
      this.pump();
    });
  }

  /** Asks the relay for its time. */
  readClock(): void {
    this.channels.sendControl({
      type: 'ping',
      sentAtMs: this.#core.deps.nowMs(),
      ...this.#outboxAge(),
    });
  }

  /** For whoever watches over the workshop: a device whose work does not arrive. */
  #outboxAge(): { readonly outboxAgeMs?: number } {
    const { outbox, deps, clock } = this.#core;
    const { oldestAtMs } = outbox;
    if (oldestAtMs === undefined) return {};
    return { outboxAgeMs: Math.max(0, Math.round(deps.nowMs() + clock.offsetMs - oldestAtMs)) };
  }

  /** Resolves when everything that arrived has been dealt with. */
  idle(): Promise<void> {
    return this.#receiver.idle();
  }

  #open(): void {
    const target = this.#target!;
    this.#become({ name: 'connecting' });
    const url = `${target.url.replace(/^http/, 'ws').replace(/\/$/, '')}/sync/${encodeURIComponent(target.workspace)}`;
    try {
      this.channels.connect(url, target.token);
    } catch (error) {
      this.#down(1006, error instanceof Error ? error.message : String(error));
    }
  }

  #hello(): void {
    const { documents, outbox, device, schema } = this.#core;
    const cancel = this.#startPing();
    this.#asked = outbox.unsure.slice(0, MAX_UNSURE);
    this.#isWelcome = false;
    this.#become({ name: 'joining', stopPing: cancel });
    this.channels.sendControl({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      device,
      schema: schema.version,
      positions: documents
        .names()
        .map((name) => documents.record(name))
        .filter(({ name, seq }) => seq > 0 && !documents.isExpectedAnew(name))
        .map(({ name, epoch, seq }) => [name, epoch, seq] as const),
      ...(this.#asked.length > 0 ? { unsure: this.#asked } : {}),
    });
    this.readClock();
  }

  async #onControl(message: ControlFromRelay): Promise<void> {
    switch (message.type) {
      case 'welcome':
        this.#isWelcome = true;
        this.#core.clock.offsetMs = message.serverTimeMs - this.#core.deps.nowMs();
        await this.#listener.onWelcome(message);
        break;
      case 'document': {
        const { documents } = this.#core;
        const record = documents.record(message.name);
        if (message.epoch === record.epoch)
          documents.setRecord({ ...record, head: Math.max(record.head, message.head) });
        break;
      }
      case 'level':
        if (this.#state.name !== 'joining') break;
        this.#attempt = 0;
        this.lastError = undefined;
        this.#become({ name: 'level', stopPing: this.#state.stopPing });
        this.#settleAsked();
        this.#listener.onLevel();
        this.pump();
        break;
      case 'ack':
        await this.#listener.onAck(message.id, message.seqs);
        this.pump();
        break;
      case 'reject':
        await this.#listener.onReject(message);
        this.pump();
        break;
      case 'stages':
        await this.#listener.onStages(message);
        break;
      case 'pong': {
        const { clock, deps } = this.#core;
        // The relay's clock was read somewhere between sending and now; the middle errs least. Of a heartbeat (0)
        // nobody knows when it was sent.
        if (message.sentAtMs > 0)
          clock.offsetMs = message.serverTimeMs - (message.sentAtMs + deps.nowMs()) / 2;
        this.#listener.onClockRead();
        break;
      }
    }
  }

  #settleAsked(): void {
    this.#core.outbox.asked(this.#asked);
    this.#asked = [];
  }

  #startPing(): Stop {
    const { deps } = this.#core;
    let cancel: Stop = () => {};
    let received = this.channels.received;
    let silent = 0;
    const turn = () => {
      silent = this.channels.received === received ? silent + 1 : 0;
      received = this.channels.received;
      const isReceiving = this.#state.name === 'joining' && this.#isWelcome;
      if (silent >= (isReceiving ? MAX_SILENT_PINGS_BEHIND_SNAPSHOT : MAX_SILENT_PINGS)) {
        this.channels.disconnect();
        this.#down(1006, 'the relay has gone silent');
        return;
      }
      this.readClock();
      cancel = deps.setTimer(PING_INTERVAL_MS, turn);
    };
    cancel = deps.setTimer(PING_INTERVAL_MS, turn);
    return () => cancel();
  }

  #down(code: number, reason: string): void {
    this.lastError = reason === '' ? `the connection ended (${code})` : reason;
    const { outbox, metrics } = this.#core;
    metrics.noteError('connection-lost', this.lastError);
    for (const { commit } of outbox.entries())
      if (outbox.isInFlight(commit.id)) metrics.failed(commit.id, 'connection-lost', this.lastError);
    this.#leave();
    if (code === CLOSE_CODES.tooManyMessages) this.#attempt = PENALTY_ATTEMPT;
    else if (!shouldReconnect(code)) {
      this.#become({ name: 'stopped', because: stopReasonOf(code) });
      return;
    }
    this.#attempt++;
    const delayMs = backoffMs(this.#attempt, this.#core.deps.random);
    this.#become({
      name: 'waiting',
      untilMs: this.#core.deps.nowMs() + delayMs,
      cancel: this.#core.deps.setTimer(delayMs, () => this.#open()),
    });
  }

  /** Ends timers, socket and what was on its way. */
  #leave(): void {
    const state = this.#state;
    if (state.name === 'waiting') state.cancel();
    if (state.name === 'joining' || state.name === 'level') state.stopPing();
    if (state.name === 'level') this.#listener.onLevelLost();
    this.#cancelPump();
    this.#isGathering = false;
    this.channels.disconnect();
    this.#receiver.reset();
    this.#asked = [];
    const { outbox, tables } = this.#core;
    for (const entry of outbox.entries()) if (outbox.isInFlight(entry.commit.id)) tables.outboxChanged(entry);
    outbox.connectionLost();
  }

  #become(state: State): void {
    this.#state = state;
    this.#core.statusChanged();
  }
}

function stopReasonOf(code: number): Status['stopped'] {
  if (code === CLOSE_CODES.badToken) return 'token-expired';
  if (code === CLOSE_CODES.notAllowed) return 'not-allowed';
  if (code === CLOSE_CODES.protocolTooOld) return 'update-required';
  return 'refused';
}
