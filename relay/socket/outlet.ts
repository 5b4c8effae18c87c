/**
 * The sending half of one socket: frames out, bounded. What a slow reader has not taken yet stays in memory, so above
 * a limit the socket is closed with `tooMuchUnsent` and the client comes back for what it missed, from the log.
 */
import type { Duplex } from 'node:stream';
import type WebSocket from 'ws';
import { CLOSE_CODES, type CloseReason, shouldReconnect } from '../../shared/protocol/close-codes.ts';
import type { Burst } from './burst.ts';
import type { Frame } from './frame.ts';

/** RFC 6455: a close reason fits a control frame, beside the 2 bytes of the code. */
const MAX_REASON_BYTES = 123;
/** Above this, what may be lost (awareness) is not sent at all. */
const DROP_ABOVE_BYTES = 256 * 1024;
/** A peer that does not answer a close is cut after this long. */
const CLOSE_TIMEOUT_MS = 5_000;

export interface OutletOptions {
  readonly socket: WebSocket;
  /** The raw stream under `socket`, from the upgrade. */
  readonly stream: Duplex;
  readonly burst: Burst;
  readonly maxUnsentBytes: number;
  readonly joinTimeoutMs: number;
  /** About how long a permanent refusal waits, for clients that come back at once whatever the code; 0: not at all. */
  readonly refusalDelayMs: number;
  /** Told when the relay closes the socket. */
  readonly onClosing: (reason: CloseReason) => void;
}

export class Outlet {
  /** Something was written, something was heard, since the heartbeat last looked; it resets both. */
  wrote = false;
  heard = true;
  silentRounds = 0;
  /** Spreads sockets over the heartbeat's ticks. */
  slot = 0;
  readonly #options: OutletOptions;
  /** Bytes of joins, which are budgeted apart. */
  #allowance = 0;
  #isClosing = false;

  constructor(options: OutletOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return !this.#isClosing && this.#options.socket.readyState === 1;
  }

  /** Whether the socket is not being read at present. */
  get isPaused(): boolean {
    return this.#options.socket.isPaused;
  }

  send(frame: Frame): void {
    if (!this.isOpen) return;
    const { stream, burst, maxUnsentBytes } = this.#options;
    const unsent = stream.writableLength;
    if (unsent > maxUnsentBytes + this.#allowance) {
      this.close('tooMuchUnsent', `more than ${maxUnsentBytes} bytes wait to be read`);
      return;
    }
    burst.hold(stream);
    for (const chunk of frame.chunks) stream.write(chunk);
    this.wrote = true;
  }

  /** For what may be lost: not sent to a socket that lags. False when it was not sent. */
  sendIfIdle(frame: Frame): boolean {
    if (!this.isOpen || this.#options.stream.writableLength > DROP_ABOVE_BYTES) return false;
    this.send(frame);
    return true;
  }

  /**
   * Sends the frames of a join, which are exempt from the limit on unsent bytes; resolves once they have left, or the
   * socket ended. A client that does not read them in time is closed.
   */
  sendAllowed(frames: readonly Frame[]): Promise<void> {
    if (!this.isOpen || frames.length === 0) return Promise.resolve();
    const { stream, joinTimeoutMs } = this.#options;
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes, 0);
    this.#allowance += bytes;
    return new Promise((resolve) => {
      let isDone = false;
      // Others wait for their turn to join behind these bytes.
      const timer = setTimeout(() => {
        this.close('tooMuchUnsent', `what was missed was not read within ${joinTimeoutMs / 1000} s`);
      }, joinTimeoutMs);
      timer.unref();
      const done = () => {
        if (isDone) return;
        isDone = true;
        clearTimeout(timer);
        this.#allowance -= bytes;
        stream.removeListener('close', done);
        resolve();
      };
      stream.once('close', done);
      this.#options.burst.hold(stream);
      frames.forEach((frame, index) => {
        frame.chunks.forEach((chunk, place) => {
          const isLast = index === frames.length - 1 && place === frame.chunks.length - 1;
          if (isLast) stream.write(chunk, done);
          else stream.write(chunk);
        });
      });
      this.wrote = true;
    });
  }

  /**
   * Says why and closes; from now on nothing is sent. The sentence is for people; it is cut to what a close frame
   * takes. `atOnce`: without the wait of a permanent refusal, for access that was taken away.
   */
  close(reason: CloseReason, sentence: string, options: { readonly atOnce?: boolean } = {}): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { socket, refusalDelayMs, onClosing } = this.#options;
    onClosing(reason);
    const code = CLOSE_CODES[reason];
    const delayMs = options.atOnce || shouldReconnect(code) ? 0 : refusalDelayMs * (0.7 + Math.random());
    const close = () => {
      socket.close(code, cut(sentence));
      timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
      timer.unref();
    };
    let timer: NodeJS.Timeout | undefined;
    socket.once('close', () => clearTimeout(timer));
    if (delayMs > 0) timer = setTimeout(close, delayMs);
    else close();
  }

  /** Ends without a word: the peer is not there any more. */
  terminate(): void {
    this.#isClosing = true;
    this.#options.socket.terminate();
  }

  ping(): void {
    if (this.isOpen) this.#options.socket.ping();
  }
}

function cut(sentence: string): string {
  let text = sentence;
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1);
  return text;
}
