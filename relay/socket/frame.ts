/**
 * WebSocket frames made once and written to many sockets. `ws` builds a header for each receiver and writes it apart;
 * with ten receivers per edit that is most of a relay's work. A server's frames are not masked (RFC 6455, 5.1) and we
 * use no extension, so the same bytes fit every socket.
 */

/** Payloads below this are copied behind their header: one write instead of two. */
const COPY_BELOW_BYTES = 16 * 1024;
const FIN_BINARY = 0x82;

/** Ready to be written as it is, to any socket and any number of times. */
export interface Frame {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
}

/** A binary frame whose payload is the given chunks one after the other. Chunks are kept, not copied, when large. */
export function frameOf(...payload: readonly Uint8Array[]): Frame {
  let length = 0;
  for (const chunk of payload) length += chunk.length;
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const isSmall = length < COPY_BELOW_BYTES;
  const head = Buffer.allocUnsafe(isSmall ? headerLength + length : headerLength);
  head[0] = FIN_BINARY;
  if (headerLength === 2) head[1] = length;
  else if (headerLength === 4) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    head.writeUInt32BE(length % 2 ** 32, 6);
  }
  if (!isSmall) return { chunks: [head, ...payload], bytes: headerLength + length };
  let at = headerLength;
  for (const chunk of payload) {
    head.set(chunk, at);
    at += chunk.length;
  }
  return { chunks: [head], bytes: head.length };
}
