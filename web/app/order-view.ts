/** One order as its page shows it. */
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { joinKept } from './people.ts';

export interface OrderView extends ResultRow {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly opened_at: number;
  readonly promised_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly odometer_in: number | null;
  readonly complaint: string;
  readonly diagnosis: string;
  readonly internal_note: string;
  readonly customer_note: string;
  readonly discount_bp: number;
  readonly discount_minor: number;
  readonly technician_id: string | null;
  readonly advisor_id: string | null;
  readonly hold: string;
  readonly reception_id: string | null;
  readonly vehicle_id: string | null;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly odometer_unit: string;
  readonly customer_id: string | null;
  readonly customer: string;
  readonly phone: string;
}

export const orderQuery = (id: string): SqlQuery => sql`
  select o.id, o.number, o.status_key, o.opened_at, o.promised_at, o.ready_at, o.delivered_at, o.locked_at, o.unlocked_at,
    o.odometer_in, o.complaint, o.diagnosis, o.internal_note, o.customer_note, o.discount_bp, o.discount_minor,
    o.technician_id, o.advisor_id, o.hold, o.reception_id,
    coalesce(v.id, o.vehicle_id) as vehicle_id, coalesce(c.id, o.customer_id) as customer_id,
    coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
    trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(v.odometer_unit, 'km') as odometer_unit,
    coalesce(c.name, '') as customer, coalesce(c.phone, '') as phone
  from work_orders o
  ${joinKept('vehicles', 'v', 'o.vehicle_id')}
  ${joinKept('customers', 'c', 'o.customer_id')}
  where o.id = ${id}`;

export interface Person extends ResultRow {
  readonly id: string;
  readonly display_name: string;
  readonly is_technician: number;
}

export const peopleQuery = (): SqlQuery =>
  sql`select id, display_name, is_technician from users where active = 1 order by display_name`;

/** "Marta Ibáñez" of `recepcion`; the account's name where no row says more. */
export function personName(people: readonly Person[], id: string | null): string {
  if (id === null || id === '') return '';
  return people.find((person) => person.id === id)?.display_name || id;
}
