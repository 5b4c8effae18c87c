/**
 * Family `admin`: who works here, on which devices, and how the workshop is set up. Everyone reads it, only the
 * administrator writes it [TALLER-24]. Natural keys: a user's id is the account name of the relay, a role's id
 * its name, a status's id its key, so that two devices that set up the same thing meet in one row.
 */
import {
  boolean,
  defineTable,
  integer,
  json,
  money,
  optional,
  type Row,
  reference,
  text,
  timestamp,
} from '../../schema/table.ts';
import { choice, jsonList } from './columns.ts';

const ADMIN = { family: 'admin' } as const;

/** One value of one setting. The workshop's own row has the id `workshop:<key>`. Changes apply to new documents only [TALLER-28]. */
export const settings = defineTable(
  'settings',
  { ...ADMIN, indexes: [['key', 'scope', 'scope_id']], comment: 'workshop, device and user settings' },
  {
    key: text({ comment: 'name of the setting, e.g. `estimate_validity_workdays`' }),
    value_json: json({ default: 'null', comment: 'value as JSON' }),
    scope: choice('scope', ['workshop', 'device', 'user'], { comment: 'the narrowest scope wins' }),
    scope_id: text({ comment: 'device or user it is for; empty for the workshop' }),
  },
);

/** A person who works here. Never deleted, only disabled. */
export const users = defineTable(
  'users',
  { ...ADMIN, comment: 'people who work here; disabled, never deleted' },
  {
    display_name: text({ comment: 'name on screens and documents' }),
    email: text(),
    phone: text(),
    role_id: reference('roles', { comment: 'what the person may do' }),
    pin_hash: text({
      comment: 'PBKDF2 of the PIN for switching user offline (pin.ts), base64; empty: no PIN',
    }),
    pin_salt: text({ comment: 'salt of pin_hash, base64' }),
    lang: choice('lang', ['es', 'en']),
    is_technician: boolean({ comment: 'may be given jobs and run the clock' }),
    labour_cost_minor_h: money({ comment: 'cost of one hour, minor units' }),
    skills_json: jsonList({ comment: 'list of skills, e.g. ["electricidad"]' }),
    color: text({ comment: 'CSS colour on board and agenda' }),
    active: boolean({ default: 1 }),
    disabled_at: optional(timestamp()),
    idp_subject: text({ comment: 'subject at the identity provider; empty for own accounts' }),
    mfa_required: boolean(),
    last_login_at: optional(timestamp()),
  },
);

export const roles = defineTable(
  'roles',
  { ...ADMIN, comment: 'roles; the relay knows them by id' },
  {
    name: text({ comment: 'name on screens' }),
    description: text(),
    is_system: boolean({ comment: '1: comes with the application and cannot be removed' }),
  },
);

/** What a role may do beyond families, e.g. `price.override` with a limit [TALLER-24]. */
export const role_permissions = defineTable(
  'role_permissions',
  { ...ADMIN, uniques: [['role_id', 'permission']], comment: 'permissions of a role, with their limits' },
  {
    role_id: reference('roles'),
    permission: text({ comment: 'e.g. `invoice.void`, `price.override`, `cost.view`' }),
    allowed: boolean(),
    limit_json: json({ comment: 'limits, e.g. {"max_discount_bp": 1000}' }),
  },
);

export const devices = defineTable(
  'devices',
  { ...ADMIN, comment: 'tablets and desktops of the workshop' },
  {
    name: text({ comment: 'name on screens, e.g. "Tablet de recepción"' }),
    kind: choice('kind', ['tablet', 'desktop', 'phone', 'server']),
    series_code: text({ comment: 'code in document numbers, never used by another device [TALLER-10]' }),
    public_key: text(),
    registered_by: text({ comment: 'user who joined it to the workshop' }),
    last_seen_at: optional(timestamp()),
    app_version: text(),
    storage_persisted: boolean({ comment: '1: the browser promised not to evict the data' }),
    quota_mb: integer({ comment: 'storage the browser allows, MB' }),
    clock_skew_ms: integer({ comment: 'device clock minus relay clock, ms' }),
    revoked_at: optional(timestamp({ comment: 'rows written later go to quarantine' })),
  },
);

/** Numbers of one kind of document on one device: `F26-T2-000123` [TALLER-10]. */
export const document_series = defineTable(
  'document_series',
  { ...ADMIN, indexes: [['doc_type', 'device_id']], comment: 'series of document numbers, one per device' },
  {
    doc_type: choice('doc_type', [
      'work_order',
      'reception',
      'estimate',
      'invoice',
      'simplified',
      'credit_note',
      'purchase_order',
      'stock_count',
      'cash_session',
    ]),
    prefix: text({ comment: 'letters before the year, e.g. `F`' }),
    year: integer({ comment: 'calendar year, e.g. 2026; 0: not part of the number' }),
    device_id: text({ index: true, comment: 'device that counts; empty: the server does' }),
    pad: integer({ default: 6, check: 'pad between 1 and 12', comment: 'digits of the counter' }),
    next_hint: integer({ default: 1, comment: 'lower bound of the next number; number_uses decides' }),
    range_from: optional(integer({ comment: 'first number the authority allows' })),
    range_to: optional(integer({ comment: 'last number the authority allows' })),
    authorization_no: text({ comment: 'number of the authorisation, where the country wants one' }),
    valid_from: optional(timestamp()),
    valid_to: optional(timestamp()),
    mode: choice('mode', ['device', 'block', 'server']),
    country_rule: text({ comment: 'country whose rules apply, ISO 3166, e.g. `ES`' }),
    active: boolean({ default: 1 }),
  },
);

export const payment_methods = defineTable(
  'payment_methods',
  { ...ADMIN, comment: 'ways to pay [TALLER-16]' },
  {
    name_es: text(),
    name_en: text(),
    kind: choice('kind', ['cash', 'card', 'transfer', 'cheque', 'wallet', 'credit', 'deposit']),
    cash_rounding: integer({ comment: 'rounds the amount to this many minor units; 0: not' }),
    opens_drawer: boolean(),
    needs_reference: boolean(),
    in_cash_count: boolean({ comment: 'counted when the till is closed' }),
    active: boolean({ default: 1 }),
    sort: integer(),
  },
);

/** A column of the order board. Its id is its key. */
export const wo_statuses = defineTable(
  'wo_statuses',
  { ...ADMIN, comment: 'statuses of an order, in the order of the board [TALLER-19]' },
  {
    key: text({ unique: true, comment: 'what work_orders.status_key holds' }),
    name_es: text(),
    name_en: text(),
    phase: choice('phase', [
      'draft',
      'open',
      'waiting',
      'work',
      'quality',
      'ready',
      'invoiced',
      'delivered',
      'cancelled',
    ]),
    color: text({ comment: 'CSS colour' }),
    sort: integer(),
    wip_limit: optional(integer({ comment: 'orders at once; null: no limit' })),
    message_template_id: text({ comment: 'message offered on entering; empty: none' }),
    needs_permission: text({ comment: 'permission to enter it; empty: anyone who writes orders' }),
  },
);

export type Setting = Row<typeof settings>;
export type User = Row<typeof users>;
export type Role = Row<typeof roles>;
export type RolePermission = Row<typeof role_permissions>;
export type Device = Row<typeof devices>;
export type DocumentSeries = Row<typeof document_series>;
export type PaymentMethod = Row<typeof payment_methods>;
export type WoStatus = Row<typeof wo_statuses>;

export const adminTables = [
  settings,
  users,
  roles,
  role_permissions,
  devices,
  document_series,
  payment_methods,
  wo_statuses,
] as const;
