/** A WebSocket client made of bytes, that keeps to no rule it is not told to keep to. */
import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';

export interface RawUpgrade {
  readonly port: number;
  /** `/sync/taller/notes?token=…` */
  readonly path: string;
  readonly protocols: readonly string[];
}

const BINARY = 2;
const PING = 9;
const PONG = 10;
const UPGRADE_TIMEOUT_MS = 10_000;

/** A masked frame, as a client should send it. */
export function frame(payload: Uint8Array, opcode = BINARY): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? Buffer.of(0x80 | length)
      : length < 65_536
        ? Buffer.of(0x80 | 126, length >> 8, length & 255)
        : Buffer.of(0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >>> shift) & 255));
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let index = 0; index < length; index++) masked[index]! ^= mask[index % 4]!;
  return Buffer.concat([Buffer.of(0x80 | opcode), size, mask, masked]);
}

/**
 * Connects, sends the bytes, and a ping behind them. Resolves once the relay has read all of it and says so, or has
 * ended the connection, or does neither for `patienceMs` after the upgrade. Answers whether it was upgraded at all.
 */
export function throwBytes(
  { port, path, protocols }: RawUpgrade,
  bytes: readonly Buffer[],
  patienceMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    let heard = Buffer.alloc(0);
    let isUpgraded = false;
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isUpgraded);
    };
    let timer = setTimeout(end, UPGRADE_TIMEOUT_MS);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('data', (piece) => {
      if (isUpgraded) {
        if (piece.includes(Buffer.of(0x80 | PONG, 4, ...PING_TEXT))) end();
        return;
      }
      heard = Buffer.concat([heard, piece]);
      isUpgraded = heard.toString('latin1').startsWith('HTTP/1.1 101');
      if (!heard.includes('\r\n\r\n')) return;
      if (!isUpgraded) return end();
      clearTimeout(timer);
      timer = setTimeout(end, patienceMs);
    });
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(', ')}`] : []),
    ];
    const upgrade = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    socket.write(Buffer.concat([upgrade, ...bytes, frame(PING_TEXT, PING)]));
  });
}

const PING_TEXT = Buffer.from('read');
