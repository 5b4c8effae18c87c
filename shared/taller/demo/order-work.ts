/** An order of the demo workshop is worked on: parts, clock, what was done, quality, delivery. */
import { passGate } from '../flows/gate-flow.ts';
import { addComment, confirmJob, setPartState, startClock, updateJob } from '../flows/order-flow.ts';
import { insert, type Statement } from '../flows/statement.ts';
import { idBeside } from '../ids.ts';
import { DEMO_ITEMS } from './jobs-data.ts';
import { COMMENTS, type OrderScript, type ScriptJob } from './order-script.ts';
import { HOUR_MS, MINUTE_MS } from './script.ts';

function approvedParts(script: OrderScript) {
  return script.jobs.filter(({ approved }) => approved).flatMap(({ partLines }) => partLines);
}

export function orderParts(script: OrderScript): void {
  script.move('waiting_parts', 0.3, 'recepcion');
  script.step(0.2, 'recepcion', 'part.order', (atMs) => [
    ...approvedParts(script).flatMap((line) => setPart(script, atMs, 'recepcion', line, 'needed', 'ordered')),
    ...addComment(
      script.actor('recepcion', atMs),
      'work_orders',
      script.orderId,
      script.random.pick(COMMENTS),
    ).statements,
  ]);
  if (script.order.target === 'waiting_parts') return;
  script.step(script.hours(6, 14), 'recepcion', 'part.arrive', (atMs) =>
    approvedParts(script).flatMap((line) => setPart(script, atMs, 'recepcion', line, 'ordered', 'arrived')),
  );
}

function setPart(
  script: OrderScript,
  atMs: number,
  user: string,
  line: ScriptJob['partLines'][number],
  from: 'needed' | 'ordered' | 'arrived',
  to: 'ordered' | 'arrived' | 'installed',
): Statement[] {
  const item = DEMO_ITEMS.find(({ sku }) => sku === line.sku);
  return setPartState(
    script.actor(user, atMs),
    {
      id: line.id,
      work_order_id: script.orderId,
      qty_milli: line.qtyMilli,
      part_state: from,
      customer_supplied: 0,
    },
    to,
    {
      itemId: script.catalog.itemIdBySku.get(line.sku) ?? '',
      locationId: script.catalog.locationId,
      unitCostMinor: item?.costMinor ?? 0,
    },
  );
}

export function work(script: OrderScript, stopsHalfway: boolean): void {
  script.move('in_progress', script.hours(0.5, 3), script.technician);
  if (stopsHalfway) {
    const begun = script.hours(0.2, 0.6);
    script.step(begun, script.technician, 'wo.note', (atMs) => [
      note(script),
      workedOn(script, script.jobs[0]?.id ?? null, atMs, begun),
    ]);
    // The clock runs on the first job.
    script.stepAtEnd(script.random.between(4, 70) * MINUTE_MS, script.technician, 'clock.start', (atMs) => {
      const on = { workOrderId: script.orderId, jobId: script.jobs[0]?.id ?? null };
      return startClock(script.actor(script.technician, atMs), script.technician, on).statements;
    });
    return;
  }
  for (const entry of script.jobs.filter(({ approved }) => approved)) {
    const hours = (entry.job.minutes / 60) * script.hours(0.8, 1.25);
    script.step(hours, script.technician, 'job.done', (atMs) => [
      workedOn(script, entry.id, atMs, hours),
      ...entry.partLines.flatMap((line) =>
        setPart(script, atMs, script.technician, line, 'needed', 'installed'),
      ),
      ...updateJob(entry.id, { correction: entry.job.correction, status: 'done' }),
    ]);
  }
  if (script.random.chance(0.5)) {
    script.step(0.1, script.technician, 'wo.note', () => [note(script)]);
  }
  if (script.random.chance(0.3)) {
    script.step(
      0.1,
      script.technician,
      'comment.add',
      (atMs) =>
        addComment(
          script.actor(script.technician, atMs),
          'work_orders',
          script.orderId,
          script.random.pick(COMMENTS),
          { needsAttention: script.random.chance(0.3) },
        ).statements,
    );
  }
}

/** Hours of work on a job that end at `atMs`. */
function workedOn(script: OrderScript, jobId: string | null, atMs: number, hours: number): Statement {
  return insert(
    'time_entries',
    idBeside(script.orderId, (ms) => script.random.newId(ms)),
    {
      work_order_id: script.orderId,
      job_id: jobId,
      technician_id: script.technician,
      started_at: Math.max(script.order.openedMs, Math.floor(atMs - hours * HOUR_MS)),
      stopped_at: atMs,
      kind: 'job',
    },
  );
}

function note(script: OrderScript): Statement {
  return {
    sql: 'update work_orders set diagnosis = ?, internal_note = ? where id = ?',
    params: [
      script.jobs.map(({ job }) => `${job.es}: ${job.cause.toLowerCase()}.`).join('\n'),
      script.random.pick(COMMENTS),
      script.orderId,
    ],
  };
}

export function confirm(script: OrderScript): void {
  script.step(0.4, script.technician, 'job.confirm', (atMs) =>
    script.jobs
      .filter(({ approved }) => approved)
      .flatMap(({ id }) => confirmJob(script.actor(script.technician, atMs), id)),
  );
}

export function deliver(script: OrderScript): void {
  const { vehicle } = script.order;
  script.move('delivered', script.hours(1, 8), 'recepcion');
  script.step(0.05, 'recepcion', 'gate.out', (atMs) => [
    ...passGate(script.actor('recepcion', atMs), {
      direction: 'out',
      plate: vehicle.plate,
      person: vehicle.ownerName,
      vehicleId: vehicle.id,
      workOrderId: script.orderId,
    }).statements,
    {
      sql: 'update work_orders set odometer_out = odometer_in + ? where id = ?',
      params: [script.random.between(1, 12), script.orderId],
    },
  ]);
}
