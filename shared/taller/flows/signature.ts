/** Who signed what: one row that names the record, what for, and the hash of what was shown. */
import { type Actor, idFor, insert, type Statement } from './statement.ts';

/** What signs a document: strokes of the pen, or a typed name. */
export interface SignatureInput {
  readonly signer_name: string;
  readonly signer_doc?: string;
  readonly method: 'drawn' | 'typed';
  readonly strokes_json?: string;
  readonly image_sha?: string;
  /** SHA-256 of what was shown. */
  readonly doc_hash: string;
  readonly accepted_text_version?: string;
}

export function sign(
  actor: Actor,
  entity: string,
  entityId: string,
  purpose: string,
  signature: SignatureInput,
): { id: string; statement: Statement } {
  const id = idFor(actor);
  return {
    id,
    statement: insert('signatures', id, { entity, entity_id: entityId, purpose, ...signature }),
  };
}
