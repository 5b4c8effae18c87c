/**
 * From an upgrade request to an open connection, or to a refusal that its sender understands: an HTTP status for what
 * is no sync socket at all or too much, else a close code with a sentence, because a browser shows a page nothing of
 * an upgrade that failed.
 *
 *   request ─► limits, origin ─► authenticate ─► upgrade ─► feed ─► connection
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import WebSocket, { WebSocketServer } from 'ws';
import { CLOSE_CODES, type CloseReason } from '../../shared/protocol/close-codes.ts';
import type { Identity, Seat } from '../identity/seat.ts';
import { StorageAwayError } from '../log/log.ts';
import type { Feeds } from '../room/feeds.ts';
import type { Burst } from './burst.ts';
import { type Connection, type ConnectionDeps, SocketRefusal, Window } from './connection.ts';
import { identify } from './identify.ts';
import { expectHello, listen } from './listen.ts';
import { Outlet } from './outlet.ts';
import { ReplicaConnection } from './replica-connection.ts';
import {
  addressOf,
  chooseProtocol,
  isOriginAllowed,
  readSyncRequest,
  refuseUpgrade,
  type SyncRequest,
} from './request.ts';
import { StockConnection } from './stock-connection.ts';

export interface DoorwayOptions {
  readonly identity: Identity;
  readonly feeds: Feeds;
  readonly burst: Burst;
  readonly deps: ConnectionDeps;
  readonly allowedOrigins: readonly string[];
  readonly trustedProxies: number;
  /** Before a permanent refusal of a stock client: those up to 3.0 ignore the code and come back at once. */
  readonly refusalDelayMs: number;
}

/** Sockets between request and connection at once; a storm beyond is told to come back. */
const MAX_OPENING = 2_000;

export class Doorway {
  readonly connections = new Set<Connection>();
  readonly #options: DoorwayOptions;
  readonly #server: WebSocketServer;
  readonly #perAddress = new Map<string, number>();
  readonly #perWorkspace = new Map<string, number>();
  /** Sockets that wait for their refusal. */
  readonly #turnedAway = new Set<Outlet>();
  #opening = 0;
  #sockets = 0;
  #cuts = 0;
  #isClosed = false;

  constructor(options: DoorwayOptions) {
    this.#options = options;
    const { maxFrameBytes } = options.deps.limits;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false, // costs eight times the work per frame
      maxPayload: maxFrameBytes,
      clientTracking: false,
      handleProtocols: (protocols) => chooseProtocol(protocols),
      WebSocket: socketClass(maxFrameBytes),
    });
  }

  /** Takes every upgrade request it is given; answers those that are not for a sync path with 404. */
  handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const { deps, allowedOrigins, trustedProxies } = this.#options;
    stream.on('error', () => stream.destroy());
    const sync = readSyncRequest(request);
    const address = addressOf(request, trustedProxies);
    const { maxConnectionsPerAddress } = deps.limits;
    const refusal =
      'status' in sync
        ? sync
        : this.#isClosed
          ? { status: 503, sentence: 'the relay is shutting down; come back' }
          : !isOriginAllowed(request, allowedOrigins)
            ? { status: 403, sentence: 'pages of this origin may not connect here' }
            : (this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress
              ? { status: 429, sentence: `at most ${maxConnectionsPerAddress} connections per address` }
              : this.#opening >= MAX_OPENING
                ? { status: 503, sentence: `at most ${MAX_OPENING} connections may be opening; come back` }
                : undefined;
    if ('status' in sync || refusal) {
      refuseUpgrade(stream, refusal as { status: number; sentence: string });
      return;
    }
    this.#opening++;
    countUp(this.#perAddress, address, 1);
    stream.once('close', () => countUp(this.#perAddress, address, -1));
    const cutsBefore = this.#cuts;
    void identify(sync, this.#options)
      .then((identified) => {
        if (stream.destroyed) return;
        this.#server.handleUpgrade(request, stream, head, (socket) =>
          this.#welcome(socket, stream, sync, identified, cutsBefore),
        );
      })
      .finally(() => {
        this.#opening--;
      });
  }

  /** Closes the sockets of every seat that `predicate` names; answers how many. Those being opened are asked again. */
  cut(predicate: (seat: Seat) => boolean, reason: CloseReason, sentence: string): number {
    this.#cuts++;
    const cut = [...this.connections].filter(({ seat }) => predicate(seat));
    for (const { outlet } of cut) outlet.close(reason, sentence, { atOnce: true });
    return cut.length;
  }

  /** Says to everyone that the relay restarts, and ends whoever has not left after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true;
    for (const { outlet } of this.connections)
      outlet.close('relayRestarting', 'the relay restarts; come back');
    const deadlineMs = Date.now() + drainMs;
    while (this.connections.size > 0 && Date.now() < deadlineMs)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const { outlet } of this.connections) outlet.terminate();
    for (const outlet of this.#turnedAway) outlet.terminate();
  }

  #welcome(
    socket: WebSocket,
    stream: Duplex,
    sync: SyncRequest,
    identified: Seat | SocketRefusal,
    cutsBefore: number,
  ): void {
    socket.on('error', () => undefined); // what follows is a close, which is listened to
    const outlet = this.#outletOf(socket, stream, sync);
    const { maxConnectionsPerWorkspace: most } = this.#options.deps.limits;
    const refusal =
      identified instanceof SocketRefusal
        ? identified
        : (this.#perWorkspace.get(sync.workspace) ?? 0) >= most
          ? new SocketRefusal('tooMuchUnsent', `at most ${most} connections per workspace; come back later`)
          : undefined;
    if (refusal || identified instanceof SocketRefusal) {
      this.#turnAway(socket, outlet, refusal!);
      return;
    }
    countUp(this.#perWorkspace, sync.workspace, 1);
    socket.once('close', () => countUp(this.#perWorkspace, sync.workspace, -1));
    socket.pause(); // until there is someone to read
    void this.#open(socket, outlet, sync, identified, cutsBefore).catch((error: unknown) => {
      const isAway = error instanceof StorageAwayError;
      if (!isAway) this.#options.deps.logger?.error({ err: error }, 'a socket could not be opened');
      socket.resume();
      outlet.close(
        isAway ? 'storageAway' : 'relayFailed',
        'the documents cannot be read now; come back later',
      );
    });
  }

  async #open(
    socket: WebSocket,
    outlet: Outlet,
    sync: SyncRequest,
    seat: Seat,
    cutsBefore: number,
  ): Promise<void> {
    const { feeds, burst, deps } = this.#options;
    const feed = await feeds.open(sync.workspace);
    if (socket.readyState !== WebSocket.OPEN) return;
    const window = new Window(socket);
    const connection =
      sync.document === undefined
        ? new ReplicaConnection({
            seat,
            feed,
            outlet,
            window,
            deps,
            burst: (write) => burst.run(write),
            identifyDevice: async (device) => {
              const identified = await identify(sync, this.#options, device);
              if (identified instanceof SocketRefusal) throw identified;
            },
          })
        : new StockConnection({ seat, feed, outlet, window, deps, document: sync.document });
    this.connections.add(connection);
    deps.metrics?.connections.inc({ kind: connection.kind });
    socket.once('close', () => {
      this.connections.delete(connection);
      deps.metrics?.connections.dec({ kind: connection.kind });
      connection.ended();
    });
    listen(socket, connection, deps);
    // A right that was taken away while this socket was on its way in may have been this one's [ID-4].
    const again = this.#cuts === cutsBefore ? seat : await identify(sync, this.#options);
    socket.resume();
    if (again instanceof SocketRefusal) {
      outlet.close(again.reason, again.message, { atOnce: true });
      return;
    }
    if (connection instanceof StockConnection) await connection.join();
    else expectHello(socket, connection, deps.limits.identifyTimeoutMs);
  }

  #outletOf(socket: WebSocket, stream: Duplex, sync: SyncRequest): Outlet {
    const { burst, deps, refusalDelayMs } = this.#options;
    const outlet = new Outlet({
      socket,
      stream,
      burst,
      maxUnsentBytes: deps.limits.maxUnsentBytes,
      joinTimeoutMs: deps.limits.joinTimeoutMs,
      refusalDelayMs: sync.document === undefined ? 0 : refusalDelayMs,
      onClosing: (reason: CloseReason) => {
        deps.metrics?.closes.inc({ reason });
        if (CLOSE_CODES[reason] >= 4000)
          deps.logger?.info({ workspace: sync.workspace, reason }, 'socket refused');
      },
    });
    outlet.slot = this.#sockets++;
    return outlet;
  }

  #turnAway(socket: WebSocket, outlet: Outlet, refusal: SocketRefusal): void {
    this.#turnedAway.add(outlet);
    socket.once('close', () => this.#turnedAway.delete(outlet));
    outlet.close(refusal.reason, refusal.message);
  }
}

function countUp(map: Map<string, number>, key: string, by: number): void {
  const value = (map.get(key) ?? 0) + by;
  if (value > 0) map.set(key, value);
  else map.delete(key);
}

/** `ws` closes an oversized frame with a bare 1009, which stock clients take as a reason to come back with it. */
function socketClass(maxFrameBytes: number): typeof WebSocket {
  return class RelaySocket extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      if (code === 1009) super.close(CLOSE_CODES.tooLarge, `a frame has more than ${maxFrameBytes} bytes`);
      else super.close(code, reason);
    }
  };
}
