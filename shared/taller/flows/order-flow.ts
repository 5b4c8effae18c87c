/** F3, the order at work: status, jobs, lines with their stock, comments, clock. Each function is one transaction. */
import type { CellValue } from '../../schema/table.ts';
import { idBeside } from '../ids.ts';
import type { WoJob, WoLine } from '../tables/orders.ts';
import { type Actor, idFor, insert, knownUser, type Statement, statements, update } from './statement.ts';

export interface StatusChange {
  readonly workOrderId: string;
  readonly toKey: string;
  /** Phase of `toKey`; sets the time that goes with it. */
  readonly toPhase: string;
  readonly reason?: string;
}

/** Moves an order; the caller has asked decideTransition (status.ts) [TALLER-19]. */
export function changeStatus(actor: Actor, change: StatusChange): Statement[] {
  const times: Record<string, CellValue> = {};
  if (change.toPhase === 'ready') times.ready_at = actor.nowMs;
  if (change.toPhase === 'delivered') {
    times.delivered_at = actor.nowMs;
    times.on_site = 0;
  }
  if (change.toPhase === 'cancelled') {
    times.cancelled_at = actor.nowMs;
    times.cancel_reason = change.reason ?? '';
  }
  return statements(
    // First, and from the row: whoever moves it twice at once still sees where it stood before both.
    insert('wo_status_log', idFor(actor), {
      work_order_id: change.workOrderId,
      from_key: {
        expression: '(select status_key from work_orders where id = ?)',
        params: [change.workOrderId],
      },
      to_key: change.toKey,
      reason: change.reason ?? '',
    }),
    update('work_orders', change.workOrderId, { status_key: change.toKey, ...times }),
    change.toPhase === 'work'
      ? {
          sql: 'update work_orders set started_at = ? where id = ? and started_at is null',
          params: [actor.nowMs, change.workOrderId],
        }
      : undefined,
  );
}

export type JobInput = Partial<
  Pick<
    WoJob,
    | 'title'
    | 'concern'
    | 'cause'
    | 'correction'
    | 'canned_job_id'
    | 'finding_id'
    | 'approval'
    | 'technician_id'
    | 'est_minutes'
    | 'lump_price_minor'
    | 'warranty_days'
    | 'warranty_km'
    | 'status'
    | 'option_group'
    | 'sort'
  >
>;

/** A job; its id stands beside its order's, so that photos and approvals of it live in the order's document. */
export function addJob(
  actor: Actor,
  workOrderId: string,
  job: JobInput & { readonly title: string },
): { id: string; statements: Statement[] } {
  const id = idBeside(workOrderId, actor.newId);
  return { id, statements: [insert('wo_jobs', id, { work_order_id: workOrderId, ...job })] };
}

/** A job that comes with its lines: a title, what it takes, and what it sells for. */
export interface ReadyMadeJob {
  readonly title: string;
  readonly canned_job_id?: string;
  readonly est_minutes?: number;
  readonly lump_price_minor?: number | null;
  readonly lines: readonly LineInput[];
}

/** A job with its lines, proposed to the customer; its parts are needed and nothing is taken from the stock yet. */
export function addReadyMadeJob(
  actor: Actor,
  workOrderId: string,
  { lines, ...readyMade }: ReadyMadeJob,
  job: JobInput = {},
): { id: string; statements: Statement[] } {
  const added = addJob(actor, workOrderId, { ...readyMade, approval: 'proposed', ...job });
  return {
    id: added.id,
    statements: statements(added.statements, addJobLines(actor, workOrderId, added.id, lines)),
  };
}

/** Lines of a job, its parts needed. */
export function addJobLines(
  actor: Actor,
  workOrderId: string,
  jobId: string,
  lines: readonly LineInput[],
): Statement[] {
  return lines.flatMap((line, index) => {
    const needed = line.kind === 'part' ? { part_state: 'needed' as const } : {};
    return addLine(actor, workOrderId, { ...needed, sort: index + 1, ...line, job_id: jobId }).statements;
  });
}

export function updateJob(jobId: string, job: JobInput): Statement[] {
  return statements(update('wo_jobs', jobId, job));
}

export function confirmJob(actor: Actor, jobId: string): Statement[] {
  return statements(
    update('wo_jobs', jobId, { status: 'done', confirmed_by: knownUser(actor), confirmed_at: actor.nowMs }),
    {
      sql: `update findings set status = 'done',
              resolved_work_order_id = (select work_order_id from wo_jobs where finding_id = findings.id and id = ?)
            where id = (select finding_id from wo_jobs where id = ?)`,
      params: [jobId, jobId],
    },
  );
}

/** Takes `confirmJob` back: the job is as it was, and what it was for is to be done again. */
export function takeBackConfirmation(job: Pick<WoJob, 'id' | 'status' | 'approval'>): Statement[] {
  return statements(
    update('wo_jobs', job.id, { status: job.status, confirmed_by: null, confirmed_at: null }),
    {
      sql: `update findings set status = ?, resolved_work_order_id = null
            where id = (select finding_id from wo_jobs where id = ?) and status = 'done'`,
      params: [job.approval === 'approved' ? 'approved' : 'quoted', job.id],
    },
  );
}

/** What a line of a part takes from the stock: nothing when the customer brought it or no stock is kept. */
export interface StockOfLine {
  readonly itemId: string;
  readonly locationId: string | null;
  readonly unitCostMinor: number;
}

export type LineInput = Partial<
  Pick<
    WoLine,
    | 'job_id'
    | 'item_id'
    | 'sku'
    | 'unit'
    | 'unit_price_minor'
    | 'unit_cost_minor'
    | 'discount_bp'
    | 'tax_rate_id'
    | 'tax_rate_bp'
    | 'technician_id'
    | 'billed_minutes'
    | 'part_state'
    | 'condition'
    | 'customer_supplied'
    | 'sort'
  >
> & {
  readonly kind: WoLine['kind'];
  readonly description: string;
  readonly qty_milli: number;
};

/** A line, and the stock it takes, in one transaction [TALLER-2]. Without `stock` nothing is taken. */
export function addLine(
  actor: Actor,
  workOrderId: string,
  line: LineInput,
  stock?: StockOfLine,
): { id: string; statements: Statement[] } {
  const id = idBeside(workOrderId, actor.newId);
  const moves = stock !== undefined && line.customer_supplied !== 1 && line.qty_milli !== 0;
  return {
    id,
    statements: statements(
      insert('wo_lines', id, { work_order_id: workOrderId, ...line }),
      moves ? issue(actor, workOrderId, id, stock, -line.qty_milli) : undefined,
    ),
  };
}

/** Changes a quantity; the stock moves by the difference, never by a new total [TALLER-1]. */
export function changeLineQuantity(
  actor: Actor,
  line: Pick<WoLine, 'id' | 'work_order_id' | 'qty_milli'>,
  qtyMilli: number,
  stock?: StockOfLine,
): Statement[] {
  const difference = qtyMilli - line.qty_milli;
  return statements(
    update('wo_lines', line.id, { qty_milli: qtyMilli }),
    stock !== undefined && difference !== 0
      ? issue(actor, line.work_order_id, line.id, stock, -difference)
      : undefined,
  );
}

/** Other cells of a line; a quantity goes through changeLineQuantity. */
export function updateLine(lineId: string, line: Partial<Omit<LineInput, 'qty_milli'>>): Statement[] {
  return statements(update('wo_lines', lineId, line));
}

/** Removes a line and gives back what it took, whatever its movements add up to [TALLER-1]. */
export function removeLine(actor: Actor, line: Pick<WoLine, 'id' | 'work_order_id'>): Statement[] {
  return [
    {
      sql: `insert into stock_movements (id, at, item_id, location_id, qty_milli, unit_cost_minor, kind, ref_type, ref_id, ref_line_id)
            select ?, ?, item_id, location_id, -sum(qty_milli), max(unit_cost_minor), 'wo_return', 'work_orders', ?, ?
            from stock_movements where ref_line_id = ? having sum(qty_milli) <> 0`,
      params: [idFor(actor), actor.nowMs, line.work_order_id, line.id, line.id],
    },
    { sql: 'delete from wo_lines where id = ?', params: [line.id] },
  ];
}

/** Asks for a part that is not there; it is taken from the stock when it is installed. */
export function requestPart(
  actor: Actor,
  workOrderId: string,
  line: Omit<LineInput, 'kind' | 'part_state'>,
): { id: string; statements: Statement[] } {
  return addLine(actor, workOrderId, { ...line, kind: 'part', part_state: 'requested' });
}

/** The part's way: needed → requested → ordered → arrived → installed; installing takes it from the stock. */
export function setPartState(
  actor: Actor,
  line: Pick<WoLine, 'id' | 'work_order_id' | 'qty_milli' | 'part_state' | 'customer_supplied'>,
  state: NonNullable<WoLine['part_state']>,
  stock?: StockOfLine,
): Statement[] {
  const taken = line.part_state === 'installed';
  const takes = state === 'installed';
  const moves =
    stock !== undefined && taken !== takes && line.customer_supplied !== 1 && line.qty_milli !== 0;
  return statements(
    update('wo_lines', line.id, { part_state: state }),
    moves
      ? issue(actor, line.work_order_id, line.id, stock, takes ? -line.qty_milli : line.qty_milli)
      : undefined,
  );
}

function issue(
  actor: Actor,
  workOrderId: string,
  lineId: string,
  stock: StockOfLine,
  qtyMilli: number,
): Statement {
  return insert('stock_movements', idFor(actor), {
    at: actor.nowMs,
    item_id: stock.itemId,
    location_id: stock.locationId,
    qty_milli: qtyMilli,
    unit_cost_minor: stock.unitCostMinor,
    kind: qtyMilli < 0 ? 'wo_issue' : 'wo_return',
    ref_type: 'work_orders',
    ref_id: workOrderId,
    ref_line_id: lineId,
  });
}

export function addComment(
  actor: Actor,
  entity: string,
  entityId: string,
  text: string,
  options: { readonly mentions?: readonly string[]; readonly needsAttention?: boolean } = {},
): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  return {
    id,
    statements: [
      insert('comments', id, {
        entity,
        entity_id: entityId,
        text,
        mentions_json: JSON.stringify(options.mentions ?? []),
        needs_attention: options.needsAttention ? 1 : 0,
      }),
    ],
  };
}

/**
 * Starts the clock on a job; whatever the technician has running stops in the same transaction, so one device
 * never leaves two running. Two devices can: see RUNNING_TWICE_SQL in clock.ts.
 */
export function startClock(
  actor: Actor,
  technicianId: string,
  on:
    | { readonly workOrderId: string; readonly jobId: string | null }
    | { readonly kind: 'idle' | 'training' },
): { id: string; statements: Statement[] } {
  const onJob = 'workOrderId' in on;
  const id = onJob ? idBeside(on.workOrderId, actor.newId) : idFor(actor);
  return {
    id,
    statements: statements(
      stopClock(actor, technicianId),
      insert('time_entries', id, {
        work_order_id: onJob ? on.workOrderId : null,
        job_id: onJob ? on.jobId : null,
        technician_id: technicianId,
        started_at: actor.nowMs,
        kind: onJob ? 'job' : on.kind,
      }),
      onJob && on.jobId !== null ? update('wo_jobs', on.jobId, { status: 'in_progress' }) : undefined,
    ),
  };
}

/** Stops whatever the technician has running. An entry started by a clock ahead of this one ends where it began. */
export function stopClock(actor: Actor, technicianId: string): Statement[] {
  return [
    {
      sql: 'update time_entries set stopped_at = max(started_at, ?) where technician_id = ? and stopped_at is null',
      params: [actor.nowMs, technicianId],
    },
  ];
}

/** Corrects an entry afterwards, with who and why. */
export function correctTime(
  actor: Actor,
  entryId: string,
  times: { readonly startedAtMs: number; readonly stoppedAtMs: number | null },
  reason: string,
): Statement[] {
  return statements(
    update('time_entries', entryId, {
      started_at: times.startedAtMs,
      stopped_at: times.stoppedAtMs,
      corrected_by: actor.user,
      correction_reason: reason,
    }),
  );
}
