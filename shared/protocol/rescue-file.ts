/**
 * The rescue file: the SQL image, for people and tools, and the commits that the relay has not stored, for another
 * replica or the relay's command line. A commit keeps its id, so importing it twice, or after it arrived by itself,
 * changes nothing. The only file that knows its bytes:
 *
 *   'espejo.rescue.1\n' · lib0 any { device, user, schema, sqlite, commits, setAside }
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
  /** What was refused and taken out of its documents: for a person to read, and for a replica to keep as such. */
  readonly setAside: readonly SetAsideCommit[];
}

/** A commit without its updates: what it wrote, apart from any Y.Doc. */
export interface SetAsideCommit {
  readonly id: string;
  readonly device: string;
  readonly hlc: number;
  readonly schema: number;
  readonly label: string;
  readonly documents: readonly string[];
  readonly createdAtMs: number;
  readonly code: string;
  readonly reason: string;
  /** [document, map, key, value]: value is what the register holds, [hlc, seen, …]. */
  readonly registers: readonly (readonly [document: string, map: string, key: string, value: unknown])[];
  /** A shared text before and after. */
  readonly texts: readonly (readonly [document: string, name: string, before: string, after: string])[];
}

const MAGIC = new TextEncoder().encode('espejo.rescue.1\n');

export function encodeRescueFile(rescue: RescueFile): Uint8Array {
  const encoder = createEncoder();
  // What a register may hold is what lib0 can write.
  writeAny(encoder, { ...rescue, commits: rescue.commits.map(encodeCommit) } as unknown as Parameters<
    typeof writeAny
  >[1]);
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
      setAside: (body.setAside ?? []).map(setAsideOf), // absent in files of earlier builds
    };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('the rescue file is cut short or damaged');
  }
}

/** Throws on what is no such commit. */
function setAsideOf(said: Record<string, unknown>): SetAsideCommit {
  const { documents, registers, texts } = said;
  const areTuples = (list: unknown, names: number) =>
    Array.isArray(list) &&
    list.every((one) => Array.isArray(one) && one.slice(0, names).every((name) => typeof name === 'string'));
  if (!isTexts(documents) || !areTuples(registers, 3) || !areTuples(texts, 4))
    throw new ProtocolError('the rescue file holds a refused change that cannot be read');
  return {
    id: String(said.id),
    device: String(said.device),
    hlc: Number(said.hlc),
    schema: Number(said.schema),
    label: String(said.label),
    documents,
    createdAtMs: Number(said.createdAtMs),
    code: String(said.code),
    reason: String(said.reason),
    registers: registers as SetAsideCommit['registers'],
    texts: texts as SetAsideCommit['texts'],
  };
}

function isTexts(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((one) => typeof one === 'string');
}
