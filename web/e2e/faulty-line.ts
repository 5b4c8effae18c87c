/**
 * The network between one device and a fleet of relays: a switch that takes each new connection to a relay that
 * answers, and lines that can be cut, slow, and say things twice. TCP repeats nothing, but proxies and retries do, so
 * what is repeated are whole WebSocket frames: commits on their way up, updates and acks on their way down.
 */
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { COMMIT_FRAME } from '../../shared/protocol/wire.ts';

export interface FaultyLineOptions {
  /** Ports of the relays in the order in which a new connection tries them. */
  readonly relays: () => readonly number[];
  /** True once in `oneIn` times. */
  readonly chance: (oneIn: number) => boolean;
}

export class FaultyLine {
  readonly port: number;
  /** Each piece arrives so much later, in either direction. */
  delayMs = 0;
  /** One frame in so many is said twice; 0: none. */
  repeatOneIn = 0;
  repeated = 0;
  readonly #options: FaultyLineOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isCut = false;

  static async open(options: FaultyLineOptions): Promise<FaultyLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return new FaultyLine(server, options);
  }

  private constructor(server: Server, options: FaultyLineOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (device) => {
      device.on('error', () => undefined); // 'close' follows
      if (this.#isCut) device.destroy();
      else this.#connect(device, [...options.relays()]);
    });
  }

  /** Nothing gets through until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #connect(device: Socket, ports: number[]): void {
    const port = ports.shift();
    if (port === undefined || device.destroyed) {
      device.destroy();
      return;
    }
    const relay = createConnection(port, '127.0.0.1');
    const next = () => this.#connect(device, ports);
    relay.once('error', next);
    relay.once('connect', () => {
      relay.removeListener('error', next);
      if (device.destroyed || this.#isCut) {
        relay.destroy();
        device.destroy();
        return;
      }
      this.#join(device, relay, 'up');
      this.#join(relay, device, 'down');
    });
  }

  #join(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('error', () => to.destroy()); // a reset on one side is one on the other
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    const isRepeatable = direction === 'up' ? isCommit : isNews;
    const repeating = frames((frame) => {
      const isTwice = this.repeatOneIn > 0 && isRepeatable(frame) && this.#options.chance(this.repeatOneIn);
      if (isTwice) this.repeated++;
      return isTwice;
    });
    const delaying = new Transform({
      transform: (piece, _encoding, done) => {
        if (this.delayMs === 0) done(null, piece);
        else setTimeout(() => done(null, piece), this.delayMs);
      },
    });
    from.pipe(repeating).pipe(delaying).pipe(to);
  }
}

interface WebSocketFrame {
  readonly opcode: number;
  /** First byte of the payload, unmasked. */
  readonly kind: number | undefined;
  readonly text: () => string;
}

const BINARY = 2;
/** First byte of an UPDATE frame (shared/protocol/wire.ts). */
const UPDATE_FRAME = 3;

const isCommit = ({ opcode, kind }: WebSocketFrame) => opcode === BINARY && kind === COMMIT_FRAME;
const isNews = ({ opcode, kind, text }: WebSocketFrame) =>
  opcode === BINARY && (kind === UPDATE_FRAME || text().includes('"type":"ack"'));

/** Passes a connection on, first the HTTP of the upgrade, then frame by frame; a frame that `isTwice` wants, twice. */
function frames(isTwice: (frame: WebSocketFrame) => boolean): Transform {
  let waiting: Buffer = Buffer.alloc(0);
  let isUpgraded = false;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
      const passed: Buffer[] = [];
      if (!isUpgraded) {
        const end = waiting.indexOf('\r\n\r\n');
        isUpgraded =
          end >= 0 && /^upgrade: *websocket\r?$/im.test(waiting.subarray(0, end).toString('latin1'));
        const upTo = isUpgraded ? end + 4 : waiting.length;
        passed.push(waiting.subarray(0, upTo));
        waiting = waiting.subarray(upTo);
      }
      for (;;) {
        const bytes = isUpgraded ? frameBytes(waiting) : 0;
        if (bytes === 0 || bytes > waiting.length) break;
        const frame = waiting.subarray(0, bytes);
        passed.push(frame);
        if (isTwice(readFrame(frame))) passed.push(frame);
        waiting = waiting.subarray(bytes);
      }
      done(null, Buffer.concat(passed));
    },
  });
}

/** Length of the frame at the start, RFC 6455 section 5.2; 0 when its header is not here yet. */
function frameBytes(bytes: Buffer): number {
  if (bytes.length < 2) return 0;
  const short = bytes[1]! & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + extra) return 0;
  const length = extra === 2 ? bytes.readUInt16BE(2) : extra === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  return 2 + extra + (bytes[1]! & 0x80 ? 4 : 0) + length;
}

function readFrame(frame: Buffer): WebSocketFrame {
  const short = frame[1]! & 0x7f;
  const isMasked = (frame[1]! & 0x80) !== 0;
  const maskAt = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const payload = frame.subarray(maskAt + (isMasked ? 4 : 0));
  const first = payload[0];
  return {
    opcode: frame[0]! & 0x0f,
    kind: first === undefined ? undefined : isMasked ? first ^ frame[maskAt]! : first,
    text: () => payload.toString('latin1'),
  };
}
