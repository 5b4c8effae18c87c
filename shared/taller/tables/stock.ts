/** Family `stock`: the ledger of parts. Stock on hand is the sum of its movements; nobody writes a balance [TALLER-1]. */
import {
  defineTable,
  money,
  optional,
  quantity,
  type Row,
  reference,
  text,
  timestamp,
} from '../../schema/table.ts';
import { choice } from './columns.ts';

export const stock_movements = defineTable(
  'stock_movements',
  {
    family: 'stock',
    bucket: 'id',
    class: 'append-only',
    indexes: [
      ['item_id', 'at'],
      ['ref_type', 'ref_id'],
    ],
    comment: 'stock movements; stock on hand is their sum [TALLER-1]',
  },
  {
    at: timestamp({ comment: 'when it moved' }),
    item_id: reference('items'),
    location_id: optional(reference('stock_locations')),
    qty_milli: quantity({ check: 'qty_milli <> 0', comment: 'thousandths; in is positive, out negative' }),
    unit_cost_minor: money({ comment: 'cost of one unit, minor units' }),
    kind: choice('kind', [
      'initial',
      'purchase',
      'wo_issue',
      'wo_return',
      'sale',
      'sale_return',
      'adjust',
      'count',
      'transfer',
      'scrap',
      'reversal',
    ]),
    ref_type: text({ comment: 'table of the document it belongs to' }),
    ref_id: text({ comment: 'row of that table' }),
    ref_line_id: text({ index: true, comment: 'line of that document' }),
    reason_code: text(),
    note: text(),
    reversal_of: optional(reference('stock_movements')),
  },
);

export type StockMovement = Row<typeof stock_movements>;

export const stockTables = [stock_movements] as const;
