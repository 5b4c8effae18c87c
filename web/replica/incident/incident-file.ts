/**
 * The incident file: everything that a replica is, so that somebody else can open the same one and see the same fault.
 * Documents as they are stored, update by update; the outbox; how the connection and the disk stand; what failed last.
 * With values taken out it has the same structure and none of the workshop's words [INC-2]. The only file that knows
 * its bytes:
 *
 *   'espejo.incident.1\n' · lib0 any, an Incident with its commits encoded
 */
import { createDecoder, readAny } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeAny } from 'lib0/encoding';
import type { SqlRow } from '../../../shared/mirror/sql.ts';
import { ProtocolError } from '../../../shared/protocol/commit.ts';
import type { DocumentProof, SyncReport, TableProof } from '../../client/engine-messages.ts';
import type { QueryReport } from '../live-queries.ts';
import type { Status } from '../status.ts';
import type { DocumentRecord, OutboxEntry, StoredDocument, StoreMeta } from '../store/store.ts';

export interface Incident {
  readonly atMs: number;
  readonly isRedacted: boolean;
  readonly versions: {
    readonly schema: number;
    readonly schemaHash: string;
    readonly sqlite: string;
    /** Of the browser, or of Node. */
    readonly engine: string;
  };
  /** Device, clock and offset: what a replica starts from. */
  readonly seed: StoreMeta;
  readonly documents: readonly IncidentDocument[];
  readonly outbox: readonly OutboxEntry[];
  readonly status: Status;
  readonly sync: SyncReport;
  /** The latest last. */
  readonly errors: readonly { readonly code: string; readonly message: string; readonly atMs: number }[];
  readonly queries: readonly QueryReport[];
  /** Of the last proof, what was not equal. */
  readonly proof:
    | {
        readonly atMs: number;
        readonly tables: readonly TableProof[];
        readonly documents: readonly DocumentProof[];
      }
    | undefined;
  readonly conflicts: readonly SqlRow[];
  readonly violations: readonly SqlRow[];
  /** Without the bytes of what could not be read, when values are taken out. */
  readonly quarantine: readonly SqlRow[];
}

export interface IncidentDocument extends StoredDocument {
  readonly name: string;
  /** Undefined for a document that the relay has not told of. */
  readonly record: DocumentRecord | undefined;
}

const MAGIC = new TextEncoder().encode('espejo.incident.1\n');

export function encodeIncident(incident: Incident): Uint8Array {
  const encoder = createEncoder();
  // All of it is what lib0 can write: numbers, texts, bytes, lists and objects of them.
  writeAny(encoder, incident as unknown as Parameters<typeof writeAny>[1]);
  const body = toUint8Array(encoder);
  const file = new Uint8Array(MAGIC.length + body.length);
  file.set(MAGIC);
  file.set(body, MAGIC.length);
  return file;
}

/** Throws ProtocolError when it is no incident file. */
export function decodeIncident(file: Uint8Array): Incident {
  if (!MAGIC.every((byte, index) => file[index] === byte))
    throw new ProtocolError('this is not an incident file of this app');
  try {
    return readAny(createDecoder(file.subarray(MAGIC.length))) as Incident;
  } catch {
    throw new ProtocolError('the incident file is cut short or damaged');
  }
}
