/**
 * The line between relays and Postgres, as a TCP proxy that knows one thing of the protocol: where a message of the
 * server begins and what kind it is. So it can lose notifications, which TCP alone never does, and be cut or slow.
 */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** NotificationResponse, the first byte of what LISTEN brings. */
const NOTIFICATION = 0x41;
/** Kind and length of a message of the server. */
const HEADER_BYTES = 5;

export class PostgresLine {
  /** The database's own URL, by way of this line. */
  readonly url: string;
  /** One notification in so many is lost; 0: none, 1: all. */
  loseOneIn = 0;
  lost = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** `chance(n)` is true once in n times. */
  static async open(databaseUrl: string, chance: (oneIn: number) => boolean): Promise<PostgresLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return new PostgresLine(server, new URL(databaseUrl), chance);
  }

  private constructor(server: Server, database: URL, chance: (oneIn: number) => boolean) {
    this.#server = server;
    const url = new URL(database);
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
    server.on('connection', (relay) => {
      const postgres = createConnection(Number(database.port), database.hostname);
      const filter = messages((kind) => {
        const isLost = kind === NOTIFICATION && this.loseOneIn > 0 && chance(this.loseOneIn);
        if (isLost) this.lost++;
        return !isLost;
      });
      for (const [one, other] of [
        [relay, postgres],
        [postgres, relay],
      ] as const) {
        this.#sockets.add(one);
        one.setNoDelay(true);
        one.on('error', () => other.destroy()); // a reset on one side is one on the other
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      relay.pipe(postgres);
      postgres.pipe(filter).pipe(relay);
    });
  }

  /** Ends every connection; new ones get through. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }
}

/** Passes on those messages of the server that `passes` wants. */
function messages(passes: (kind: number) => boolean): Transform {
  let waiting: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
      const passed: Buffer[] = [];
      let at = 0;
      while (waiting.length - at >= HEADER_BYTES) {
        const end = at + 1 + waiting.readUInt32BE(at + 1);
        if (end > waiting.length) break;
        if (passes(waiting[at]!)) passed.push(waiting.subarray(at, end));
        at = end;
      }
      waiting = waiting.subarray(at);
      done(null, passed.length > 0 ? Buffer.concat(passed) : undefined);
    },
  });
}
