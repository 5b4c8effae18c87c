/** A reception as the wizard shows it, and the events by which its steps ask for changes. */
import type { ReceptionDraft } from '../../shared/taller/flows/reception-draft.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { notLate } from './late-parts.ts';

export interface ReceptionView extends ResultRow {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly work_order_id: string | null;
  readonly vehicle_id: string | null;
  readonly customer_id: string | null;
  readonly received_at: number;
  readonly signed_at: number | null;
  readonly delivered_by_name: string;
  readonly odometer: number | null;
  readonly odometer_note: string;
  readonly fuel_eighths: number | null;
  readonly keys_count: number;
  readonly key_tag: string;
  readonly purpose: string | null;
  readonly concerns: string;
  readonly belongings: string;
  readonly promised_at: number | null;
  readonly estimate_waived: number;
  readonly accepts_used_parts: number;
  readonly wants_old_parts: number;
  readonly allows_test_drive: number;
  readonly privacy_ack: number;
  readonly tow_in: number;
  readonly plate: string;
  readonly plate_norm: string;
  readonly plate_country: string;
  readonly vin: string;
  readonly vehicle: string;
  readonly odometer_last: number | null;
  readonly odometer_unit: string;
  readonly customer: string;
  readonly phone: string;
}

export interface CheckRow extends ResultRow {
  readonly item_key: string;
  readonly present: string;
}

export interface PhotoRow extends ResultRow {
  readonly id: string;
  readonly kind: string;
  readonly slot: string | null;
  readonly sha256: string;
  readonly thumb_sha256: string;
  readonly caption: string;
}

export const receptionQuery = (id: string): SqlQuery => sql`
  select r.id, r.number, r.status, r.work_order_id, r.vehicle_id, r.customer_id, r.received_at, r.signed_at, r.delivered_by_name,
    r.odometer, r.odometer_note, r.fuel_eighths, r.keys_count, r.key_tag, r.purpose, r.concerns, r.belongings, r.promised_at, r.estimate_waived,
    r.accepts_used_parts, r.wants_old_parts, r.allows_test_drive, r.privacy_ack, r.tow_in,
    coalesce(v.plate, '') as plate, coalesce(v.plate_norm, '') as plate_norm, coalesce(v.plate_country, 'ES') as plate_country,
    coalesce(v.vin, '') as vin, trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
    v.odometer_last, coalesce(v.odometer_unit, 'km') as odometer_unit,
    coalesce(c.name, '') as customer, coalesce(c.phone, '') as phone
  from receptions r
  left join vehicles v on v.id = r.vehicle_id
  left join customers c on c.id = r.customer_id
  where r.id = ${id}`;

export const checksQuery = (id: string): SqlQuery =>
  sql`select c.item_key, c.present from reception_checks c
    where c.reception_id = ${id} and ${notLate('c', 'reception_checks')}`;

export const marksQuery = (id: string): SqlQuery =>
  sql`select m.id, m.view, m.x_pm, m.y_pm, m.type, m.note from damage_marks m
    where m.reception_id = ${id} and ${notLate('m', 'damage_marks')} order by m.created_at, m.id`;

export const photosQuery = (entityId: string): SqlQuery => sql`
  select id, kind, slot, sha256, thumb_sha256, caption from attachments
  where entity_id = ${entityId} and kind = 'photo' order by created_at, id`;

/** A step changed cells of the draft; they are saved at once. */
export class DraftChangeEvent extends Event {
  static readonly type = 'draft-change';
  readonly cells: ReceptionDraft;

  constructor(cells: ReceptionDraft) {
    super(DraftChangeEvent.type, { bubbles: true, composed: true });
    this.cells = cells;
  }
}

declare global {
  interface HTMLElementEventMap {
    'draft-change': DraftChangeEvent;
  }
}
