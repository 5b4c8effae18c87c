/** What both kinds of socket have in common, and what they need of the relay. */
import type { CloseReason } from '../../shared/protocol/close-codes.ts';
import type { Seat } from '../identity/seat.ts';
import type { Limits } from '../limits.ts';
import type { Flusher } from '../log/flusher.ts';
import type { Log } from '../log/log.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Joins } from '../room/join.ts';
import type { Outlet } from './outlet.ts';

export interface Connection {
  readonly seat: Seat;
  readonly kind: 'replica' | 'stock';
  readonly outlet: Outlet;
  /** A message that arrived whole. Throws ProtocolError; the caller closes the socket. */
  receive(message: Uint8Array): void;
  /** Whether a message waits for the disk, and so is held back by the window and not by the rate limit. */
  isPaced(message: Uint8Array): boolean;
  /** Nothing was sent for a while: sends something, so that nobody thinks the line is dead. */
  beat(): void;
  /** The socket is gone. Called once. */
  ended(): void;
}

export interface ConnectionDeps {
  readonly flusher: Flusher;
  readonly log: Pick<Log, 'storedCommits'>;
  readonly joins: Joins;
  readonly limits: Limits;
  readonly minSchema: number;
  readonly nowMs: () => number;
  readonly metrics: Metrics | undefined;
  readonly logger: Logger | undefined;
}

/** Pauses reading while too much of one sender waits for the disk: the sender's own network then holds it back. */
export class Window {
  readonly #socket: { pause(): void; resume(): void };
  #count = 0;
  #bytes = 0;
  #isPaused = false;

  constructor(socket: { pause(): void; resume(): void }) {
    this.#socket = socket;
  }

  enter(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    if (this.#isPaused || (this.#count < MAX_WAITING_COUNT && this.#bytes < MAX_WAITING_BYTES)) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  leave(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    if (!this.#isPaused || this.#count > MAX_WAITING_COUNT / 2 || this.#bytes > MAX_WAITING_BYTES / 2) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}

/** Two full appends of one sender: more would only make the others wait. */
const MAX_WAITING_COUNT = 800;
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** A refusal that ends the socket: `reason` decides the code. */
export class SocketRefusal extends Error {
  override name = 'SocketRefusal';
  readonly reason: CloseReason;

  constructor(reason: CloseReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
