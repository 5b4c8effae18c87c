/** A small schema for the engine's own tests: one document of people, work by month, stock by month. */
import {
  defineSchema,
  defineTable,
  integer,
  optional,
  quantity,
  reference,
  sharedText,
  text,
} from '../../../shared/schema/table.ts';

export const shopSchema = defineSchema({
  version: 1,
  minVersion: 1,
  families: [
    { name: 'people', bucketed: false },
    { name: 'work', bucketed: true },
    { name: 'stock', bucketed: true },
  ],
  tables: [
    defineTable(
      'customers',
      { family: 'people' },
      { name: text(), phone: optional(text()), email: optional(text()) },
    ),
    defineTable(
      'orders',
      { family: 'work', bucket: 'id' },
      {
        customer_id: optional(reference('customers')),
        status: text({ default: 'open' }),
        priority: integer({ check: 'priority between 0 and 9' }),
        notes: sharedText(),
      },
    ),
    defineTable(
      'lines',
      { family: 'work', bucket: 'order_id' },
      { order_id: reference('orders'), title: text(), qty: quantity() },
    ),
    defineTable(
      'movements',
      { family: 'stock', bucket: 'id', class: 'append-only' },
      { item: text(), qty: quantity(), order_id: optional(text()) },
    ),
  ],
});
