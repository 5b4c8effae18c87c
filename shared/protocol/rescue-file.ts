/**
 * The rescue file: the SQL image, for people and tools, and the commits that the relay has not stored, for another
 * replica or the relay's command line. A commit keeps its id, so importing it twice, or after it arrived by itself,
 * changes nothing. The only file that knows its bytes:
 *
 *   'espejo.rescue.1\n' · lib0 any { device, user, schema, sqlite, commits }
 */
import { createDecoder, readAny } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeAny } from 'lib0/encoding';
import { type Commit, decodeCommit, encodeCommit, ProtocolError } from './commit.ts';

export interface RescueFile {
  readonly device: string;
  readonly user: string;
  readonly schema: number;
  readonly sqlite: Uint8Array;
  readonly commits: readonly Commit[];
}

const MAGIC = new TextEncoder().encode('espejo.rescue.1\n');

export function encodeRescueFile(rescue: RescueFile): Uint8Array {
  const encoder = createEncoder();
  writeAny(encoder, { ...rescue, commits: rescue.commits.map(encodeCommit) });
  const body = toUint8Array(encoder);
  const file = new Uint8Array(MAGIC.length + body.length);
  file.set(MAGIC);
  file.set(body, MAGIC.length);
  return file;
}

/** Throws ProtocolError when it is no rescue file, or a commit in it is malformed. */
export function decodeRescueFile(file: Uint8Array): RescueFile {
  if (!MAGIC.every((byte, index) => file[index] === byte))
    throw new ProtocolError('this is not a rescue file of this app');
  try {
    const body = readAny(createDecoder(file.subarray(MAGIC.length)));
    return {
      device: String(body.device),
      user: String(body.user),
      schema: Number(body.schema),
      sqlite: body.sqlite,
      commits: body.commits.map(decodeCommit),
    };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('the rescue file is cut short or damaged');
  }
}
