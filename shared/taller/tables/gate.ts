/** Family `work`, the gate: who passed, and what of it was written by mistake. Neither is ever changed. */
import { defineTable, optional, type Row, reference, text, timestamp } from '../../schema/table.ts';
import { choice } from './columns.ts';

/** A vehicle or a person passing the gate. `at` is when it happened, by the device at the gate. */
export const gate_events = defineTable(
  'gate_events',
  { family: 'work', bucket: 'id', class: 'append-only', comment: 'gate log' },
  {
    kind: choice('kind', ['vehicle', 'person']),
    direction: choice('direction', ['in', 'out']),
    plate: text({ comment: 'as typed' }),
    plate_norm: text({ index: true, comment: 'upper case, letters and digits only' }),
    person: text({ comment: 'name of the person, or of the driver' }),
    vehicle_id: optional(reference('vehicles')),
    work_order_id: optional(reference('work_orders')),
    at: timestamp({ index: true }),
    device: text({ comment: 'device at the gate' }),
    note: text(),
    photo_sha: text({ comment: 'SHA-256 of the photo; empty: none' }),
  },
);

/** A passage that was none: it stays in the log, crossed out, and counts no more. `created_by` says who took it back. */
export const gate_voids = defineTable(
  'gate_voids',
  {
    family: 'work',
    bucket: 'gate_event_id',
    class: 'append-only',
    comment: 'passages of the gate that were taken back',
  },
  {
    gate_event_id: reference('gate_events'),
    reason: text(),
  },
);

export type GateEvent = Row<typeof gate_events>;
export type GateVoid = Row<typeof gate_voids>;

export const gateTables = [gate_events, gate_voids] as const;
