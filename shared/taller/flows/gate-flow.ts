/**
 * The gate log: in or out in two taps, and "vehicle on site" that follows from it. The log is only added to: what was
 * written by mistake is crossed out by another row, with who and why, and written anew where it was something else.
 */
import { normalizePlate } from '../normalize.ts';
import { type Actor, idFor, insert, type Statement, statements, update } from './statement.ts';

export interface GatePassage {
  readonly direction: 'in' | 'out';
  readonly kind?: 'vehicle' | 'person';
  readonly plate?: string;
  readonly person?: string;
  readonly vehicleId?: string | null;
  /** The vehicle's open order; its `on_site` follows. */
  readonly workOrderId?: string | null;
  readonly note?: string;
  readonly photoSha?: string;
}

/** A passage as the log has it. */
export interface WrittenPassage {
  readonly id: string;
  readonly kind: 'vehicle' | 'person';
  readonly direction: 'in' | 'out';
  readonly plate: string;
  readonly person: string;
  readonly vehicle_id: string | null;
  readonly work_order_id: string | null;
  readonly at: number;
  readonly note: string;
}

/** What counts of `gate_events` under an alias, as a condition. */
export function isPassage(alias: string): string {
  return `not exists (select 1 from gate_voids z where z.gate_event_id = ${alias}.id)`;
}

export function passGate(actor: Actor, passage: GatePassage): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  const plate = passage.plate ?? '';
  return {
    id,
    statements: statements(
      passageRow(id, actor, {
        kind: passage.kind ?? 'vehicle',
        direction: passage.direction,
        plate,
        person: passage.person ?? '',
        vehicle_id: passage.vehicleId ?? null,
        work_order_id: passage.workOrderId ?? null,
        at: actor.nowMs,
        note: passage.note ?? '',
        photo_sha: passage.photoSha ?? '',
      }),
      passage.workOrderId
        ? update('work_orders', passage.workOrderId, { on_site: passage.direction === 'in' ? 1 : 0 })
        : undefined,
    ),
  };
}

/** Crosses a passage out; the order knows again what it knew before. */
export function voidPassage(actor: Actor, passage: WrittenPassage, reason: string): Statement[] {
  return statements(crossOut(actor, passage, reason), followLog(passage));
}

/** It went the other way: crossed out, and written anew for the moment it happened. */
export function turnPassage(actor: Actor, passage: WrittenPassage, reason: string): Statement[] {
  const { kind, plate, person, vehicle_id, work_order_id, at, note } = passage;
  const direction = passage.direction === 'in' ? 'out' : 'in';
  return statements(
    crossOut(actor, passage, reason),
    passageRow(idFor(actor), actor, { kind, direction, plate, person, vehicle_id, work_order_id, at, note }),
    followLog(passage),
  );
}

function crossOut(actor: Actor, { id }: WrittenPassage, reason: string): Statement {
  return insert('gate_voids', idFor(actor), { gate_event_id: id, reason });
}

function passageRow(
  id: string,
  actor: Actor,
  cells: Omit<WrittenPassage, 'id'> & { readonly photo_sha?: string },
): Statement {
  return insert('gate_events', id, {
    ...cells,
    plate_norm: normalizePlate(cells.plate),
    device: actor.device,
  });
}

/**
 * Whether the order's vehicle is here, by the last passage that counts. Where none does: a reception brought it, and
 * who was said to go out was in.
 */
function followLog({ work_order_id, direction }: WrittenPassage): Statement | undefined {
  if (work_order_id === null) return undefined;
  return {
    sql: `update work_orders set on_site = coalesce(
        (select g.direction = 'in' from gate_events g
          where g.work_order_id = work_orders.id and ${isPassage('g')} order by g.at desc, g.id desc limit 1),
        delivered_at is null and (reception_id is not null or ?))
      where id = ?`,
    params: [direction === 'out' ? 1 : 0, work_order_id],
  };
}
