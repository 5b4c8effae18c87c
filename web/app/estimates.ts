/** The estimates of an order: what is proposed now, the versions that were sent, and what was answered. */
import { msg } from '@lit/localize';
import type { CopiedLine } from '../../shared/taller/estimate-content.ts';
import { type EstimateState, type VersionState, versionStates } from '../../shared/taller/estimates.ts';
import type { StatusChange } from '../../shared/taller/flows/order-flow.ts';
import { type Grouped, isOtherOption } from '../../shared/taller/options.ts';
import { decideTransition, isLocked, type Phase } from '../../shared/taller/status.ts';
import type { Approval, Estimate, WoJob, WoLine } from '../../shared/taller/tables/orders.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import type { IconName } from './icons.ts';
import { type MovableOrder, phaseOf, type Status } from './statuses.ts';

/** The order as an estimate names it. */
export interface EstimateOrder extends ResultRow, MovableOrder {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly promised_at: number | null;
  readonly odometer_in: number | null;
  readonly customer_note: string;
  readonly discount_bp: number;
  readonly discount_minor: number;
  readonly price_list_id: string | null;
  readonly vehicle_id: string | null;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly vin: string;
  readonly odometer_unit: string;
  readonly customer_id: string | null;
  readonly customer: string;
  readonly tax_id: string;
  readonly address: string;
  readonly phone: string;
}

export const estimateOrderQuery = (id: string | undefined): SqlQuery => sql`
  select o.id, o.number, o.status_key, o.locked_at, o.unlocked_at, o.promised_at, o.odometer_in, o.customer_note,
    o.discount_bp, o.discount_minor, o.price_list_id, o.vehicle_id, o.customer_id,
    coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country, coalesce(v.vin, '') as vin,
    trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(v.odometer_unit, 'km') as odometer_unit,
    coalesce(c.name, '') as customer, coalesce(c.tax_id, '') as tax_id, coalesce(c.phone, '') as phone,
    trim(coalesce(c.address, '') || ' ' || coalesce(c.postal, '') || ' ' || coalesce(c.city, '')) as address
  from work_orders o
  left join vehicles v on v.id = o.vehicle_id
  left join customers c on c.id = o.customer_id
  where o.id = ${id}`;

export type ProposedJob = Pick<
  WoJob,
  | 'id'
  | 'work_order_id'
  | 'title'
  | 'approval'
  | 'status'
  | 'lump_price_minor'
  | 'canned_job_id'
  | 'finding_id'
  | 'option_group'
  | 'sort'
> &
  ResultRow;

export const jobsQuery = (orderId: string | undefined): SqlQuery => sql`
  select id, work_order_id, title, approval, status, lump_price_minor, canned_job_id, finding_id, option_group, sort from wo_jobs
  where work_order_id = ${orderId} order by sort, created_at, id`;

export type OrderLine = WoLine & ResultRow;

export const linesQuery = (orderId: string | undefined): SqlQuery =>
  sql`select * from wo_lines where work_order_id = ${orderId} order by sort, created_at, id`;

export type SentEstimate = Estimate & ResultRow;

/** Every version that was sent, the latest first. */
export const versionsQuery = (orderId: string | undefined): SqlQuery => sql`
  select * from estimates where work_order_id = ${orderId} and status <> 'draft' order by sent_at desc, version desc, id desc`;

export type SentLine = CopiedLine & ResultRow & { readonly estimate_id: string };

export const sentLinesQuery = (orderId: string | undefined): SqlQuery => sql`
  select l.* from estimate_lines l join estimates e on e.id = l.estimate_id
  where e.work_order_id = ${orderId} order by l.estimate_id, l.sort, l.id`;

export type ApprovalRow = Approval & ResultRow & { readonly created_at: number };

export const approvalsQuery = (orderId: string | undefined): SqlQuery => sql`
  select a.* from approvals a
  where a.entity_id in (select id from wo_jobs where work_order_id = ${orderId})
    or a.entity_id in (select id from estimates where work_order_id = ${orderId})
  order by a.created_at, a.id`;

export interface EstimateSignature extends ResultRow {
  readonly id: string;
  readonly entity_id: string;
  readonly signer_name: string;
  readonly strokes_json: string;
  readonly doc_hash: string;
  readonly created_at: number;
}

export const signaturesQuery = (orderId: string | undefined): SqlQuery => sql`
  select s.id, s.entity_id, s.signer_name, s.strokes_json, s.doc_hash, s.created_at from signatures s
  join estimates e on e.id = s.entity_id
  where e.work_order_id = ${orderId} and s.purpose = 'approval' order by s.created_at`;

/** Findings of the vehicle that wait for a visit, of other orders and of this one, and are in no job of it. */
export interface WaitingFinding extends ResultRow {
  readonly id: string;
  readonly description: string;
  readonly severity: string;
  readonly status: string;
  readonly est_minor: number;
  readonly created_at: number;
  readonly here: number;
  readonly canned_job_id: string | null;
}

export const waitingFindingsQuery = (vehicleId: string | null, orderId: string): SqlQuery => sql`
  select f.id, f.description, f.severity, f.status, f.est_minor, f.created_at,
    coalesce(f.work_order_id = ${orderId}, 0) as here,
    (select t.canned_job_id from inspection_items p join inspections i on i.id = p.inspection_id
      join inspection_template_items t on t.template_id = i.template_id and t.label_es = p.label
      where p.id = f.inspection_item_id limit 1) as canned_job_id
  from findings f
  where f.vehicle_id = ${vehicleId} and f.status in ('open', 'declined')
    and not exists (select 1 from wo_jobs j where j.finding_id = f.id and j.work_order_id = ${orderId})
  order by f.severity = 'urgent' desc, f.created_at desc limit 30`;

/** The states of an order's versions by their ids. */
export function statesOf(
  versions: readonly SentEstimate[],
  lines: readonly SentLine[],
  approvals: readonly ApprovalRow[],
  nowMs: number,
): ReadonlyMap<string, VersionState> {
  const groupsIn = (id: string) =>
    new Map(
      lines.flatMap((line) =>
        line.estimate_id === id && line.job_id !== null ? [[line.job_id, line.option_group]] : [],
      ),
    );
  return versionStates(
    versions.map((version) => {
      const groups = groupsIn(version.id);
      const optionGroups = new Map([...groups].filter(([, name]) => name !== ''));
      return { ...version, jobIds: [...groups.keys()], optionGroups };
    }),
    approvals,
    nowMs,
  );
}

/** Discount of a sent estimate: what lies between its subtotal and its net. */
export function discountOf(sent: Pick<Estimate, 'subtotal_minor' | 'tax_minor' | 'total_minor'>): number {
  return sent.subtotal_minor + sent.tax_minor - sent.total_minor;
}

/** The step of an order to a status, when the workshop has it and the order may go there. */
function stepTo(order: MovableOrder, statuses: readonly Status[], toKey: string): StatusChange | undefined {
  const target = statuses.find(({ key }) => key === toKey);
  if (!target || order.status_key === toKey) return undefined;
  const from = phaseOf(statuses, order.status_key);
  const to = target.phase as Phase;
  if (!decideTransition({ from, to, locked: isLocked(order) }).allowed) return undefined;
  return { workOrderId: order.id, toKey, toPhase: to };
}

/** An estimate was sent: an order that was only being looked at waits for the answer. */
export function stepWhenSent(order: MovableOrder, statuses: readonly Status[]): StatusChange | undefined {
  const phase = phaseOf(statuses, order.status_key);
  return phase === 'draft' || phase === 'open' ? stepTo(order, statuses, 'waiting_approval') : undefined;
}

/** The customer answered: what was approved is worked on, once its parts are there. */
export function stepWhenDecided(
  order: MovableOrder,
  statuses: readonly Status[],
  lines: readonly OrderLine[],
  approvedJobIds: ReadonlySet<string>,
): StatusChange | undefined {
  if (order.status_key !== 'waiting_approval' || approvedJobIds.size === 0) return undefined;
  const isMissing = ({ job_id, part_state }: OrderLine) =>
    approvedJobIds.has(job_id ?? '') && ['requested', 'ordered'].includes(part_state ?? '');
  return stepTo(order, statuses, lines.some(isMissing) ? 'waiting_parts' : 'in_progress');
}

/** A state is told by its drawing and its word. */
export function stateMark(state: EstimateState): readonly [IconName, string] {
  switch (state) {
    case 'draft':
      return ['draft', msg('Borrador')];
    case 'sent':
      return ['hourglass', msg('Espera respuesta')];
    case 'approved':
      return ['check', msg('Aprobado')];
    case 'partial':
      return ['hand', msg('Aprobado en parte')];
    case 'declined':
      return ['cancelled', msg('Rechazado')];
    case 'expired':
      return ['clock', msg('Caducado')];
    case 'superseded':
      return ['history', msg('Sustituido')];
  }
}

/** What a customer said to a job; to an option that another of its group was taken for: that. */
export type JobAnswer = Approval['decision'] | 'other-option' | undefined;

/** The answer to one of the jobs of a version, where the decisions on all of them are known. */
export function answerTo(
  job: Grouped & { readonly id: string | null },
  jobs: readonly (Grouped & { readonly id: string | null })[],
  decisions: ReadonlyMap<string, Approval['decision']>,
): JobAnswer {
  const decided = (one: typeof job) => ({
    option_group: one.option_group,
    approval: decisions.get(one.id ?? '') ?? '',
  });
  if (isOtherOption(decided(job), jobs.map(decided))) return 'other-option';
  return decisions.get(job.id ?? '');
}

export function decisionMark(answer: JobAnswer): readonly [IconName, string] {
  switch (answer) {
    case 'approved':
      return ['check', msg('Aprobado')];
    case 'declined':
      return ['cancelled', msg('Rechazado')];
    case 'other-option':
      return ['arrow-right', msg('Otra opción')];
    case undefined:
      return ['hourglass', msg('Sin respuesta')];
  }
}
