/** Family `catalog`: what the workshop sells and uses, at which price and tax, and the templates it works by. */
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
import { choice } from './columns.ts';

const CATALOG = { family: 'catalog' } as const;

export const categories = defineTable(
  'categories',
  { ...CATALOG, comment: 'categories of items, jobs, expenses and customers' },
  {
    kind: choice('kind', ['item', 'job', 'expense', 'customer']),
    parent_id: optional(reference('categories')),
    name_es: text(),
    name_en: text(),
    color: text({ comment: 'CSS colour' }),
    sort: integer(),
  },
);

export const tax_rates = defineTable(
  'tax_rates',
  { ...CATALOG, comment: 'tax rates; copied to the line when it is made [TALLER-7]' },
  {
    name: text(),
    code: text({ comment: 'short code on documents, e.g. `IVA21`' }),
    rate_bp: integer({ onConflict: 'manual', comment: 'hundredths of a percent: 2100 is 21 %' }),
    kind: choice('kind', ['vat', 'exempt', 'withholding', 'surcharge']),
    valid_from: optional(timestamp()),
    valid_to: optional(timestamp()),
    is_default: boolean(),
    active: boolean({ default: 1 }),
  },
);

export const labour_rates = defineTable(
  'labour_rates',
  { ...CATALOG, comment: 'price of an hour of labour' },
  {
    name: text(),
    amount_minor_h: money({ onConflict: 'manual', comment: 'net price of one hour, minor units' }),
    tax_rate_id: optional(reference('tax_rates')),
    valid_from: optional(timestamp()),
    active: boolean({ default: 1 }),
  },
);

export const suppliers = defineTable(
  'suppliers',
  { ...CATALOG, comment: 'who sells to the workshop' },
  {
    name: text(),
    tax_id: text(),
    phone: text(),
    email: text(),
    whatsapp: text(),
    address: text(),
    terms_days: integer({ comment: 'days to pay' }),
    lead_days: integer({ comment: 'days to deliver' }),
    notes: text(),
    active: boolean({ default: 1 }),
  },
);

export const stock_locations = defineTable(
  'stock_locations',
  { ...CATALOG, comment: 'where parts lie' },
  { name: text(), kind: choice('kind', ['shelf', 'van', 'quarantine']), active: boolean({ default: 1 }) },
);

/** A part, consumable or service. Two prices typed on two devices wait for a person [TALLER-9]. */
export const items = defineTable(
  'items',
  { ...CATALOG, comment: 'parts, consumables and services' },
  {
    sku: text({ index: true, comment: 'own reference' }),
    name_es: text({ index: true }),
    name_en: text(),
    description: text(),
    kind: choice('kind', ['part', 'consumable', 'service', 'kit']),
    category_id: optional(reference('categories')),
    brand: text(),
    oem_ref: text({ comment: "the maker's reference" }),
    unit: text({ default: 'ud', comment: 'ud, l, m, h' }),
    qty_decimals: integer({ check: 'qty_decimals between 0 and 3', comment: 'decimals a user may type' }),
    price_minor: money({ onConflict: 'manual', comment: 'net price of one unit, minor units' }),
    tax_rate_id: optional(reference('tax_rates')),
    last_cost_minor: money({ onConflict: 'manual', comment: 'last cost of one unit, minor units' }),
    min_milli: quantity({ comment: 'alert below it, thousandths' }),
    max_milli: quantity({ comment: 'order up to it, thousandths' }),
    reorder_milli: quantity({ comment: 'alert ends at it, thousandths [TALLER-4]' }),
    supplier_id: optional(reference('suppliers')),
    location_id: optional(reference('stock_locations')),
    bin: text({ comment: 'shelf place, e.g. `B-12`' }),
    tracked: boolean({ default: 1, comment: '0: no stock is kept' }),
    core_charge_minor: money({ comment: 'deposit for the returned old part, minor units' }),
    warranty_days: integer(),
    image_sha: text({ comment: 'SHA-256 of its photo; empty: none' }),
    active: boolean({ default: 1 }),
  },
);

export const item_barcodes = defineTable(
  'item_barcodes',
  { ...CATALOG, comment: 'barcodes of an item' },
  {
    item_id: reference('items'),
    code: text({ index: true }),
    pack_milli: quantity({ default: 1000, comment: 'units in the pack with this code, thousandths' }),
  },
);

export const price_lists = defineTable(
  'price_lists',
  { ...CATALOG, comment: 'price lists [TALLER-6]' },
  {
    name: text(),
    currency: text({ default: 'EUR', comment: 'ISO 4217' }),
    includes_tax: boolean(),
    base: choice('base', ['price', 'cost'], { comment: 'what adjust_bp is applied to' }),
    adjust_bp: integer({ comment: 'hundredths of a percent added to the base; negative: discount' }),
    rounding_minor: money({ comment: 'rounds to this many minor units; 0 or 1: not' }),
    active: boolean({ default: 1 }),
  },
);

export const price_list_items = defineTable(
  'price_list_items',
  { ...CATALOG, comment: 'fixed prices within a list [TALLER-6]' },
  {
    price_list_id: reference('price_lists'),
    item_id: reference('items'),
    price_minor: money({ onConflict: 'manual', comment: 'price of one unit, minor units' }),
    min_qty_milli: quantity({ comment: 'from this quantity on, thousandths' }),
    valid_from: optional(timestamp()),
    valid_to: optional(timestamp()),
  },
);

/** A job that is sold ready made, e.g. "Cambio de aceite y filtro". */
export const canned_jobs = defineTable(
  'canned_jobs',
  { ...CATALOG, comment: 'ready-made jobs' },
  {
    code: text({ index: true }),
    name_es: text(),
    name_en: text(),
    category_id: optional(reference('categories')),
    lump_price_minor: optional(
      money({ comment: 'fixed price, minor units; null: sum of its lines [TALLER-5]' }),
    ),
    est_minutes: integer({ comment: 'planned work, minutes' }),
    fits_json: json({ comment: 'vehicles it fits, e.g. {"fuel": ["diesel"]}; {} fits all' }),
    active: boolean({ default: 1 }),
  },
);

export const canned_job_lines = defineTable(
  'canned_job_lines',
  { ...CATALOG, comment: 'lines of a ready-made job' },
  {
    canned_job_id: reference('canned_jobs'),
    kind: choice('kind', ['part', 'labour', 'fee', 'sublet', 'discount', 'text']),
    item_id: optional(reference('items')),
    description: text(),
    qty_milli: quantity({ default: 1000 }),
    unit_price_minor: optional(money({ comment: 'minor units; null: the price rules decide [TALLER-6]' })),
    minutes: integer({ comment: 'labour, minutes' }),
    placeholder: boolean({ comment: '1: the part is chosen when the job is used' }),
    sort: integer(),
  },
);

export const inspection_templates = defineTable(
  'inspection_templates',
  { ...CATALOG, comment: 'inspections, as they are started from' },
  {
    name_es: text(),
    name_en: text(),
    version: integer({ default: 1, comment: 'counts up with every change of its items' }),
    active: boolean({ default: 1 }),
  },
);

export const inspection_template_items = defineTable(
  'inspection_template_items',
  { ...CATALOG, comment: 'points of an inspection template' },
  {
    template_id: reference('inspection_templates'),
    section: text({ comment: 'heading it stands under' }),
    section_en: text({ comment: 'heading in English; empty: that of section' }),
    label_es: text(),
    label_en: text(),
    kind: choice('kind', ['status', 'measure', 'yesno', 'text']),
    unit: text({ comment: 'mm, bar, %, V' }),
    warn_below: optional(quantity({ comment: 'a measure below it needs attention, thousandths' })),
    fail_below: optional(quantity({ comment: 'a measure below it is urgent, thousandths' })),
    photo_required: boolean(),
    canned_job_id: optional(reference('canned_jobs', { comment: 'job offered when it fails' })),
    sort: integer(),
  },
);

export type Category = Row<typeof categories>;
export type TaxRate = Row<typeof tax_rates>;
export type LabourRate = Row<typeof labour_rates>;
export type Supplier = Row<typeof suppliers>;
export type StockLocation = Row<typeof stock_locations>;
export type Item = Row<typeof items>;
export type ItemBarcode = Row<typeof item_barcodes>;
export type PriceList = Row<typeof price_lists>;
export type PriceListItem = Row<typeof price_list_items>;
export type CannedJob = Row<typeof canned_jobs>;
export type CannedJobLine = Row<typeof canned_job_lines>;
export type InspectionTemplate = Row<typeof inspection_templates>;
export type InspectionTemplateItem = Row<typeof inspection_template_items>;

export const catalogTables = [
  categories,
  tax_rates,
  labour_rates,
  suppliers,
  stock_locations,
  items,
  item_barcodes,
  price_lists,
  price_list_items,
  canned_jobs,
  canned_job_lines,
  inspection_templates,
  inspection_template_items,
] as const;
