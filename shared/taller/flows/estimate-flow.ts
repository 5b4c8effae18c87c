/** F2, second half: an estimate that is sent is sealed; approvals are added to it, a new version replaces it. */
import { idBeside } from '../ids.ts';
import type { Series } from '../numbers.ts';
import type { EstimateLine } from '../tables/orders.ts';
import { takeNumber } from './numbering.ts';
import { type SignatureInput, sign } from './reception-flow.ts';
import { type Actor, idFor, insert, type Statement, statements, update } from './statement.ts';

export interface EstimateToSend {
  readonly work_order_id: string;
  readonly customer_id: string | null;
  readonly vehicle_id: string | null;
  /** 1, or one more than the version it replaces. */
  readonly version: number;
  readonly supersedes_id?: string;
  /** From estimateValidUntil (estimates.ts). */
  readonly valid_until: number;
  readonly sent_via: string;
  readonly subtotal_minor: number;
  readonly tax_minor: number;
  readonly total_minor: number;
  readonly terms: string;
  /** SHA-256 of what the customer is shown. */
  readonly doc_hash: string;
  readonly lines: readonly Pick<
    EstimateLine,
    | 'job_title'
    | 'kind'
    | 'description'
    | 'qty_milli'
    | 'unit_price_minor'
    | 'discount_bp'
    | 'tax_rate_bp'
    | 'total_minor'
    | 'option_group'
  >[];
}

/** Sends an estimate: number, sealed row and copied lines in one transaction [TALLER-17]. */
export function sendEstimate(
  actor: Actor,
  estimate: EstimateToSend,
  series: Series,
): { id: string; statements: Statement[] } {
  const { lines, ...head } = estimate;
  const id = idBeside(estimate.work_order_id, actor.newId);
  const number = takeNumber(series, 'estimate', id, idFor(actor));
  return {
    id,
    statements: [
      number.take,
      insert('estimates', id, { ...head, number: number.text, status: 'sent', sent_at: actor.nowMs }),
      ...lines.map((line, index) =>
        insert('estimate_lines', idFor(actor), { estimate_id: id, ...line, sort: index + 1 }),
      ),
    ],
  };
}

export interface Decision {
  readonly decision: 'approved' | 'declined';
  /** With tax, minor units. */
  readonly amount_minor: number;
  readonly by_name: string;
  readonly by_contact_id?: string;
  readonly channel: 'in_person' | 'phone' | 'whatsapp' | 'email' | 'link';
  readonly note?: string;
}

/** Approves or declines one job; a declined one stays with the vehicle as a finding. */
export function approveJob(
  actor: Actor,
  job: {
    readonly id: string;
    readonly title: string;
    readonly work_order_id: string;
    readonly vehicle_id: string | null;
  },
  decision: Decision,
  signature?: SignatureInput,
): Statement[] {
  const signed = signature === undefined ? undefined : sign(actor, 'wo_jobs', job.id, 'approval', signature);
  return statements(
    signed?.statement,
    insert('approvals', idFor(actor), {
      entity: 'job',
      entity_id: job.id,
      ...decision,
      signature_id: signed?.id,
    }),
    update('wo_jobs', job.id, { approval: decision.decision }),
    decision.decision === 'declined' && job.vehicle_id !== null
      ? insert('findings', idFor(actor), {
          vehicle_id: job.vehicle_id,
          work_order_id: job.work_order_id,
          description: job.title,
          severity: 'soon',
          est_minor: decision.amount_minor,
          status: 'declined',
          declined_at: actor.nowMs,
        })
      : undefined,
  );
}

/** Customer mode: one decision per job and one signature over the hash of what was shown, in one transaction. */
export function decideEstimate(
  actor: Actor,
  estimate: { readonly id: string; readonly work_order_id: string; readonly vehicle_id: string | null },
  jobs: readonly { readonly id: string; readonly title: string; readonly decision: Decision }[],
  signature: SignatureInput,
): Statement[] {
  const signed = sign(actor, 'estimates', estimate.id, 'approval', signature);
  const approved = jobs.filter((job) => job.decision.decision === 'approved');
  const first = jobs[0];
  return statements(
    signed.statement,
    first === undefined
      ? undefined
      : insert('approvals', idFor(actor), {
          entity: 'estimate',
          entity_id: estimate.id,
          decision: approved.length > 0 ? 'approved' : 'declined',
          amount_minor: approved.reduce((sum, job) => sum + job.decision.amount_minor, 0),
          by_name: signature.signer_name,
          channel: first.decision.channel,
          signature_id: signed.id,
        }),
    jobs.flatMap((job) =>
      approveJob(
        actor,
        {
          id: job.id,
          title: job.title,
          work_order_id: estimate.work_order_id,
          vehicle_id: estimate.vehicle_id,
        },
        job.decision,
      ),
    ),
  );
}

/** "Renuncio al presupuesto": signed, and from then on every job of the order may be worked on. */
export function waiveEstimate(
  actor: Actor,
  workOrderId: string,
  signature: SignatureInput,
): { signatureId: string; statements: Statement[] } {
  const signed = sign(actor, 'work_orders', workOrderId, 'waiver', signature);
  return {
    signatureId: signed.id,
    statements: [
      signed.statement,
      {
        sql: "update wo_jobs set approval = 'not_needed' where work_order_id = ? and approval = 'proposed'",
        params: [workOrderId],
      },
    ],
  };
}
