/**
 * Every frame on the socket of our own replica (`/sync/<workspace>`, subprotocol `espejo.v1`). One socket per
 * device carries every document the user may read. The relay gives each document a number for the life of the
 * socket: its virtual channel.
 *
 *   replica                                    relay
 *     | -- hello {device, positions} ----------> |   the token (query or subprotocol) decided user and grants
 *     | <- welcome {serverTimeMs, limits …} ---- |
 *     | <- document {number, name, epoch, head}* |   every readable document
 *     | <- UPDATE*  (all but the last: more) --- |   what was missed, all documents at one consistent cut
 *     | <- level ------------------------------- |
 *     | -- COMMIT -----------------------------> |
 *     | <- UPDATE {…, own} --------------------- |   the sender's copy has no payload: it has the update
 *     | <- ack {id, seqs} ---------------------- |   only once Postgres has committed [WIRE-2]
 *     | -- CHANNEL {number, awareness} <-------> |   stock y-websocket messages, never stored
 *
 * UPDATE frames of one commit, or of one catch-up, follow each other and all but the last say `more`: the
 * replica applies them in one SQL transaction, so nobody sees half a commit [WIRE-3]. A document's UPDATE
 * frames arrive in seq order with no gap [WIRE-4].
 */
import { createDecoder, readTailAsUint8Array, readUint8, readVarString, readVarUint } from 'lib0/decoding';
import {
  createEncoder,
  toUint8Array,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
} from 'lib0/encoding';
import type { Grants } from '../permissions/grants.ts';
import { ProtocolError } from './commit.ts';

export const SUBPROTOCOL = 'espejo.v1';
/** Prefix of the subprotocol entry that may carry the token instead of `?token=`. */
export const TOKEN_SUBPROTOCOL_PREFIX = 'bearer.';
export const PROTOCOL_VERSION = 1;

/** Ids of 36 characters: what fits before hello many times over. The rest is asked about at the next join. */
export const MAX_UNSURE = 1_000;

export type ControlFromReplica =
  | {
      readonly type: 'hello';
      readonly protocol: number;
      readonly device: string;
      /** Version of its schema. */
      readonly schema: number;
      /** What it has stored: [document, epoch, seq]. Documents not named start at 0. */
      readonly positions: readonly (readonly [document: string, epoch: number, seq: number])[];
      /**
       * Commits of this device that it sent and was never answered about, at most MAX_UNSURE. The relay acks those
       * that it has, before the first UPDATE; about the others it says nothing, and has them not. Absent: none.
       */
      readonly unsure?: readonly string[];
    }
  /** `outboxAgeMs`: how long the oldest commit of this device has not been stored, refused ones included; absent: none. */
  | { readonly type: 'ping'; readonly sentAtMs: number; readonly outboxAgeMs?: number };

export type ControlFromRelay =
  | {
      readonly type: 'welcome';
      readonly user: string;
      readonly grants: Grants;
      readonly serverTimeMs: number;
      readonly minSchema: number;
      readonly maxCommitBytes: number;
    }
  /** Sent before a number is used, at the start and when a document is born or starts a new epoch. */
  | {
      readonly type: 'document';
      readonly number: number;
      readonly name: string;
      readonly epoch: number;
      readonly head: number;
    }
  /** Everything up to the heads announced before has been sent. */
  | { readonly type: 'level' }
  | {
      readonly type: 'ack';
      readonly id: string;
      readonly seqs: readonly (readonly [document: string, epoch: number, seq: number])[];
    }
  /**
   * Not stored. `retry` false: it will be refused again, with the reason. `retry` true: come back (storage is away,
   * or an earlier commit of this device on one of its documents was refused and this one builds on it).
   */
  | {
      readonly type: 'reject';
      readonly id: string;
      readonly code: RejectCode;
      readonly message: string;
      readonly retry: boolean;
    }
  /** How far documents have been written to `report` and to snapshots: [document, epoch, reported, archived]. */
  | {
      readonly type: 'stages';
      readonly documents: readonly (readonly [
        document: string,
        epoch: number,
        reported: number,
        archived: number,
      ])[];
    }
  | { readonly type: 'pong'; readonly sentAtMs: number; readonly serverTimeMs: number };

export type RejectCode =
  | 'not-allowed'
  | 'clock-ahead'
  | 'too-large'
  | 'malformed'
  | 'schema-too-old'
  | 'revoked'
  | 'epoch-changed'
  | 'after-rejected'
  | 'storage-away'
  | 'too-many';

export type FrameFromReplica =
  | { readonly kind: 'control'; readonly message: ControlFromReplica }
  | { readonly kind: 'channel'; readonly number: number; readonly payload: Uint8Array }
  | { readonly kind: 'commit'; readonly bytes: Uint8Array };

export type FrameFromRelay =
  | { readonly kind: 'control'; readonly message: ControlFromRelay }
  | { readonly kind: 'channel'; readonly number: number; readonly payload: Uint8Array }
  | UpdateFrame;

export interface UpdateFrame {
  readonly kind: 'update';
  readonly number: number;
  readonly epoch: number;
  /** The update holds the log from `fromSeq` to `toSeq`, both included; a snapshot starts at 1. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** More frames of the same commit or catch-up follow. */
  readonly more: boolean;
  /** The receiver sent it and has it: `payload` is empty. */
  readonly own: boolean;
  /** A stock y-websocket sync message (messageSync · update), so that a WebsocketProvider can read it. */
  readonly payload: Uint8Array;
}

const CONTROL = 0;
const CHANNEL = 1;
/** First byte of a frame that carries a commit. */
export const COMMIT_FRAME = 2;
const UPDATE = 3;
const FLAG_MORE = 1;
const FLAG_OWN = 2;

export function encodeFrame(frame: FrameFromReplica | FrameFromRelay): Uint8Array {
  const encoder = createEncoder();
  switch (frame.kind) {
    case 'control':
      writeUint8(encoder, CONTROL);
      writeVarString(encoder, JSON.stringify(frame.message));
      break;
    case 'channel':
      writeUint8(encoder, CHANNEL);
      writeVarUint(encoder, frame.number);
      writeUint8Array(encoder, frame.payload);
      break;
    case 'commit':
      writeUint8(encoder, COMMIT_FRAME);
      writeUint8Array(encoder, frame.bytes);
      break;
    case 'update':
      writeUint8(encoder, UPDATE);
      writeVarUint(encoder, frame.number);
      writeVarUint(encoder, frame.epoch);
      writeVarUint(encoder, frame.fromSeq);
      writeVarUint(encoder, frame.toSeq);
      writeUint8(encoder, (frame.more ? FLAG_MORE : 0) | (frame.own ? FLAG_OWN : 0));
      writeUint8Array(encoder, frame.payload);
      break;
  }
  return toUint8Array(encoder);
}

/** Throws ProtocolError. The shape of a control message beyond its JSON is for its reader to check. */
export function decodeFrameFromReplica(bytes: Uint8Array): FrameFromReplica {
  const frame = decodeFrame(bytes);
  if (frame.kind === 'update') throw new ProtocolError('a replica sends commits, not updates');
  return frame as FrameFromReplica;
}

export function decodeFrameFromRelay(bytes: Uint8Array): FrameFromRelay {
  const frame = decodeFrame(bytes);
  if (frame.kind === 'commit') throw new ProtocolError('a relay sends updates, not commits');
  return frame as FrameFromRelay;
}

function decodeFrame(bytes: Uint8Array): FrameFromReplica | FrameFromRelay {
  try {
    const decoder = createDecoder(bytes);
    const kind = readUint8(decoder);
    switch (kind) {
      case CONTROL:
        return { kind: 'control', message: JSON.parse(readVarString(decoder)) };
      case CHANNEL:
        return { kind: 'channel', number: readVarUint(decoder), payload: readTailAsUint8Array(decoder) };
      case COMMIT_FRAME:
        return { kind: 'commit', bytes: readTailAsUint8Array(decoder) };
      case UPDATE: {
        const number = readVarUint(decoder);
        const epoch = readVarUint(decoder);
        const fromSeq = readVarUint(decoder);
        const toSeq = readVarUint(decoder);
        const flags = readUint8(decoder);
        const payload = readTailAsUint8Array(decoder);
        return {
          kind: 'update',
          number,
          epoch,
          fromSeq,
          toSeq,
          more: (flags & FLAG_MORE) !== 0,
          own: (flags & FLAG_OWN) !== 0,
          payload,
        };
      }
      default:
        throw new ProtocolError(`frame kind ${kind} is unknown`);
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('frame is cut short or malformed');
  }
}
