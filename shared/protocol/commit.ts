/**
 * A commit: one local SQL transaction as one atomic, idempotent unit over one or several documents.
 * The only file that knows its bytes, which are the same on the socket and in `POST /api/sync/batch`:
 *
 *   version=1 · id (16 bytes) · device · hlc · schema · label · parts × (document · epoch · update)
 *
 * Integers are lib0 varUints, texts are lib0 varStrings, updates are lib0 varUint8Arrays (Yjs v1 encoding).
 */
import {
  createDecoder,
  hasContent,
  readUint8,
  readUint8Array,
  readVarString,
  readVarUint,
  readVarUint8Array,
} from 'lib0/decoding';
import {
  createEncoder,
  toUint8Array,
  writeUint8,
  writeUint8Array,
  writeVarString,
  writeVarUint,
  writeVarUint8Array,
} from 'lib0/encoding';
import { parse, stringify } from 'uuid';
import { isHlc } from '../base/hlc.ts';
import { type DeviceId, isDeviceId, isUuidV7 } from '../base/ids.ts';
import { isDocumentName } from '../permissions/grants.ts';

const COMMIT_VERSION = 1;
/** Parts of one commit; a transaction of a workshop touches a handful of documents. */
export const MAX_COMMIT_PARTS = 64;
export const MAX_LABEL_LENGTH = 200;
/** Largest epoch and schema version: what a 4-byte int of Postgres holds. */
const MAX_INT = 2_147_483_647;

export interface CommitPart {
  readonly document: string;
  /**
   * Epoch of the document that the update was made on; absent means 1. An update of an older epoch depends on
   * structs that the document no longer has: the relay refuses it with `epoch-changed`.
   */
  readonly epoch?: number;
  /** Yjs update, v1 encoding. */
  readonly update: Uint8Array;
}

export interface Commit {
  /** UUIDv7; makes a resend harmless. */
  readonly id: string;
  readonly device: DeviceId;
  readonly hlc: number;
  /** Version of the schema it was written with. */
  readonly schema: number;
  /** What the user did, for history and undo: `wo.create`. */
  readonly label: string;
  /** At least one; each document at most once. */
  readonly parts: readonly CommitPart[];
}

/** What a peer sent is not a commit. The message is fit to be shown and holds no content. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

export function encodeCommit(commit: Commit): Uint8Array {
  const encoder = createEncoder();
  writeUint8(encoder, COMMIT_VERSION);
  writeUint8Array(encoder, parse(commit.id));
  writeVarString(encoder, commit.device);
  writeVarUint(encoder, commit.hlc);
  writeVarUint(encoder, commit.schema);
  writeVarString(encoder, commit.label);
  writeVarUint(encoder, commit.parts.length);
  for (const part of commit.parts) {
    writeVarString(encoder, part.document);
    writeVarUint(encoder, part.epoch ?? 1);
    writeVarUint8Array(encoder, part.update);
  }
  return toUint8Array(encoder);
}

/** Throws ProtocolError on anything that encodeCommit would not have written. Never reads past the bytes. */
export function decodeCommit(bytes: Uint8Array): Commit {
  let commit: Commit;
  try {
    const decoder = createDecoder(bytes);
    const version = readUint8(decoder);
    if (version !== COMMIT_VERSION)
      throw new ProtocolError(`commit version ${version} is unknown; this relay reads ${COMMIT_VERSION}`);
    const id = stringify(readUint8Array(decoder, 16));
    const device = readVarString(decoder) as DeviceId;
    const hlc = readVarUint(decoder);
    const schema = readVarUint(decoder);
    const label = readVarString(decoder);
    const count = readVarUint(decoder);
    if (count > MAX_COMMIT_PARTS)
      throw new ProtocolError(`commit has ${count} parts; at most ${MAX_COMMIT_PARTS} are allowed`);
    const parts: CommitPart[] = [];
    for (let index = 0; index < count; index++) {
      const document = readVarString(decoder);
      const epoch = readVarUint(decoder);
      const update = readVarUint8Array(decoder);
      parts.push(epoch === 1 ? { document, update } : { document, epoch, update });
    }
    if (hasContent(decoder)) throw new ProtocolError('commit is followed by bytes that do not belong to it');
    commit = { id, device, hlc, schema, label, parts };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('commit is cut short or malformed');
  }
  assertCommitShape(commit);
  return commit;
}

/** The rules both encodings share (bytes and JSON). Throws ProtocolError. */
export function assertCommitShape(commit: Commit): void {
  if (!isUuidV7(commit.id)) throw new ProtocolError('commit id is not a UUIDv7');
  if (!isDeviceId(commit.device)) throw new ProtocolError('commit device is not 8 characters of base62');
  if (!isHlc(commit.hlc)) throw new ProtocolError('commit hlc is not a positive safe integer');
  if (!(Number.isInteger(commit.schema) && commit.schema >= 0 && commit.schema <= MAX_INT))
    throw new ProtocolError(`commit schema is outside 0 to ${MAX_INT}`);
  if (commit.label.includes('\0')) throw new ProtocolError('commit label holds a NUL');
  if (commit.label.length > MAX_LABEL_LENGTH)
    throw new ProtocolError(`commit label is longer than ${MAX_LABEL_LENGTH} characters`);
  if (commit.parts.length === 0) throw new ProtocolError('commit has no parts');
  if (commit.parts.length > MAX_COMMIT_PARTS)
    throw new ProtocolError(
      `commit has ${commit.parts.length} parts; at most ${MAX_COMMIT_PARTS} are allowed`,
    );
  const documents = new Set<string>();
  for (const { document, epoch } of commit.parts) {
    if (epoch !== undefined && !(Number.isInteger(epoch) && epoch >= 1 && epoch <= MAX_INT))
      throw new ProtocolError(`commit names an epoch outside 1 to ${MAX_INT}`);
    if (!isDocumentName(document))
      throw new ProtocolError('commit names a document outside [a-z0-9-]+(/[a-z0-9-]+)*');
    if (documents.has(document)) throw new ProtocolError(`commit names document ${document} twice`);
    documents.add(document);
  }
}
