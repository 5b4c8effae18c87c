/**
 * A snapshot as an object: the only file that knows its bytes and its key.
 *
 *   'ESPSNAP' · version=1 · Yjs update, v1 encoding
 *   snapshots/<workspace>/<document>/<epoch>.<seq>-<first 16 hex digits of SHA-256>
 *
 * The key carries the content's hash, so two compactors that encode one state differently never meet on a key, and
 * a key that exists already has the right bytes or torn ones, which the checksum tells [SNAP-1].
 */
import { createHash } from 'node:crypto';
import type { ObjectStore } from '../objects/object-store.ts';

const MAGIC = new TextEncoder().encode('ESPSNAP');
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 1;

/** The object is missing, torn or not a snapshot. Nothing may be concluded about the document. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

export interface SnapshotPointer {
  readonly key: string;
  readonly sha256: string;
}

export interface SnapshotFile extends SnapshotPointer {
  readonly bytes: Uint8Array;
}

export function encodeSnapshot(
  where: {
    readonly workspace: string;
    readonly document: string;
    readonly epoch: number;
    readonly seq: number;
  },
  update: Uint8Array,
): SnapshotFile {
  const bytes = new Uint8Array(HEADER_BYTES + update.length);
  bytes.set(MAGIC);
  bytes[MAGIC.length] = VERSION;
  bytes.set(update, HEADER_BYTES);
  const sha256 = sha256Of(bytes);
  const seq = String(where.seq).padStart(10, '0');
  const key = `${snapshotPrefix(where.workspace, where.document)}${where.epoch}.${seq}-${sha256.slice(0, 16)}`;
  return { key, sha256, bytes };
}

/** All snapshots of a document start with it. */
function snapshotPrefix(workspace: string, document: string): string {
  return `snapshots/${keyPart(workspace)}/${document}/`;
}

/** The Yjs update in a snapshot. Throws SnapshotError unless it is there, whole and unchanged. */
export async function readSnapshot(objects: ObjectStore, pointer: SnapshotPointer): Promise<Uint8Array> {
  const bytes = await objects.get(pointer.key);
  if (bytes === undefined) throw new SnapshotError(`snapshot ${pointer.key} is not in the object store`);
  if (sha256Of(bytes) !== pointer.sha256) {
    throw new SnapshotError(
      `snapshot ${pointer.key} has ${bytes.length} bytes that do not match its checksum`,
    );
  }
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw new SnapshotError(`object ${pointer.key} is not a snapshot`);
  }
  if (bytes[MAGIC.length] !== VERSION) {
    throw new SnapshotError(
      `snapshot ${pointer.key} has version ${bytes[MAGIC.length]}; this build reads ${VERSION}`,
    );
  }
  return bytes.subarray(HEADER_BYTES);
}

/** Stores a snapshot and reads it back. Throws when what is there is not what was written. */
export async function storeVerified(objects: ObjectStore, file: SnapshotFile): Promise<void> {
  const options = { contentType: 'application/vnd.espejo.snapshot' };
  const outcome = await objects.putIfAbsent(file.key, file.bytes, options);
  try {
    await readSnapshot(objects, file);
  } catch (error) {
    // The key carries the hash, so whatever else lies there is damaged, and nothing points to it yet.
    if (!(error instanceof SnapshotError) || outcome === 'created') throw error;
    await objects.delete(file.key);
    await objects.putIfAbsent(file.key, file.bytes, options);
    await readSnapshot(objects, file);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A workspace may have any name; a key may not. */
function keyPart(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0)!.toString(16)}_`);
}
