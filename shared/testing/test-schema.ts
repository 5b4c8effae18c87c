/**
 * A small schema with everything the engine knows: a family of one document and families cut by month, every
 * kind of column, uniques of one and of two columns, checks, references, the three table classes and both
 * delete policies. No test of the engine needs the workshop's tables.
 */
import {
  boolean,
  defineSchema,
  defineTable,
  integer,
  json,
  money,
  optional,
  quantity,
  real,
  reference,
  sharedText,
  text,
  timestamp,
} from '../schema/table.ts';

export const customers = defineTable(
  'customers',
  { family: 'people', onDeleteConflict: 'edit-wins', comment: 'whom we bill' },
  {
    name: text({ index: true, comment: 'as on the invoice' }),
    email: optional(text({ unique: true })),
    vip: boolean(),
    points: integer({ check: 'points >= 0' }),
    remarks: sharedText(),
  },
);

export const items = defineTable(
  'items',
  { family: 'catalog', uniques: [['brand', 'code']], checks: ['price_minor >= cost_minor'] },
  {
    brand: optional(text()),
    code: optional(text()),
    price_minor: money({ onConflict: 'manual' }),
    cost_minor: money(),
    weight: optional(real()),
    extra: json(),
  },
);

export const orders = defineTable(
  'orders',
  { family: 'work', bucket: 'id', indexes: [['status', 'opened_at']] },
  {
    customer_id: optional(reference('customers')),
    status: text({ default: 'open' }),
    opened_at: optional(timestamp()),
    odometer: optional(integer()),
    notes: optional(sharedText()),
  },
);

export const orderLines = defineTable(
  'order_lines',
  { family: 'work', bucket: 'order_id' },
  {
    order_id: reference('orders'),
    item_id: optional(reference('items')),
    label: text(),
    qty_milli: quantity({ check: 'qty_milli <> 0', default: 1000 }),
  },
);

export const estimates = defineTable(
  'estimates',
  { family: 'work', bucket: 'order_id', class: 'sealed', sealedWhen: "status = 'signed'" },
  { order_id: reference('orders'), status: text({ default: 'draft' }), total_minor: money() },
);

export const movements = defineTable(
  'movements',
  { family: 'stock', bucket: 'id', class: 'append-only' },
  { item_id: optional(reference('items')), qty_milli: quantity(), reason: text() },
);

export const testSchema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [
    { name: 'people', bucketed: false },
    { name: 'catalog', bucketed: false },
    { name: 'work', bucketed: true },
    { name: 'stock', bucketed: true },
  ],
  tables: [customers, items, orders, orderLines, estimates, movements],
});
