/**
 * `POST /api/sync/poll`: what a socket would have brought, for networks that block WebSockets. The request says
 * hello as on a socket; the answer is every frame from `welcome` to `level` and, when the hello had missed nothing,
 * what came within `waitMs` after it, up to the end of an atomic unit. The only file that knows its form:
 *
 *   request: {"hello": ControlFromReplica, "waitMs": 25000}      application/json
 *   answer:  (length · frame)*                                   application/octet-stream, frames as in wire.ts
 */
import { createDecoder, hasContent, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint8Array } from 'lib0/encoding';
import { ProtocolError } from './commit.ts';
import type { ControlFromReplica } from './wire.ts';

export interface PollRequest {
  readonly hello: Extract<ControlFromReplica, { type: 'hello' }>;
  /** How long to wait for news when there are none; at most MAX_POLL_WAIT_MS. */
  readonly waitMs: number;
}

/** Below the idle timeouts of common proxies (30 to 60 s). */
export const MAX_POLL_WAIT_MS = 25_000;

export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  const encoder = createEncoder();
  for (const frame of frames) writeVarUint8Array(encoder, frame);
  return toUint8Array(encoder);
}

/** Throws ProtocolError on bytes that encodeFrames would not have written. */
export function decodeFrames(bytes: Uint8Array): Uint8Array[] {
  try {
    const decoder = createDecoder(bytes);
    const frames: Uint8Array[] = [];
    while (hasContent(decoder)) frames.push(readVarUint8Array(decoder));
    return frames;
  } catch {
    throw new ProtocolError('the answer to a poll is cut short or malformed');
  }
}
