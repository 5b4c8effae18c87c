/**
 * The body of `POST /api/sync/batch`: commits in order, as bytes or as JSON, and its answer. The only file that
 * knows either form.
 *
 *   bytes: version=1 · count · (length · commit)*      application/octet-stream
 *   JSON:  {"commits": [{id, device, hlc, schema, label, parts: [{document, epoch?, update: <base64>}]}]}
 *
 * A commit that cannot be read is an entry of its own: it never takes the others with it.
 */
import { createDecoder, hasContent, readUint8, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeUint8, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { stringify } from 'uuid';
import { type DeviceId, isUuidV7 } from '../base/ids.ts';
import { assertCommitShape, type Commit, decodeCommit, ProtocolError } from './commit.ts';
import type { RejectCode } from './wire.ts';

const BATCH_VERSION = 1;
export const BATCH_CONTENT_TYPE = 'application/octet-stream';

/** Answer 202: every commit of the batch is in exactly one of the lists. */
export interface BatchAnswer {
  readonly accepted: readonly {
    readonly id: string;
    readonly seqs: readonly (readonly [document: string, epoch: number, seq: number])[];
  }[];
  readonly rejected: readonly {
    readonly id: string;
    readonly code: RejectCode;
    readonly message: string;
    /** True: send it again later. False: it will be refused again. */
    readonly retry: boolean;
  }[];
}

/** A commit, or what could be known of one that cannot be read. */
export type BatchEntry =
  | { readonly commit: Commit; readonly bytes: number }
  | { readonly id: string; readonly fault: string };

export function encodeBatch(commits: readonly Uint8Array[]): Uint8Array {
  const encoder = createEncoder();
  writeUint8(encoder, BATCH_VERSION);
  writeVarUint(encoder, commits.length);
  for (const commit of commits) writeVarUint8Array(encoder, commit);
  return toUint8Array(encoder);
}

/** Throws ProtocolError when the batch itself cannot be read, or has more than `maxCommits`. */
export function decodeBatch(bytes: Uint8Array, maxCommits: number): BatchEntry[] {
  try {
    const decoder = createDecoder(bytes);
    const version = readUint8(decoder);
    if (version !== BATCH_VERSION)
      throw new ProtocolError(`batch version ${version} is unknown; this relay reads ${BATCH_VERSION}`);
    const count = readVarUint(decoder);
    assertCount(count, maxCommits);
    const entries: BatchEntry[] = [];
    for (let index = 0; index < count; index++) entries.push(entryOfBytes(readVarUint8Array(decoder)));
    if (hasContent(decoder)) throw new ProtocolError('batch is followed by bytes that do not belong to it');
    return entries;
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('batch is cut short or malformed');
  }
}

function entryOfBytes(bytes: Uint8Array): BatchEntry {
  try {
    return { commit: decodeCommit(bytes), bytes: bytes.length };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const id = bytes.length >= 17 ? stringifyUnchecked(bytes.subarray(1, 17)) : undefined;
    if (id === undefined) throw error;
    return { id, fault: error.message };
  }
}

function stringifyUnchecked(bytes: Uint8Array): string | undefined {
  try {
    return stringify(bytes);
  } catch {
    return undefined; // not a UUID of any version
  }
}

/** The JSON form, of a shape that the edge has checked. Throws ProtocolError for too many or without an id. */
export function batchOfJson(commits: readonly JsonCommit[], maxCommits: number): BatchEntry[] {
  assertCount(commits.length, maxCommits);
  return commits.map((json) => {
    if (!isUuidV7(json.id)) throw new ProtocolError('commit id is not a UUIDv7');
    try {
      const commit = commitOfJson(json);
      const bytes = commit.parts.reduce((sum, { update }) => sum + update.length, 0);
      return { commit, bytes };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { id: json.id, fault: error.message };
    }
  });
}

export interface JsonCommit {
  readonly id: string;
  readonly device: string;
  readonly hlc: number;
  readonly schema: number;
  readonly label: string;
  readonly parts: readonly {
    readonly document: string;
    readonly epoch?: number | undefined;
    readonly update: string;
  }[];
}

function commitOfJson(json: JsonCommit): Commit {
  const commit: Commit = {
    ...json,
    device: json.device as DeviceId, // assertCommitShape looks
    parts: json.parts.map(({ document, epoch, update }) => ({
      document,
      ...(epoch === undefined ? {} : { epoch }),
      update: bytesOfBase64(update),
    })),
  };
  assertCommitShape(commit);
  return commit;
}

function bytesOfBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new ProtocolError('commit update is not base64');
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function assertCount(count: number, maxCommits: number): void {
  if (count > maxCommits)
    throw new ProtocolError(
      `batch has ${count} commits; at most ${maxCommits} are allowed, send the rest after them`,
    );
}
