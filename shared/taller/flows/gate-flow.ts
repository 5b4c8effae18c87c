/** The gate log: in or out in two taps, and "vehicle on site" that follows from it. */
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

export function passGate(actor: Actor, passage: GatePassage): { id: string; statements: Statement[] } {
  const id = idFor(actor);
  const plate = passage.plate ?? '';
  return {
    id,
    statements: statements(
      insert('gate_events', id, {
        kind: passage.kind ?? 'vehicle',
        direction: passage.direction,
        plate,
        plate_norm: normalizePlate(plate),
        person: passage.person ?? '',
        vehicle_id: passage.vehicleId ?? null,
        work_order_id: passage.workOrderId ?? null,
        at: actor.nowMs,
        device: actor.device,
        note: passage.note ?? '',
        photo_sha: passage.photoSha ?? '',
      }),
      passage.workOrderId
        ? update('work_orders', passage.workOrderId, { on_site: passage.direction === 'in' ? 1 : 0 })
        : undefined,
    ),
  };
}
