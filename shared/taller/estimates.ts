/** What became of an estimate that was sent [TALLER-17]: derived, because the estimate itself is sealed. */
import type { Approval, Estimate } from './tables/orders.ts';
import { type Calendar, endOfWorkingDays } from './working-days.ts';

/** RD 1457/1986, article 14: a written estimate is valid for at least 12 working days. */
export const MIN_VALIDITY_WORKDAYS = 12;

/** End of validity of an estimate given now; fewer days than the law asks for become those of the law. */
export function estimateValidUntil(atMs: number, workdays: number, calendar: Calendar): number {
  const days = calendar.country === 'ES' ? Math.max(workdays, MIN_VALIDITY_WORKDAYS) : workdays;
  return endOfWorkingDays(atMs, days, calendar);
}

export type EstimateState = Estimate['status'];

/**
 * The state of an estimate now. `approvals` are those of the estimate and of its jobs; a successor is any
 * estimate that names it in supersedes_id. A customer's decision stays valid when a later version exists: the
 * signature is evidence for the hash that was signed and nothing else.
 */
export function estimateState(
  estimate: Pick<Estimate, 'status' | 'valid_until'>,
  facts: {
    readonly estimateDecisions: readonly Approval['decision'][];
    readonly jobDecisions: readonly Approval['decision'][];
    readonly superseded: boolean;
    readonly nowMs: number;
    /** Jobs of it that nobody decided on yet. */
    readonly undecidedJobs?: number;
  },
): EstimateState {
  if (estimate.status === 'draft') return 'draft';
  const all = [...facts.estimateDecisions, ...facts.jobDecisions];
  if (all.length > 0) {
    const jobs = facts.jobDecisions.length > 0 ? facts.jobDecisions : facts.estimateDecisions;
    if (facts.jobDecisions.length > 0 && (facts.undecidedJobs ?? 0) > 0) return 'partial';
    if (jobs.every((decision) => decision === 'approved')) return 'approved';
    if (jobs.every((decision) => decision === 'declined')) return 'declined';
    return 'partial';
  }
  if (facts.superseded) return 'superseded';
  if (estimate.valid_until !== null && facts.nowMs > estimate.valid_until) return 'expired';
  return 'sent';
}

/** One version of an order's estimate, and the jobs it names. */
export interface SentVersion extends Pick<Estimate, 'id' | 'status' | 'valid_until' | 'sent_at'> {
  readonly jobIds: readonly string[];
  /** Option group by job, of those jobs that were options in it. */
  readonly optionGroups?: ReadonlyMap<string, string>;
}

export interface VersionState {
  readonly state: EstimateState;
  /** The latest decision on each job of it that has one. */
  readonly decisions: ReadonlyMap<string, Approval['decision']>;
}

/**
 * What became of each version of one order, by its id. A decision on a job belongs to the version that was the last
 * one sent, with that job in it, when it was taken; `approvals` in the order of time. The options of a
 * group have one answer together: that of the option which the others were declined for [OPT-2].
 */
export function versionStates(
  versions: readonly SentVersion[],
  approvals: readonly (Pick<Approval, 'entity' | 'entity_id' | 'decision'> &
    Partial<Pick<Approval, 'instead_id'>> & { readonly created_at: number })[],
  nowMs: number,
): ReadonlyMap<string, VersionState> {
  const sorted = [...versions].sort((a, b) => (a.sent_at ?? 0) - (b.sent_at ?? 0));
  const decisionsById = new Map(sorted.map(({ id }) => [id, new Map<string, Approval['decision']>()]));
  const insteadById = new Map(sorted.map(({ id }) => [id, new Set<string>()]));
  const wholeById = new Map<string, Approval['decision'][]>();
  for (const { entity, entity_id: id, decision, created_at: atMs, instead_id: insteadId } of approvals) {
    if (entity === 'estimate') wholeById.set(id, [...(wholeById.get(id) ?? []), decision]);
    if (entity !== 'job') continue;
    const version = sorted.findLast((sent) => (sent.sent_at ?? 0) <= atMs && sent.jobIds.includes(id));
    if (!version) continue;
    decisionsById.get(version.id)?.set(id, decision);
    if (insteadId) insteadById.get(version.id)?.add(id);
    else insteadById.get(version.id)?.delete(id);
  }
  return new Map(
    sorted.map((version, index) => {
      const decisions = decisionsById.get(version.id) ?? new Map<string, Approval['decision']>();
      const instead = insteadById.get(version.id);
      const choiceOf = (id: string) => version.optionGroups?.get(id) ?? id;
      const superseded = index < sorted.length - 1;
      const own = [...decisions].flatMap(([id, decision]) => (instead?.has(id) ? [] : [decision]));
      // All of it was passed over: for a later version, or, in the last one, for what had been taken before.
      const jobDecisions =
        own.length === 0 && decisions.size > 0 && !superseded ? (['declined'] as const) : own;
      const state = estimateState(version, {
        estimateDecisions: decisions.size > 0 ? [] : (wholeById.get(version.id) ?? []),
        jobDecisions,
        undecidedJobs:
          new Set(version.jobIds.map(choiceOf)).size - new Set([...decisions.keys()].map(choiceOf)).size,
        superseded,
        nowMs,
      });
      return [version.id, { state, decisions }];
    }),
  );
}

export type WorkDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'not-approved' | 'declined' };

/** Work on a job needs the customer's yes, a waiver, or an amount under what the workshop tolerates [TALLER-17]. */
export function mayWorkOn(
  job: { readonly approval: string },
  amount: { readonly totalMinor: number; readonly toleratedMinor: number },
): WorkDecision {
  if (job.approval === 'declined') return { allowed: false, because: 'declined' };
  if (job.approval === 'approved' || job.approval === 'not_needed') return { allowed: true };
  if (amount.totalMinor <= amount.toleratedMinor && amount.toleratedMinor > 0) return { allowed: true };
  return { allowed: false, because: 'not-approved' };
}
