/**
 * Which price a line starts with [TALLER-6]: typed by someone who may, else the customer's price list by quantity
 * and date, else that list's formula, else the item's own price. It is copied to the line with where it came from.
 */
import { mulDivRound, netOfGrossMinor } from './money.ts';
import type { Item, PriceList, PriceListItem } from './tables/catalog.ts';

export type PriceOrigin = 'manual' | 'list-item' | 'list-formula' | 'item';

export interface ResolvedPrice {
  /** Net price of one unit, minor units. */
  readonly unitPriceMinor: number;
  readonly origin: PriceOrigin;
}

export interface PriceQuestion {
  readonly item: Pick<Item, 'id' | 'price_minor' | 'last_cost_minor'>;
  readonly qtyMilli: number;
  readonly atMs: number;
  /** Rate of the item, for lists that include tax. */
  readonly taxRateBp: number;
  readonly list?: Pick<PriceList, 'id' | 'includes_tax' | 'base' | 'adjust_bp' | 'rounding_minor' | 'active'>;
  /** Rows of any list and item; only fitting ones are used. */
  readonly listItems?: readonly Pick<
    PriceListItem,
    'price_list_id' | 'item_id' | 'price_minor' | 'min_qty_milli' | 'valid_from' | 'valid_to'
  >[];
  /** Typed by the user; the caller has asked permission `price.override`. */
  readonly manualMinor?: number;
}

export function resolvePrice(question: PriceQuestion): ResolvedPrice {
  const { item, list, manualMinor } = question;
  if (manualMinor !== undefined) return { unitPriceMinor: manualMinor, origin: 'manual' };
  if (list !== undefined && list.active === 1) {
    const fixed = bestListItem(question, list.id);
    if (fixed !== undefined) {
      return { unitPriceMinor: toNet(fixed.price_minor, question, list), origin: 'list-item' };
    }
    const base = list.base === 'cost' ? item.last_cost_minor : item.price_minor;
    // Without a cost there is nothing to add a margin to.
    if (base > 0 && (list.base === 'cost' || list.adjust_bp !== 0)) {
      const adjusted = mulDivRound(base, 10_000 + list.adjust_bp, 10_000);
      const rounded = roundTo(adjusted, list.rounding_minor);
      return { unitPriceMinor: rounded, origin: 'list-formula' };
    }
  }
  return { unitPriceMinor: item.price_minor, origin: 'item' };
}

/** The fixed price with the highest quantity step that is reached; of several, the one valid last. */
function bestListItem(question: PriceQuestion, listId: string) {
  return (question.listItems ?? [])
    .filter(
      (row) =>
        row.price_list_id === listId &&
        row.item_id === question.item.id &&
        row.min_qty_milli <= question.qtyMilli &&
        (row.valid_from === null || row.valid_from <= question.atMs) &&
        (row.valid_to === null || question.atMs < row.valid_to),
    )
    .sort((a, b) => b.min_qty_milli - a.min_qty_milli || (b.valid_from ?? 0) - (a.valid_from ?? 0))[0];
}

function toNet(priceMinor: number, question: PriceQuestion, list: { readonly includes_tax: number }): number {
  return list.includes_tax === 1 ? netOfGrossMinor(priceMinor, question.taxRateBp) : priceMinor;
}

function roundTo(amountMinor: number, stepMinor: number): number {
  return stepMinor > 1 ? mulDivRound(amountMinor, 1, stepMinor) * stepMinor : amountMinor;
}
