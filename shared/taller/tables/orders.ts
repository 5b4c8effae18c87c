/** Family `work`, second part: the order, its jobs and lines, the clock, estimates and approvals. */
import {
  boolean,
  defineTable,
  integer,
  money,
  optional,
  quantity,
  type Row,
  reference,
  sharedText,
  text,
  timestamp,
} from '../../schema/table.ts';
import { choice, jsonList } from './columns.ts';

const WORK = { family: 'work' } as const;

/** The order. Everything else in `work` hangs on one; its status moves by the machine of status.ts [TALLER-19]. */
export const work_orders = defineTable(
  'work_orders',
  {
    ...WORK,
    bucket: 'id',
    onDeleteConflict: 'edit-wins',
    indexes: [['status_key', 'opened_at']],
    comment: 'work orders',
  },
  {
    number: text({ index: true, comment: 'number from the series of the device [TALLER-10]' }),
    series_id: text({ comment: 'document_series.id, or `auto:<type>:<device>` where none was set up' }),
    status_key: text({ default: 'draft', comment: 'wo_statuses.key [TALLER-19]' }),
    priority: integer({ check: 'priority between 0 and 3', comment: '0 normal to 3 at once' }),
    customer_id: optional(reference('customers')),
    vehicle_id: optional(reference('vehicles')),
    reception_id: optional(reference('receptions')),
    advisor_id: optional(reference('users')),
    technician_id: optional(reference('users')),
    bay_id: text({ comment: 'bay it stands in; empty: none' }),
    opened_at: timestamp({ index: true }),
    promised_at: optional(timestamp({ index: true })),
    started_at: optional(timestamp({ comment: 'first work on it' })),
    ready_at: optional(timestamp()),
    delivered_at: optional(timestamp()),
    cancelled_at: optional(timestamp()),
    cancel_reason: text(),
    odometer_in: optional(integer({ comment: "reading, in the vehicle's unit" })),
    odometer_out: optional(integer({ comment: "reading, in the vehicle's unit" })),
    complaint: text({ comment: 'what the customer reports, one per line' }),
    diagnosis: sharedText({ comment: 'what was found; written together' }),
    internal_note: sharedText({
      comment: 'notes of the workshop; written together, never shown to the customer',
    }),
    customer_note: text({ comment: 'printed for the customer' }),
    price_list_id: optional(reference('price_lists')),
    discount_bp: integer({ check: 'discount_bp between 0 and 10000', comment: 'hundredths of a percent' }),
    discount_minor: money({ check: 'discount_minor >= 0', comment: 'minor units, after discount_bp' }),
    hold: choice('hold', ['none', 'parts', 'approval', 'customer', 'sublet']),
    comeback_of_id: optional(reference('work_orders', { comment: 'order whose work came back' })),
    locked_at: optional(timestamp({ comment: 'invoiced then; later edits are issues [TALLER-20]' })),
    locked_by_invoice_id: text(),
    unlocked_at: optional(timestamp()),
    unlocked_by: text(),
    on_site: boolean({ comment: '1: the vehicle is here' }),
    rank: text({ comment: 'place within its column of the board, compared as text' }),
  },
);

/** Every step of an order. The order's status_key is the latest by clock; this is the whole way [TALLER-19]. */
export const wo_status_log = defineTable(
  'wo_status_log',
  { ...WORK, bucket: 'work_order_id', class: 'append-only', comment: 'status changes of an order' },
  {
    work_order_id: reference('work_orders'),
    from_key: text({ comment: 'empty: the order was made' }),
    to_key: text(),
    reason: text(),
  },
);

/** A job: concern, cause, correction, confirmation. */
export const wo_jobs = defineTable(
  'wo_jobs',
  {
    ...WORK,
    bucket: 'work_order_id',
    onDeleteConflict: 'edit-wins',
    uniques: [['work_order_id', 'chosen_option']],
    comment: 'jobs of an order',
  },
  {
    work_order_id: reference('work_orders'),
    title: text(),
    concern: text({ comment: 'what the customer reports' }),
    cause: text({ comment: 'what the technician found' }),
    correction: text({ comment: 'what was done' }),
    confirmed_by: optional(reference('users', { comment: 'who checked that it is mended' })),
    confirmed_at: optional(timestamp()),
    canned_job_id: optional(reference('canned_jobs')),
    finding_id: optional(reference('findings', { comment: 'finding it came from' })),
    approval: choice('approval', ['proposed', 'approved', 'declined', 'not_needed'], {
      comment: 'work needs approved or not_needed [TALLER-17]',
    }),
    technician_id: optional(reference('users')),
    est_minutes: integer(),
    lump_price_minor: optional(
      money({ comment: 'fixed net price, minor units; its lines are then cost only [TALLER-5]' }),
    ),
    warranty_days: integer(),
    warranty_km: integer(),
    status: choice('status', ['pending', 'in_progress', 'paused', 'done']),
    option_group: text({
      comment:
        'jobs of an order with the same words here are options, of which one is done; empty: always [OPT-1]',
    }),
    chosen_option: optional(
      text({ comment: 'option_group of the option that the customer took; null: none was taken [OPT-3]' }),
    ),
    sort: integer(),
  },
);

/** A line: part, labour, fee, sublet, discount or text. Prices and tax are copies made when the line was. */
export const wo_lines = defineTable(
  'wo_lines',
  { ...WORK, bucket: 'work_order_id', comment: 'lines of an order' },
  {
    work_order_id: reference('work_orders'),
    job_id: optional(reference('wo_jobs')),
    kind: choice('kind', ['part', 'labour', 'fee', 'sublet', 'discount', 'text']),
    item_id: optional(reference('items')),
    sku: text(),
    description: text(),
    qty_milli: quantity({ default: 1000, comment: 'thousandths of unit' }),
    unit: text({ default: 'ud' }),
    unit_price_minor: money({ comment: 'net price of one unit, minor units [TALLER-6]' }),
    unit_cost_minor: money({ comment: 'cost of one unit, minor units' }),
    discount_bp: integer({ check: 'discount_bp between 0 and 10000', comment: 'hundredths of a percent' }),
    tax_rate_id: optional(reference('tax_rates')),
    tax_rate_bp: integer({ comment: 'copy of the rate, hundredths of a percent [TALLER-7]' }),
    technician_id: optional(reference('users')),
    billed_minutes: integer({ comment: 'labour invoiced, minutes' }),
    supplier_id: optional(reference('suppliers')),
    part_state: optional(
      choice('part_state', ['needed', 'requested', 'ordered', 'arrived', 'installed', 'returned'], {
        comment: 'null: not a part',
      }),
    ),
    condition: choice('condition', ['new', 'used', 'reman']),
    customer_supplied: boolean({ comment: '1: no stock and no warranty' }),
    sort: integer(),
  },
);

/** Time on a job. One running per technician; two are a violation to resolve. */
export const time_entries = defineTable(
  'time_entries',
  {
    ...WORK,
    bucket: 'id',
    indexes: [['technician_id', 'started_at']],
    checks: ['stopped_at is null or stopped_at >= started_at'],
    comment: 'clocked time; made beside its order, so that it lives in the same document',
  },
  {
    work_order_id: optional(reference('work_orders', { comment: 'null: idle or training' })),
    job_id: optional(reference('wo_jobs')),
    technician_id: reference('users'),
    started_at: timestamp(),
    stopped_at: optional(timestamp({ comment: 'null: running' })),
    kind: choice('kind', ['job', 'idle', 'training']),
    corrected_by: text({ comment: 'user who changed it afterwards; empty: nobody' }),
    correction_reason: text(),
  },
);

export const comments = defineTable(
  'comments',
  {
    ...WORK,
    bucket: 'entity_id',
    class: 'append-only',
    indexes: [['entity', 'entity_id']],
    comment: 'comments on orders and other rows',
  },
  {
    entity: text({ comment: 'table of the row it is about' }),
    entity_id: text({ comment: 'id of the row it is about' }),
    text: text(),
    mentions_json: jsonList({ comment: 'users named in it' }),
    needs_attention: boolean(),
  },
);

/** An estimate as it was given. Sealed when sent; what became of it is derived (estimates.ts) [TALLER-17]. */
export const estimates = defineTable(
  'estimates',
  {
    ...WORK,
    bucket: 'work_order_id',
    class: 'sealed',
    sealedWhen: "status <> 'draft'",
    comment: 'estimates; their state after sending is derived from approvals, successors and time',
  },
  {
    number: text({ index: true }),
    version: integer({ default: 1, comment: 'counts up within an order' }),
    work_order_id: reference('work_orders'),
    customer_id: optional(reference('customers')),
    vehicle_id: optional(reference('vehicles')),
    status: choice('status', ['draft', 'sent', 'approved', 'partial', 'declined', 'expired', 'superseded']),
    valid_until: optional(timestamp({ comment: 'end of the last valid working day' })),
    sent_at: optional(timestamp()),
    sent_via: text({ comment: 'in_person, whatsapp, email, print' }),
    subtotal_minor: money({ comment: 'net, minor units' }),
    tax_minor: money({ comment: 'minor units' }),
    total_minor: money({ comment: 'minor units' }),
    terms: text(),
    supersedes_id: optional(reference('estimates', { comment: 'version it replaces' })),
    doc_hash: text({ comment: 'SHA-256 of what was shown' }),
  },
);

export const estimate_lines = defineTable(
  'estimate_lines',
  {
    ...WORK,
    bucket: 'estimate_id',
    class: 'append-only',
    comment: 'lines of an estimate, copied when it was sent',
  },
  {
    estimate_id: reference('estimates'),
    job_title: text(),
    kind: choice('kind', ['part', 'labour', 'fee', 'sublet', 'discount', 'text']),
    description: text(),
    qty_milli: quantity({ default: 1000 }),
    unit_price_minor: money(),
    discount_bp: integer({ comment: 'hundredths of a percent' }),
    tax_rate_bp: integer({ comment: 'hundredths of a percent' }),
    total_minor: money({ comment: 'net after discount, minor units' }),
    option_group: text({ comment: 'jobs of one group are options, the first is recommended; empty: always' }),
    job_id: optional(reference('wo_jobs', { comment: 'job the line was copied from' })),
    sort: integer(),
  },
);

export const approvals = defineTable(
  'approvals',
  {
    ...WORK,
    bucket: 'entity_id',
    class: 'append-only',
    indexes: [['entity', 'entity_id']],
    comment: 'what a customer approved or declined [TALLER-17]',
  },
  {
    entity: choice('entity', ['estimate', 'job', 'extra']),
    entity_id: text({ comment: 'id of the estimate, job or line' }),
    decision: choice('decision', ['approved', 'declined']),
    instead_id: optional(
      reference('wo_jobs', { comment: 'option of its group that was answered instead of it; null: none' }),
    ),
    amount_minor: money({ comment: 'with tax, minor units' }),
    by_name: text(),
    by_contact_id: optional(reference('customer_contacts')),
    channel: choice('channel', ['in_person', 'phone', 'whatsapp', 'email', 'link']),
    signature_id: optional(reference('signatures')),
    attachment_id: optional(reference('attachments')),
    note: text(),
  },
);

/** A number that was used. Two rows with one number are an issue, never a renumbering [TALLER-12]. */
export const number_uses = defineTable(
  'number_uses',
  {
    ...WORK,
    bucket: 'document_id',
    class: 'append-only',
    uniques: [['series_id', 'number']],
    comment: 'numbers given to documents',
  },
  {
    series_id: text({ comment: 'document_series.id, or `auto:<type>:<device>` where none was set up' }),
    number: integer({ comment: 'counter within the series, from 1' }),
    document_id: text({ comment: 'row that has the number' }),
    doc_type: text(),
  },
);

export type WorkOrder = Row<typeof work_orders>;
export type WoStatusLogEntry = Row<typeof wo_status_log>;
export type WoJob = Row<typeof wo_jobs>;
export type WoLine = Row<typeof wo_lines>;
export type TimeEntry = Row<typeof time_entries>;
export type Comment = Row<typeof comments>;
export type Estimate = Row<typeof estimates>;
export type EstimateLine = Row<typeof estimate_lines>;
export type Approval = Row<typeof approvals>;
export type NumberUse = Row<typeof number_uses>;

export const orderTables = [
  work_orders,
  wo_status_log,
  wo_jobs,
  wo_lines,
  time_entries,
  comments,
  estimates,
  estimate_lines,
  approvals,
  number_uses,
] as const;
