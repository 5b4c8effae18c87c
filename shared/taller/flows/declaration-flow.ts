/**
 * What a customer declares and signs about an order outside reception and estimate. Each is one signature over the hash
 * of the words that were shown, and those words beside it, so that they can be read and printed again at any time.
 */
import { idBeside } from '../ids.ts';
import { type SignatureInput, sign } from './signature.ts';
import { type Actor, idFor, insert, type Statement, statements } from './statement.ts';

/** "Renuncio al presupuesto"; repairs that were urged and are declined; consents. The purpose of its signature. */
export type DeclarationKind = 'waiver' | 'refusal' | 'consent';

export interface Declaration {
  readonly kind: DeclarationKind;
  readonly workOrderId: string;
  /** What was shown and signed; `signature.doc_hash` is its SHA-256. */
  readonly text: string;
  /** Findings that a refusal is about. */
  readonly findingIds?: readonly string[];
}

/**
 * One transaction [TALLER-17]: the signature, its words, and what follows: jobs that wait for a yes need none after a
 * waiver (later ones ask again), findings that were open are declined after a refusal.
 */
export function signDeclaration(
  actor: Actor,
  { kind, workOrderId, text, findingIds = [] }: Declaration,
  signature: SignatureInput,
): { readonly signatureId: string; readonly statements: Statement[] } {
  // The words hang on the signature, and are to lie in the month of the order as it does.
  const beside: Actor = { ...actor, newId: () => idBeside(workOrderId, actor.newId) };
  const signed = sign(beside, 'work_orders', workOrderId, kind, signature);
  return {
    signatureId: signed.id,
    statements: statements(
      signed.statement,
      insert('comments', idFor(actor), { entity: 'signatures', entity_id: signed.id, text }),
      kind === 'waiver' ? waiveApprovals(workOrderId) : undefined,
      findingIds.map((id) => ({
        sql: "update findings set status = 'declined', declined_at = ? where id = ? and status = 'open'",
        params: [actor.nowMs, id],
      })),
    ),
  };
}

/** Of options that wait for a yes only the one that counts is worked on [OPT-1]. */
function waiveApprovals(workOrderId: string): Statement[] {
  return [
    {
      sql: `update wo_jobs set approval = 'declined'
        where work_order_id = ? and approval = 'proposed' and option_group <> '' and exists (
          select 1 from wo_jobs x
          where x.work_order_id = wo_jobs.work_order_id and x.option_group = wo_jobs.option_group
            and (x.approval in ('approved', 'not_needed') or x.approval = 'proposed'
              and (x.sort, x.created_at, x.id) < (wo_jobs.sort, wo_jobs.created_at, wo_jobs.id)))`,
      params: [workOrderId],
    },
    {
      sql: "update wo_jobs set approval = 'not_needed' where work_order_id = ? and approval = 'proposed'",
      params: [workOrderId],
    },
  ];
}
