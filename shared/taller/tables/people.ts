/** Family `people`: customers, their vehicles, and what stays with a vehicle from one visit to the next. */
import {
  boolean,
  defineTable,
  integer,
  json,
  money,
  optional,
  type Row,
  reference,
  sharedText,
  text,
  timestamp,
} from '../../schema/table.ts';
import { choice, jsonList } from './columns.ts';

const PEOPLE = { family: 'people' } as const;

/** Duplicates are merged by pointing at the one that stays; nothing that names the other is rewritten [TALLER-22]. */
export const customers = defineTable(
  'customers',
  { ...PEOPLE, onDeleteConflict: 'edit-wins', comment: 'customers, persons and companies' },
  {
    kind: choice('kind', ['person', 'company']),
    name: text({ index: true, comment: 'name as it is called' }),
    legal_name: text({ comment: 'name on invoices; empty: name' }),
    tax_id_type: text({ comment: 'nif, nie, cif, rfc, nit, rut, passport, other' }),
    tax_id: text({ comment: 'as typed' }),
    tax_id_norm: text({ index: true, comment: 'upper case, letters and digits only' }),
    email: text(),
    phone: text({ comment: 'as typed' }),
    phone_norm: text({ index: true, comment: 'E.164 where the country is known, else digits' }),
    phone2: text(),
    whatsapp: text(),
    address: text(),
    city: text(),
    region: text(),
    postal: text(),
    country: text({ default: 'ES', comment: 'ISO 3166' }),
    fiscal_json: json({ comment: 'regime, use and e-mail for e-invoices' }),
    price_list_id: optional(reference('price_lists')),
    payment_terms_days: integer(),
    credit_limit_minor: money({ comment: 'minor units; 0: no credit' }),
    tax_exempt: boolean(),
    marketing_consent: boolean(),
    consent_at: optional(timestamp()),
    preferred_channel: choice('preferred_channel', ['phone', 'whatsapp', 'email', 'sms']),
    tags_json: jsonList({ comment: 'list of tags' }),
    notes: sharedText(),
    anonymized_at: optional(timestamp({ comment: 'contact data was removed then [TALLER-23]' })),
    merged_into_id: optional(reference('customers', { comment: 'duplicate of this one' })),
  },
);

export const customer_contacts = defineTable(
  'customer_contacts',
  { ...PEOPLE, comment: 'people who act for a customer' },
  {
    customer_id: reference('customers'),
    name: text(),
    phone: text(),
    id_doc: text({ comment: 'number of the identity document shown' }),
    may_authorize: boolean({ comment: '1: may approve work' }),
    may_pick_up: boolean({ comment: '1: may collect the vehicle' }),
  },
);

/** A plate seen twice is a warning, not an error [TALLER-22]. */
export const vehicles = defineTable(
  'vehicles',
  { ...PEOPLE, onDeleteConflict: 'edit-wins', comment: 'vehicles' },
  {
    plate: text({ comment: 'as typed' }),
    plate_norm: text({ index: true, comment: 'upper case, letters and digits only' }),
    plate_country: text({ default: 'ES', comment: 'ISO 3166' }),
    vin: text({ index: true, comment: '17 characters without I, O, Q; empty: not known' }),
    engine_no: text(),
    make: text(),
    model: text(),
    version: text(),
    year: optional(integer({ comment: 'model year' })),
    fuel: text({ comment: 'gasolina, diesel, hibrido, electrico, glp, gnc' }),
    transmission: text({ comment: 'manual, automatic' }),
    engine_code: text(),
    displacement_cc: optional(integer()),
    body_type: text(),
    color: text(),
    odometer_last: optional(integer({ comment: 'last reading, in odometer_unit [TALLER-21]' })),
    odometer_unit: choice('odometer_unit', ['km', 'mi']),
    tyre_size: text({ comment: 'e.g. 205/55 R16 91V' }),
    notes: sharedText(),
    photo_sha: text({ comment: 'SHA-256 of its photo; empty: none' }),
    active: boolean({ default: 1 }),
    merged_into_id: optional(reference('vehicles', { comment: 'duplicate of this one' })),
  },
);

/** Who owns, drives or runs a vehicle, from when to when. Closed once, by setting `to_at`. */
export const vehicle_owners = defineTable(
  'vehicle_owners',
  {
    ...PEOPLE,
    class: 'sealed',
    sealedWhen: 'to_at is not null',
    comment: 'owners and drivers of a vehicle over time',
  },
  {
    vehicle_id: reference('vehicles'),
    customer_id: reference('customers'),
    role: choice('role', ['owner', 'driver', 'fleet']),
    from_at: timestamp(),
    to_at: optional(timestamp({ comment: 'null: still' })),
  },
);

export const odometer_readings = defineTable(
  'odometer_readings',
  { ...PEOPLE, class: 'append-only', comment: 'odometer readings' },
  {
    vehicle_id: reference('vehicles'),
    value: integer({ check: 'value >= 0', comment: 'reading, in unit' }),
    unit: choice('unit', ['km', 'mi']),
    source: choice('source', ['reception', 'delivery', 'inspection', 'manual', 'import']),
    work_order_id: optional(reference('work_orders')),
    note: text({ comment: 'reason, when lower than the last one [TALLER-21]' }),
  },
);

/** Something seen that was not mended: it returns at the next visit. */
export const findings = defineTable(
  'findings',
  { ...PEOPLE, onDeleteConflict: 'edit-wins', comment: 'deferred work of a vehicle' },
  {
    vehicle_id: reference('vehicles'),
    work_order_id: optional(reference('work_orders', { comment: 'order it was seen in' })),
    inspection_item_id: optional(reference('inspection_items')),
    description: text(),
    severity: choice('severity', ['monitor', 'soon', 'urgent']),
    est_minor: optional(money({ comment: 'estimated price with tax, minor units' })),
    status: choice('status', ['open', 'quoted', 'approved', 'declined', 'done'], { index: true }),
    declined_at: optional(timestamp()),
    resolved_work_order_id: optional(reference('work_orders', { comment: 'order that mended it' })),
    revisit_at: optional(timestamp()),
    revisit_km: optional(integer({ comment: 'look again at this reading' })),
  },
);

export type Customer = Row<typeof customers>;
export type CustomerContact = Row<typeof customer_contacts>;
export type Vehicle = Row<typeof vehicles>;
export type VehicleOwner = Row<typeof vehicle_owners>;
export type OdometerReading = Row<typeof odometer_readings>;
export type Finding = Row<typeof findings>;

export const peopleTables = [
  customers,
  customer_contacts,
  vehicles,
  vehicle_owners,
  odometer_readings,
  findings,
] as const;
