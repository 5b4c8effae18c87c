/**
 * Chooses how changes travel: by WebSocket, or by long polls where a network lets HTTP through and WebSockets not.
 * After a few WebSockets in a row that never opened although HTTP got through, the next attempt polls; from time to
 * time a WebSocket is tried again, since tablets move between networks. With no network at all nothing is concluded:
 * whoever comes back from offline gets a WebSocket first.
 */
import type { OpenSocket, SocketLike } from './channels.ts';

export interface FallbackOptions {
  readonly openSocket: OpenSocket;
  readonly openPoll: OpenSocket;
  /** Whether HTTP reaches the relay of a socket's URL, just now. */
  readonly isReachable: (url: string) => Promise<boolean>;
  readonly nowMs: () => number;
}

/** A relay that restarts refuses one or two; a network that blocks refuses all. */
const FAILURES_BEFORE_POLLS = 3;
/** A poll socket lives for 10 minutes; when it has ended, or failed after that long, a WebSocket is tried again. */
const POLLS_FOR_MS = 9 * 60_000;

/** For ReplicaDeps: each call gives the socket that the attempts so far recommend. */
export function fallbackSockets(options: FallbackOptions): OpenSocket {
  let failures = 0;
  let pollsUntilMs: number | undefined;
  return (url, protocols) => {
    const nowMs = options.nowMs();
    if (failures >= FAILURES_BEFORE_POLLS) {
      // One more failure after the pause is enough to go on with polls.
      failures = FAILURES_BEFORE_POLLS - 1;
      pollsUntilMs = nowMs + POLLS_FOR_MS;
    }
    if (pollsUntilMs !== undefined && nowMs < pollsUntilMs) {
      const poll = new WatchedSocket(options.openPoll(url, protocols), {
        onOpen: () => {},
        // HTTP does not get through either: it is the network that is away, not its WebSockets.
        onFailed: () => {
          pollsUntilMs = undefined;
        },
      });
      return poll;
    }
    pollsUntilMs = undefined;
    return new WatchedSocket(options.openSocket(url, protocols), {
      onOpen: () => {
        failures = 0;
      },
      onFailed: () => {
        void options.isReachable(url).then((isReachable) => {
          failures = isReachable ? failures + 1 : 0;
        });
      },
    });
  };
}

/** For FallbackOptions. */
export async function isReachableByHttp(url: string): Promise<boolean> {
  const answer = await fetch(`${new URL(url).origin.replace(/^ws/, 'http')}/api/health`).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}

interface SocketFate {
  onOpen(): void;
  /** It ended without ever having been open. */
  onFailed(): void;
}

/** A socket as it is, whose fate is told. */
class WatchedSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly #socket: SocketLike;

  constructor(socket: SocketLike, fate: SocketFate) {
    this.#socket = socket;
    let wasOpen = false;
    socket.onopen = (event) => {
      wasOpen = true;
      fate.onOpen();
      this.onopen?.(event);
    };
    socket.onmessage = (event) => this.onmessage?.(event);
    socket.onerror = (event) => this.onerror?.(event);
    socket.onclose = (event) => {
      if (!wasOpen) fate.onFailed();
      this.onclose?.(event);
    };
  }

  get transport(): 'socket' | 'http' {
    return this.#socket.transport ?? 'socket';
  }

  get binaryType(): string {
    return this.#socket.binaryType;
  }

  set binaryType(type: string) {
    this.#socket.binaryType = type;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }
}
