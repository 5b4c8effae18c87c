/** Stock on hand is counted, never written [TALLER-1]; what a device may take of it is policy [TALLER-3]. */

/** Columns: item_id, on_hand_milli. Items that never moved have no row. */
export const ON_HAND_SQL = `select item_id, sum(qty_milli) as on_hand_milli from stock_movements group by item_id`;

/**
 * Items whose stock is below zero, with the document that took the last of it: two tablets without a network may
 * both have sold it, and neither sale is lost. Columns: item_id, sku, name, on_hand_milli, ref_type, ref_id, at.
 */
export const NEGATIVE_STOCK_SQL = `select i.id as item_id, i.sku, i.name_es as name, s.on_hand_milli, m.ref_type, m.ref_id, m.at
from (${ON_HAND_SQL} having sum(qty_milli) < 0) s join items i on i.id = s.item_id
join stock_movements m on m.id = (select id from stock_movements where item_id = s.item_id and qty_milli < 0 order by at desc, id desc limit 1)
where i.tracked = 1`;

export type StockPolicy = 'block' | 'warn' | 'allow';

export type StockDecision =
  | { readonly allowed: true; readonly warns: boolean }
  | { readonly allowed: false; readonly because: 'not-in-stock' };

/** Whether a line may take that much of what this device knows to be there. Returns go in whatever the policy. */
export function decideStock(
  policy: StockPolicy,
  stock: { readonly onHandMilli: number; readonly takesMilli: number },
): StockDecision {
  const isShort = stock.takesMilli > 0 && stock.onHandMilli < stock.takesMilli;
  if (isShort && policy === 'block') return { allowed: false, because: 'not-in-stock' };
  return { allowed: true, warns: isShort && policy === 'warn' };
}
