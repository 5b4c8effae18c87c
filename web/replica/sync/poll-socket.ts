/**
 * A socket over plain HTTP, for networks that block WebSockets: to the replica it looks like the real one. What it
 * is told to send goes to `/api/sync/batch`, what it hears comes from long polls of `/api/sync/poll`.
 *
 *   hello  ──► poll ──► welcome, documents, updates, level ──► poll from there ──► updates ──► …
 *   COMMIT ──► batch ──► ack or reject of each
 *
 * Presence is not carried: it would be old before it arrives.
 */
import { BATCH_CONTENT_TYPE, type BatchAnswer, encodeBatch } from '../../../shared/protocol/batch.ts';
import { CLOSE_CODES } from '../../../shared/protocol/close-codes.ts';
import { decodeCommit } from '../../../shared/protocol/commit.ts';
import { decodeFrames, MAX_POLL_WAIT_MS, type PollRequest } from '../../../shared/protocol/poll.ts';
import {
  type ControlFromRelay,
  decodeFrameFromRelay,
  decodeFrameFromReplica,
  encodeFrame,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../../shared/protocol/wire.ts';
import type { SocketLike } from './channels.ts';

export interface PollDeps {
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
/** Commits of one request; the relay takes more, but an ack should not wait for a long body. */
const MAX_BATCH = 100;
/** Then it ends between two polls, so that a WebSocket is tried again: tablets move between networks. */
const LIFE_MS = 10 * 60_000;
/** The code that browsers give a connection that broke. */
const BROKEN = 1006;

export class PollSocket implements SocketLike {
  readonly transport = 'http';
  binaryType = 'arraybuffer';
  readyState = CONNECTING;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly #deps: PollDeps;
  readonly #origin: string;
  readonly #token: string;
  readonly #abort = new AbortController();
  readonly #positions = new Map<string, readonly [epoch: number, seq: number]>();
  readonly #nameByNumber = new Map<number, string>();
  #commits: Uint8Array[] = [];
  #isSending = false;
  #wasLevel = false;
  #clockOffsetMs = 0;

  /** The arguments of a WebSocket: `wss://host/sync/<workspace>` and the protocols, one of which is the token. */
  constructor(url: string, protocols: readonly string[], deps: PollDeps) {
    this.#deps = deps;
    this.#origin = new URL(url).origin.replace(/^ws/, 'http');
    const bearer = protocols.find((protocol) => protocol.startsWith(TOKEN_SUBPROTOCOL_PREFIX)) ?? '';
    this.#token = bearer.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
    void this.#open();
  }

  send(bytes: Uint8Array): void {
    const frame = decodeFrameFromReplica(bytes);
    if (frame.kind === 'commit') {
      this.#commits.push(frame.bytes);
      void this.#sendCommits();
    } else if (frame.kind === 'control' && frame.message.type === 'hello') {
      for (const [document, epoch, seq] of frame.message.positions)
        this.#positions.set(document, [epoch, seq]);
      void this.#poll(frame.message);
    } else if (frame.kind === 'control') {
      // Says that we are alive; the time is that of the last welcome, so nothing is measured with it.
      const serverTimeMs = this.#deps.nowMs() + this.#clockOffsetMs;
      queueMicrotask(() => this.#tell({ type: 'pong', sentAtMs: 0, serverTimeMs }));
    }
  }

  close(): void {
    this.readyState = CLOSED;
    this.#abort.abort();
  }

  async #open(): Promise<void> {
    try {
      const answer = await this.#deps.fetch(`${this.#origin}/api/health`, { signal: this.#abort.signal });
      if (!answer.ok) throw new Error(`the relay answered ${answer.status}`);
      if (this.readyState !== CONNECTING) return;
      this.readyState = OPEN;
      this.onopen?.({} as never);
    } catch (error) {
      this.#down(BROKEN, error);
    }
  }

  async #poll(hello: PollRequest['hello']): Promise<void> {
    const endsAtMs = this.#deps.nowMs() + LIFE_MS;
    while (this.readyState === OPEN) {
      if (this.#deps.nowMs() > endsAtMs && !this.#isSending)
        return this.#down(CLOSE_CODES.relayRestarting, 'it is time to look for a better line');
      const positions = [...this.#positions].map(
        ([document, [epoch, seq]]) => [document, epoch, seq] as const,
      );
      const request: PollRequest = {
        hello: { ...hello, positions, unsure: this.#wasLevel ? [] : (hello.unsure ?? []) },
        // The first is answered at once: the page wants to know that it is level.
        waitMs: this.#wasLevel ? MAX_POLL_WAIT_MS : 0,
      };
      try {
        const answer = await this.#post('/api/sync/poll', 'application/json', JSON.stringify(request));
        if (answer === undefined) return;
        for (const frame of decodeFrames(new Uint8Array(await answer.arrayBuffer()))) this.#take(frame);
      } catch (error) {
        return this.#down(BROKEN, error);
      }
    }
  }

  /** Hands a frame on, less what only the first answer should say. */
  #take(bytes: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    const frame = decodeFrameFromRelay(bytes);
    if (frame.kind === 'update') {
      const name = this.#nameByNumber.get(frame.number);
      if (name !== undefined) this.#positions.set(name, [frame.epoch, frame.toSeq]);
    } else if (frame.kind === 'control') {
      const { message } = frame;
      if (message.type === 'document') this.#nameByNumber.set(message.number, message.name);
      if (message.type === 'welcome') {
        this.#clockOffsetMs = message.serverTimeMs - this.#deps.nowMs();
        if (this.#wasLevel) return;
      }
      if (message.type === 'level') {
        if (this.#wasLevel) return;
        this.#wasLevel = true;
      }
    }
    this.onmessage?.({ data: bytes });
  }

  async #sendCommits(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#commits.length > 0 && this.readyState === OPEN) {
        const commits = this.#commits.splice(0, MAX_BATCH);
        const body = encodeBatch(commits) as Uint8Array<ArrayBuffer>;
        const answer = await this.#post('/api/sync/batch', BATCH_CONTENT_TYPE, body);
        if (answer === undefined) return;
        this.#settle((await answer.json()) as BatchAnswer, commits);
      }
    } catch (error) {
      this.#down(BROKEN, error);
    } finally {
      this.#isSending = false;
    }
  }

  /** In the order of sending, as a socket would answer. */
  #settle({ accepted, rejected }: BatchAnswer, commits: readonly Uint8Array[]): void {
    const acks = new Map(accepted.map((ack) => [ack.id, ack]));
    const rejections = new Map(rejected.map((rejection) => [rejection.id, rejection]));
    for (const bytes of commits) {
      const { id } = decodeCommit(bytes);
      const ack = acks.get(id);
      const rejection = rejections.get(id);
      if (ack) this.#tell({ type: 'ack', id, seqs: ack.seqs });
      else if (rejection) this.#tell({ type: 'reject', ...rejection });
    }
  }

  /** Undefined when the socket has ended, be it by this answer. */
  async #post(path: string, contentType: string, body: BodyInit): Promise<Response | undefined> {
    const answer = await this.#deps.fetch(`${this.#origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': contentType, authorization: `Bearer ${this.#token}` },
      body,
      signal: this.#abort.signal,
    });
    if (answer.ok) return this.readyState === OPEN ? answer : undefined;
    const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
    this.#down(closeCodeOf(answer.status), new Error(message ?? `the relay answered ${answer.status}`));
    return undefined;
  }

  #tell(message: ControlFromRelay): void {
    if (this.readyState === OPEN) this.onmessage?.({ data: encodeFrame({ kind: 'control', message }) });
  }

  #down(code: number, error: unknown): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#abort.abort();
    this.onclose?.({ code, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** The close code that a socket would have ended with. */
function closeCodeOf(status: number): number {
  switch (status) {
    case 400:
      return CLOSE_CODES.badMessage;
    case 401:
      return CLOSE_CODES.badToken;
    case 403:
      return CLOSE_CODES.notAllowed;
    case 413:
      return CLOSE_CODES.tooLarge;
    case 426:
      return CLOSE_CODES.protocolTooOld;
    case 429:
      return CLOSE_CODES.tooManyMessages;
    default:
      return CLOSE_CODES.storageAway;
  }
}
