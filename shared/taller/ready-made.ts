/**
 * The lines of a ready-made job as they are when it is put into an order: parts at the price that the rules give
 * [TALLER-6], labour by the hour, the tax of each copied [TALLER-7].
 */
import type { LineInput, ReadyMadeJob } from './flows/order-flow.ts';
import { mulDivRound } from './money.ts';
import { type PriceQuestion, resolvePrice } from './prices.ts';
import type { CannedJob, CannedJobLine, Item } from './tables/catalog.ts';

/** A line of a ready-made job beside the item it names. */
export interface CannedLine
  extends Pick<
    CannedJobLine,
    'kind' | 'description' | 'qty_milli' | 'unit_price_minor' | 'minutes' | 'sort'
  > {
  readonly item:
    | (Pick<Item, 'id' | 'sku' | 'name_es' | 'unit' | 'price_minor' | 'last_cost_minor' | 'tax_rate_id'> & {
        readonly tax_rate_bp: number;
      })
    | undefined;
}

export interface PriceSources {
  /** What an hour of labour costs, and the tax of what has none of its own. */
  readonly hour: {
    readonly amount_minor_h: number;
    readonly tax_rate_id: string | null;
    readonly tax_rate_bp: number;
  };
  readonly list?: PriceQuestion['list'];
  readonly listItems?: PriceQuestion['listItems'];
  readonly atMs: number;
}

export function readyMadeJob(
  job: Pick<CannedJob, 'id' | 'name_es' | 'est_minutes' | 'lump_price_minor'>,
  lines: readonly CannedLine[],
  sources: PriceSources,
): ReadyMadeJob {
  return {
    title: job.name_es,
    canned_job_id: job.id,
    est_minutes: job.est_minutes,
    lump_price_minor: job.lump_price_minor,
    lines: [...lines].sort((a, b) => a.sort - b.sort).map((line) => lineOf(line, sources)),
  };
}

function lineOf(line: CannedLine, sources: PriceSources): LineInput {
  const { hour } = sources;
  const { item } = line;
  const common = { kind: line.kind, description: line.description, qty_milli: line.qty_milli };
  if (item === undefined) {
    const isLabour = line.kind === 'labour';
    // Labour that is planned in minutes is sold by the hour, whatever quantity stands beside it.
    const byTheHour = isLabour && line.minutes > 0;
    return {
      ...common,
      ...(byTheHour ? { qty_milli: mulDivRound(line.minutes, 1000, 60), billed_minutes: line.minutes } : {}),
      unit: isLabour ? 'h' : 'ud',
      unit_price_minor: line.unit_price_minor ?? (isLabour ? hour.amount_minor_h : 0),
      tax_rate_id: hour.tax_rate_id,
      tax_rate_bp: hour.tax_rate_bp,
    };
  }
  const { unitPriceMinor } = resolvePrice({
    item,
    qtyMilli: line.qty_milli,
    atMs: sources.atMs,
    taxRateBp: item.tax_rate_bp,
    ...(sources.list ? { list: sources.list } : {}),
    ...(sources.listItems ? { listItems: sources.listItems } : {}),
    ...(line.unit_price_minor === null ? {} : { manualMinor: line.unit_price_minor }),
  });
  return {
    ...common,
    description: line.description || item.name_es,
    item_id: item.id,
    sku: item.sku,
    unit: item.unit,
    unit_price_minor: unitPriceMinor,
    unit_cost_minor: item.last_cost_minor,
    tax_rate_id: item.tax_rate_id,
    tax_rate_bp: item.tax_rate_bp,
  };
}
