/**
 * The network between one device and the relay, as a TCP proxy that a test can cut. Cutting ends every
 * connection and refuses new ones, for pages, workers and service workers alike; a browser's own offline switch
 * reaches neither shared workers nor their sockets.
 */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

export class Line {
  /** What the device calls instead of the relay. Stays the same over cuts. */
  readonly port: number;
  /** Bytes from the relay to the device so far. */
  receivedBytes = 0;
  readonly #relayPort: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  static async open(relayPort: number): Promise<Line> {
    const server = createServer();
    await listen(server, 0);
    return new Line(server, relayPort);
  }

  private constructor(server: Server, relayPort: number) {
    this.port = (server.address() as AddressInfo).port;
    this.#relayPort = relayPort;
    this.#attach(server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves once nothing gets through any more. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(): Promise<void> {
    if (this.#server) return;
    const server = createServer();
    await listen(server, this.port);
    this.#attach(server);
  }

  close(): Promise<void> {
    return this.cut();
  }

  #attach(server: Server): void {
    this.#server = server;
    server.on('connection', (device) => {
      const relay = createConnection(this.#relayPort, '127.0.0.1');
      relay.on('data', (piece) => {
        this.receivedBytes += piece.length;
      });
      for (const [from, to] of [
        [device, relay],
        [relay, device],
      ] as const) {
        this.#sockets.add(from);
        from.setNoDelay(true);
        from.on('error', () => to.destroy()); // a reset on one side is one on the other
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
