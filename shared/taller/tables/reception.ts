/**
 * Family `work`, first part: what happens to a vehicle on arrival, in the yard and under inspection.
 *
 * Routing: a row lives in the month of the row it hangs on (order, reception, inspection, estimate). The ids of
 * those are made with `idBeside` (ids.ts), at their order's own timestamp, so that an order and everything that
 * hangs on it stays in one document for ever.
 */
import {
  boolean,
  defineTable,
  integer,
  json,
  money,
  optional,
  quantity,
  type Row,
  reference,
  text,
  timestamp,
} from '../../schema/table.ts';
import { choice, jsonList } from './columns.ts';

/** Deposit receipt. Live while draft; sealed by the signature [TALLER-18]. */
export const receptions = defineTable(
  'receptions',
  {
    family: 'work',
    bucket: 'id',
    class: 'sealed',
    sealedWhen: "status = 'signed'",
    indexes: [['status', 'received_at']],
    comment: 'receptions of vehicles, with what the customer signed',
  },
  {
    number: text({ index: true, comment: 'number of the deposit receipt, given at the signature' }),
    work_order_id: optional(
      reference('work_orders', { comment: 'order made at the signature; null while draft' }),
    ),
    vehicle_id: optional(reference('vehicles')),
    customer_id: optional(reference('customers')),
    delivered_by_name: text({ comment: 'who brought the vehicle, when not the customer' }),
    received_at: timestamp({ comment: 'when the vehicle arrived' }),
    advisor_id: optional(reference('users')),
    odometer: optional(integer({ comment: "reading, in the vehicle's unit" })),
    odometer_note: text({ comment: 'why it is lower than the last reading, or missing [TALLER-21]' }),
    fuel_eighths: optional(
      integer({ check: 'fuel_eighths between 0 and 8', comment: 'fuel in eighths of the tank, 0 to 8' }),
    ),
    keys_count: integer({ check: 'keys_count >= 0' }),
    key_tag: text({ comment: 'number of the key tag' }),
    purpose: optional(choice('purpose', ['estimate', 'repair'], { comment: 'null until asked' })),
    concerns: text({ comment: 'what the customer reports, one per line' }),
    belongings: text({ comment: 'what stays in the vehicle' }),
    promised_at: optional(timestamp()),
    estimate_cost_minor: money({ comment: 'price of making the estimate, minor units' }),
    estimate_waived: boolean({ comment: '1: the customer waives the written estimate' }),
    accepts_used_parts: boolean(),
    wants_old_parts: boolean(),
    allows_test_drive: boolean(),
    privacy_ack: boolean({ comment: '1: privacy notice was shown and accepted' }),
    tow_in: boolean(),
    status: choice('status', ['draft', 'signed', 'cancelled']),
    signed_at: optional(timestamp()),
    receipt_hash: text({ comment: 'SHA-256 of what was signed' }),
  },
);

export const reception_checks = defineTable(
  'reception_checks',
  {
    family: 'work',
    bucket: 'reception_id',
    class: 'sealed',
    sealedWhen: 'sealed_at is not null',
    partOf: 'reception_id',
    comment: 'belongings and equipment checked at reception',
  },
  {
    reception_id: reference('receptions'),
    item_key: text({ comment: 'key of the configured checklist entry' }),
    label: text({ comment: 'its label when it was checked' }),
    present: choice('present', ['na', 'yes', 'no']),
    note: text(),
    sealed_at: optional(timestamp({ comment: 'when the reception was signed; null: not yet' })),
  },
);

export const damage_marks = defineTable(
  'damage_marks',
  {
    family: 'work',
    bucket: 'reception_id',
    class: 'sealed',
    sealedWhen: 'sealed_at is not null',
    partOf: 'reception_id',
    comment: 'damage marked on the drawing of the vehicle',
  },
  {
    reception_id: reference('receptions'),
    view: choice('view', ['top', 'left', 'right', 'front', 'rear']),
    x_pm: integer({ check: 'x_pm between 0 and 1000', comment: 'permille of the drawing, from the left' }),
    y_pm: integer({ check: 'y_pm between 0 and 1000', comment: 'permille of the drawing, from the top' }),
    type: choice('type', ['scratch', 'dent', 'crack', 'broken', 'missing', 'rust']),
    severity: integer({ default: 1, check: 'severity between 1 and 3', comment: '1 slight to 3 severe' }),
    note: text(),
    attachment_ids_json: jsonList({ comment: 'photos of it' }),
    sealed_at: optional(timestamp({ comment: 'when the reception was signed; null: not yet' })),
  },
);

/** Sealed on completion, its items with it; they carry copies of the template's labels. */
export const inspections = defineTable(
  'inspections',
  {
    family: 'work',
    bucket: 'work_order_id',
    class: 'sealed',
    sealedWhen: 'completed_at is not null',
    comment: 'inspections of a vehicle within an order',
  },
  {
    work_order_id: reference('work_orders'),
    vehicle_id: reference('vehicles'),
    template_id: optional(reference('inspection_templates')),
    template_version: integer(),
    technician_id: optional(reference('users')),
    started_at: timestamp(),
    completed_at: optional(timestamp()),
    odometer: optional(integer({ comment: "reading, in the vehicle's unit" })),
  },
);

export const inspection_items = defineTable(
  'inspection_items',
  {
    family: 'work',
    bucket: 'inspection_id',
    class: 'sealed',
    sealedWhen: 'sealed_at is not null',
    partOf: 'inspection_id',
    comment: 'points of an inspection',
  },
  {
    inspection_id: reference('inspections'),
    section: text(),
    section_en: text({ comment: 'heading in English' }),
    label: text(),
    label_en: text(),
    status: optional(
      choice('status', ['ok', 'attention', 'urgent', 'na'], { comment: 'null: not looked at yet' }),
    ),
    value_milli: optional(quantity({ comment: 'measure, thousandths of unit' })),
    unit: text(),
    note: text(),
    carried_from_id: optional(reference('inspection_items', { comment: 'the same point at the last visit' })),
    finding_id: optional(reference('findings')),
    sort: integer(),
    sealed_at: optional(timestamp({ comment: 'when the inspection was completed; null: not yet' })),
  },
);

export const attachments = defineTable(
  'attachments',
  {
    family: 'work',
    bucket: 'entity_id',
    indexes: [['entity', 'entity_id']],
    comment: 'photos and files; the bytes are blobs named by sha256 [TALLER-26]',
  },
  {
    entity: text({ comment: 'table of the row it hangs on' }),
    entity_id: text({ comment: 'id of the row it hangs on' }),
    kind: choice('kind', ['photo', 'video', 'pdf', 'signature', 'receipt', 'other']),
    slot: optional(
      choice('slot', ['front', 'rear', 'left', 'right', 'odometer', 'damage', 'before', 'after'], {
        comment: 'which of the guided photos; null: none',
      }),
    ),
    mime: text(),
    bytes: integer(),
    width: optional(integer({ comment: 'pixels' })),
    height: optional(integer({ comment: 'pixels' })),
    sha256: text({ index: true, comment: 'hex; names the blob' }),
    thumb_sha256: text({ comment: 'hex; names the 320 px thumbnail' }),
    caption: text(),
    customer_visible: boolean(),
    on_invoice: boolean(),
    taken_at: optional(timestamp()),
  },
);

/** Evidence of what was signed: strokes or a typed name, and the hash of the text shown. */
export const signatures = defineTable(
  'signatures',
  {
    family: 'work',
    bucket: 'entity_id',
    class: 'append-only',
    indexes: [['entity', 'entity_id']],
    comment: 'signatures',
  },
  {
    entity: text({ comment: 'table of the signed row' }),
    entity_id: text({ comment: 'id of the signed row' }),
    purpose: text({ comment: 'deposit, approval, waiver, refusal, consent, pickup' }),
    signer_name: text(),
    signer_doc: text({ comment: 'number of the identity document' }),
    method: choice('method', ['drawn', 'typed']),
    strokes_json: jsonList({ comment: 'strokes as lists of points; empty when typed' }),
    image_sha: text({ comment: 'SHA-256 of the picture; empty: none' }),
    doc_hash: text({ comment: 'SHA-256 of what was shown' }),
    accepted_text_version: text({ comment: 'version of the legal text' }),
  },
);

/** A batch of imported rows. Closed once, when it is undone. */
export const import_batches = defineTable(
  'import_batches',
  {
    family: 'work',
    bucket: 'id',
    class: 'sealed',
    sealedWhen: 'undone_at is not null',
    comment: 'imports from Excel and CSV',
  },
  {
    file_name: text(),
    entity: text({ comment: 'customers, vehicles or work_orders' }),
    rows_ok: integer(),
    rows_bad: integer(),
    mapping_json: json({
      comment:
        'column of the file by column of the table; print: of its rows, marks: of each once it is done, kept: how many stayed',
    }),
    undone_at: optional(timestamp()),
  },
);

export const export_log = defineTable(
  'export_log',
  { family: 'work', bucket: 'id', class: 'append-only', comment: 'who exported what' },
  {
    entity: text(),
    from_at: optional(timestamp()),
    to_at: optional(timestamp()),
    format: choice('format', ['csv', 'xlsx', 'pdf']),
    rows: integer(),
  },
);

/**
 * A rule that merged rows break, looked at by somebody who says why it may stay. Names the entry of `_violation` with
 * all of its cells: what is written against the rule later is another entry. Taken back by removing it.
 */
export const violation_reviews = defineTable(
  'violation_reviews',
  { family: 'work', bucket: 'id', comment: 'broken rules that somebody looked at and left as they are' },
  {
    kind: text({ comment: 'unique, reference, check, not-null, append-only, sealed' }),
    table_name: text({ comment: 'table of the row' }),
    row_id: text({ index: true, comment: 'row that breaks the rule' }),
    rule: text({ comment: 'the column, several joined by a comma, or the checked expression' }),
    device: text({ comment: 'who wrote what is not shown; else empty' }),
    hlc: integer({ comment: 'when that was written, ms × 4096 + counter; else 0' }),
    key: text({ comment: 'shared key or missing id; else empty' }),
    reason: text(),
  },
);

export const saved_views = defineTable(
  'saved_views',
  { family: 'work', bucket: 'id', comment: 'saved filters of a screen' },
  {
    owner_id: text({ index: true, comment: 'user who saved it' }),
    screen: text(),
    name: text(),
    filter_json: json(),
    shared: boolean({ comment: '1: everyone sees it' }),
  },
);

export type Reception = Row<typeof receptions>;
export type ReceptionCheck = Row<typeof reception_checks>;
export type DamageMark = Row<typeof damage_marks>;
export type Inspection = Row<typeof inspections>;
export type InspectionItem = Row<typeof inspection_items>;
export type Attachment = Row<typeof attachments>;
export type Signature = Row<typeof signatures>;
export type ImportBatch = Row<typeof import_batches>;
export type ExportLogEntry = Row<typeof export_log>;
export type ViolationReview = Row<typeof violation_reviews>;
export type SavedView = Row<typeof saved_views>;

export const receptionTables = [
  receptions,
  reception_checks,
  damage_marks,
  inspections,
  inspection_items,
  attachments,
  signatures,
  import_batches,
  export_log,
  violation_reviews,
  saved_views,
] as const;
