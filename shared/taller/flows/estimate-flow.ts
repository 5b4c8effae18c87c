/** F2, second half: an estimate that is sent is sealed; approvals are added to it, a new version replaces it. */
import type { CopiedLine } from '../estimate-content.ts';
import { idBeside } from '../ids.ts';
import type { Series } from '../numbers.ts';
import { groupedOptions } from '../options.ts';
import type { WoJob } from '../tables/orders.ts';
import { takeNumber } from './numbering.ts';
import { changeStatus, type StatusChange } from './order-flow.ts';
import { type SignatureInput, sign } from './signature.ts';
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
  readonly lines: readonly CopiedLine[];
}

/** Sends an estimate: number, sealed row and copied lines in one transaction [TALLER-17], and the order waits for an answer. */
export function sendEstimate(
  actor: Actor,
  estimate: EstimateToSend,
  series: Series,
  move?: StatusChange,
): { id: string; statements: Statement[] } {
  const { lines, ...head } = estimate;
  const id = idBeside(estimate.work_order_id, actor.newId);
  const number = takeNumber(series, 'estimate', id, idFor(actor));
  return {
    id,
    statements: statements(
      number.take,
      insert('estimates', id, { ...head, number: number.text, status: 'sent', sent_at: actor.nowMs }),
      lines.map((line, index) =>
        insert('estimate_lines', idFor(actor), { estimate_id: id, ...line, sort: index + 1 }),
      ),
      move && changeStatus(actor, move),
    ),
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

/** A job that is decided on. */
export interface DecidedJob {
  readonly id: string;
  readonly title: string;
  /** Finding it came from. */
  readonly finding_id?: string | null;
  /** Jobs with the same are options of one choice; empty: it is none. */
  readonly option_group?: string;
  /** Option of its group that was taken in an earlier version: it holds where nothing else is taken now. */
  readonly held_by?: Pick<DecidedJob, 'id' | 'finding_id'>;
}

/** Approves or declines one job; a declined one stays with the vehicle as a finding, the one it came from if any. */
export function approveJob(
  actor: Actor,
  job: DecidedJob & { readonly work_order_id: string; readonly vehicle_id: string | null },
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
    update('wo_jobs', job.id, {
      approval: decision.decision,
      chosen_option: (decision.decision === 'approved' && job.option_group) || null,
    }),
    findingOfDecision(actor, job, decision),
  );
}

/**
 * Another option of the group of `answered` was, taken or declined for all of them [OPT-2]. It leaves no finding of its
 * own; the one it came from goes the way of the group.
 */
function passOver(
  actor: Actor,
  job: DecidedJob & { readonly decision: Decision },
  answered: Pick<DecidedJob, 'id' | 'finding_id'>,
  decision: Decision['decision'],
): Statement[] {
  const hasOwn = job.finding_id && job.finding_id !== answered.finding_id;
  return statements(
    insert('approvals', idFor(actor), {
      entity: 'job',
      entity_id: job.id,
      ...job.decision,
      decision: 'declined',
      instead_id: answered.id,
    }),
    update('wo_jobs', job.id, { approval: 'declined', chosen_option: null }),
    hasOwn
      ? update('findings', job.finding_id, {
          status: decision,
          declined_at: decision === 'declined' ? actor.nowMs : null,
        })
      : undefined,
  );
}

function findingOfDecision(
  actor: Actor,
  job: Parameters<typeof approveJob>[1],
  { decision, amount_minor }: Decision,
): Statement[] {
  const declined = decision === 'declined';
  if (job.finding_id) {
    const cells = { status: decision, est_minor: amount_minor, declined_at: declined ? actor.nowMs : null };
    return statements(update('findings', job.finding_id, cells));
  }
  if (!declined || job.vehicle_id === null) return [];
  const findingId = idFor(actor);
  return statements(
    insert('findings', findingId, {
      vehicle_id: job.vehicle_id,
      work_order_id: job.work_order_id,
      description: job.title,
      severity: 'soon',
      est_minor: amount_minor,
      status: 'declined',
      declined_at: actor.nowMs,
    }),
    update('wo_jobs', job.id, { finding_id: findingId }),
  );
}

/**
 * One decision per job, in one transaction: in customer mode with one signature over the hash of what was shown, by
 * telephone without. Of the options of a group one at most is approved, and it is the answer to all of them; where none
 * is, the first stands for the group [OPT-2]. `move` takes the order on.
 */
export function decideEstimate(
  actor: Actor,
  estimate: { readonly id: string; readonly work_order_id: string; readonly vehicle_id: string | null },
  jobs: readonly (DecidedJob & { readonly decision: Decision })[],
  options: { readonly signature?: SignatureInput | undefined; readonly move?: StatusChange | undefined } = {},
): Statement[] {
  const { signature, move } = options;
  const signed = signature && sign(actor, 'estimates', estimate.id, 'approval', signature);
  const approved = jobs.filter((job) => job.decision.decision === 'approved');
  const first = jobs[0];
  return statements(
    signed?.statement,
    first === undefined
      ? undefined
      : insert('approvals', idFor(actor), {
          entity: 'estimate',
          entity_id: estimate.id,
          decision: approved.length > 0 ? 'approved' : 'declined',
          amount_minor: approved.reduce((sum, job) => sum + job.decision.amount_minor, 0),
          by_name: signature?.signer_name ?? first.decision.by_name,
          channel: first.decision.channel,
          note: first.decision.note,
          signature_id: signed?.id,
        }),
    groupedOptions(jobs.map((job) => ({ ...job, option_group: job.option_group ?? '' }))).flatMap((group) => {
      const taken = group.filter((job) => job.decision.decision === 'approved');
      if (taken.length > 1 && taken[0]?.option_group)
        throw new Error(`two options of "${taken[0].option_group}"`);
      const answered = taken[0] ?? group[0];
      const holding = taken[0] ? undefined : group.find((job) => job.held_by)?.held_by;
      if (holding) return group.flatMap((job) => passOver(actor, job, holding, 'approved'));
      return group.flatMap((job) => {
        if (answered && job !== answered) return passOver(actor, job, answered, answered.decision.decision);
        const { decision, ...decided } = job;
        const { work_order_id, vehicle_id } = estimate;
        return approveJob(actor, { ...decided, work_order_id, vehicle_id }, decision);
      });
    }),
    move && changeStatus(actor, move),
  );
}

/**
 * Two devices took an option each of one group: this one holds, as the customer said to it, and the others give way
 * [OPT-3].
 */
export function keepOption(
  actor: Actor,
  kept: Pick<WoJob, 'id' | 'work_order_id' | 'option_group'>,
  others: readonly Pick<WoJob, 'id'>[],
): Statement[] {
  const answer = (id: string, decision: Decision['decision'], insteadId: string | null): Statement => ({
    sql: `insert into approvals (id, entity, entity_id, decision, instead_id, amount_minor, by_name, by_contact_id, channel, signature_id, note)
      select ?, 'job', ?, ?, ?, amount_minor, by_name, by_contact_id, channel, signature_id, note from approvals
      where entity = 'job' and entity_id = ? and decision = 'approved' order by created_at desc, id desc limit 1`,
    params: [idFor(actor), id, decision, insteadId, id],
  });
  return statements(
    answer(kept.id, 'approved', null),
    update('wo_jobs', kept.id, { approval: 'approved', chosen_option: kept.option_group }),
    others.flatMap(({ id }) =>
      statements(
        answer(id, 'declined', kept.id),
        update('wo_jobs', id, { approval: 'declined', chosen_option: null }),
      ),
    ),
  );
}
