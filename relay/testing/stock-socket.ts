/** A raw socket at one document, for tests that send what no client would, or look at single frames. */
import WebSocket from 'ws';
import { inTime } from '../../shared/testing/until.ts';

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class StockSocket {
  readonly socket: WebSocket;
  readonly messages: Uint8Array[] = [];
  readonly closed: Promise<Closed>;
  readonly opened: Promise<void>;
  readonly #waiting: { readonly is: () => boolean; readonly done: () => void }[] = [];

  constructor(url: string, protocols: readonly string[] = []) {
    this.socket = new WebSocket(url, [...protocols]);
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.socket.once('open', resolve));
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.socket.on('message', (message: Buffer) => {
      this.messages.push(Uint8Array.from(message));
      for (let index = this.#waiting.length - 1; index >= 0; index--) {
        if (this.#waiting[index]!.is()) this.#waiting.splice(index, 1)[0]!.done();
      }
    });
  }

  static async open(url: string): Promise<StockSocket> {
    const socket = new StockSocket(url);
    await socket.opened;
    return socket;
  }

  send(message: Uint8Array | string): void {
    this.socket.send(message);
  }

  /** Resolves when `is` holds; it is asked after every message. Rejects when it does not within 30 s. */
  until(is: () => boolean): Promise<void> {
    if (is()) return Promise.resolve();
    return inTime(new Promise((done) => this.#waiting.push({ is, done })), String(is));
  }

  /** The message of this kind that came last: sync (0) with its step, awareness (1). */
  count(type: number, step?: number): number {
    return this.messages.filter(
      (message) => message[0] === type && (step === undefined || message[1] === step),
    ).length;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}

/** An upgrade that is refused with an HTTP status: which, and the sentence with it. */
export function refusalOf(
  url: string,
  options: WebSocket.ClientOptions = {},
): Promise<{ readonly status: number; readonly sentence: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.once('open', () => {
      socket.terminate();
      reject(new Error('the upgrade was not refused'));
    });
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_request, response) => {
      let sentence = '';
      response.on('data', (chunk: Buffer) => {
        sentence += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, sentence }));
    });
  });
}
