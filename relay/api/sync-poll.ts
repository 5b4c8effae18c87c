/**
 * `POST /api/sync/poll`: the receiving half of a socket for networks that block WebSockets (the sending half is
 * sync-batch.ts). Each poll is an ordinary socket that lives on this side of the wall for as long as the request:
 * the same token, the same checks and limits, the same frames, and a revocation cuts it the same way.
 */
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import WebSocket from 'ws';
import { CLOSE_CODES, type CloseReason } from '../../shared/protocol/close-codes.ts';
import { encodeFrames, MAX_POLL_WAIT_MS, type PollRequest } from '../../shared/protocol/poll.ts';
import {
  type ControlFromRelay,
  decodeFrameFromRelay,
  encodeFrame,
  MAX_UNSURE,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../shared/protocol/wire.ts';
import { RefusedError } from '../identity/seat.ts';
import type { ApiContext } from './context.ts';
import { ApiError } from './errors.ts';
import { addRoute, bearerOf } from './route.ts';

/** Each holds two sockets of this process. */
const MAX_POLLS = 500;
/** What one answer may hold; a larger catch-up is for a network with sockets, or the snapshot endpoint. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const POSITION = v.tuple([v.string(), v.number(), v.number()]);
const BODY = v.object({
  hello: v.object({
    type: v.literal('hello'),
    protocol: v.number(),
    device: v.string(),
    schema: v.number(),
    positions: v.array(POSITION),
    unsure: v.optional(v.pipe(v.array(v.string()), v.maxLength(MAX_UNSURE))),
  }),
  waitMs: v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_POLL_WAIT_MS)),
});

/** `ownUrl`: where this very process listens, `http://127.0.0.1:8080`. */
export function syncPollRoutes(app: FastifyInstance, context: ApiContext, ownUrl: () => string): void {
  let polls = 0;
  addRoute(app, context, {
    method: 'POST',
    url: '/api/sync/poll',
    access: 'seat',
    tag: 'sync',
    summary:
      'What a socket would bring, for networks without WebSockets: frames from welcome to level, or the next.',
    body: BODY,
    async run({ seat, body, request, reply }) {
      if (polls >= MAX_POLLS)
        throw new ApiError(
          503,
          'too-many',
          `${MAX_POLLS} polls are waiting here already; come back in a moment`,
        );
      polls++;
      const socket = new WebSocket(
        `${ownUrl().replace('http', 'ws')}/sync/${seat.workspace}`,
        [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${bearerOf(request)}`],
        { perMessageDeflate: false, headers: { 'x-forwarded-for': request.ip } },
      );
      request.raw.socket.once('close', () => socket.terminate());
      try {
        const frames = await framesOf(socket, body);
        reply
          .type('application/octet-stream')
          .header('cache-control', 'no-store')
          .send(Buffer.from(encodeFrames(frames)));
        return undefined;
      } finally {
        polls--;
        socket.terminate();
      }
    },
  });
}

/** Resolves with everything up to `level`, or with what comes next; throws what the relay closed the socket for. */
function framesOf(socket: WebSocket, { hello, waitMs }: PollRequest): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  let bytes = 0;
  let isLevel = false;
  let hasNews = false;
  let isInsideUnit = false;
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Uint8Array[]>((resolve, reject) => {
    socket.once('open', () => socket.send(encodeFrame({ kind: 'control', message: hello })));
    socket.once('error', () =>
      reject(new RefusedError('relayFailed', 'the relay did not take its own socket')),
    );
    socket.once('close', (code, reason) => reject(refusalOf(code, String(reason))));
    socket.on('message', (message: Buffer) => {
      const bytesOfFrame = new Uint8Array(message);
      const frame = decodeFrameFromRelay(bytesOfFrame);
      if (frame.kind === 'channel' || (frame.kind === 'control' && !isWanted(frame.message))) return;
      frames.push(bytesOfFrame);
      bytes += bytesOfFrame.length;
      if (bytes > MAX_ANSWER_BYTES)
        reject(
          new ApiError(413, 'too-large', 'more was missed than one answer holds; read the snapshots first'),
        );
      if (frame.kind === 'update') {
        hasNews = true;
        isInsideUnit = frame.more;
      } else if (frame.message.type === 'level') {
        isLevel = true;
        timer = setTimeout(() => resolve(frames), waitMs);
      }
      if (isLevel && hasNews && !isInsideUnit) resolve(frames);
    });
  }).finally(() => clearTimeout(timer));
}

/** Rejections are the batch's to give, a pong answers nobody here; acks are of what the hello asked about. */
function isWanted({ type }: ControlFromRelay): boolean {
  return ['welcome', 'ack', 'document', 'level', 'stages'].includes(type);
}

function refusalOf(code: number, sentence: string): RefusedError {
  const reasons = Object.keys(CLOSE_CODES) as CloseReason[];
  const reason = reasons.find((one) => CLOSE_CODES[one] === code) ?? 'relayFailed';
  return new RefusedError(reason, sentence || 'the relay closed the socket');
}
