/**
 * Every amount of a document, in one place [TALLER-8]: a line is rounded half up to the minor unit, the discount of
 * the document is shared out over its lines, tax is computed per rate on the sum of the nets. Integers only: money
 * in minor units, quantities in thousandths, rates in hundredths of a percent.
 */

const MILLI = 1000n;
const BP = 10_000n;

/**
 * `a × b / divisor` rounded half away from zero, exact for any safe integers: 0.5 cents is a cent, and the credit
 * note of a line is its mirror image.
 */
export function mulDivRound(a: number, b: number, divisor: number): number {
  return Number(divideRound(BigInt(a) * BigInt(b), BigInt(divisor)));
}

function divideRound(value: bigint, divisor: bigint): bigint {
  const negative = value < 0n !== divisor < 0n;
  const [top, bottom] = [value < 0n ? -value : value, divisor < 0n ? -divisor : divisor];
  const rounded = (2n * top + bottom) / (2n * bottom);
  return negative ? -rounded : rounded;
}

export interface PricedLine {
  readonly qty_milli: number;
  /** Net price of one unit. */
  readonly unit_price_minor: number;
  readonly discount_bp: number;
}

/** Net of a line after its own discount, rounded once: `qty × price × (1 - discount)`. */
export function lineNetMinor(line: PricedLine): number {
  const exact = BigInt(line.qty_milli) * BigInt(line.unit_price_minor) * (BP - BigInt(line.discount_bp));
  return Number(divideRound(exact, MILLI * BP));
}

/** Tax of a net amount at a rate. */
export function taxMinor(netMinor: number, rateBp: number): number {
  return mulDivRound(netMinor, rateBp, 10_000);
}

/** Net price of a gross one, when prices are kept with tax. */
export function netOfGrossMinor(grossMinor: number, rateBp: number): number {
  return mulDivRound(grossMinor, 10_000, 10_000 + rateBp);
}

/**
 * Shares an amount out in proportion to weights; the parts add up to it exactly. What rounding leaves goes to the
 * largest remainders first, then to the earlier part. Weights that add up to nothing share nothing but the first.
 */
export function allocate(amountMinor: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return [];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.map((_, index) => (index === 0 ? amountMinor : 0));
  const parts = weights.map((weight, index) => {
    const exact = BigInt(amountMinor) * BigInt(weight);
    const whole = floorDivide(exact, BigInt(total));
    return { index, part: Number(whole), remainder: exact - whole * BigInt(total) };
  });
  let left = amountMinor - parts.reduce((sum, { part }) => sum + part, 0);
  const byRemainder = [...parts].sort((a, b) =>
    a.remainder === b.remainder
      ? a.index - b.index
      : magnitude(b.remainder) > magnitude(a.remainder)
        ? 1
        : -1,
  );
  for (const entry of byRemainder) {
    if (left === 0) break;
    entry.part += 1;
    left -= 1;
  }
  return parts.map(({ part }) => part);
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor !== 0n && value < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

export interface DocumentLine extends PricedLine {
  readonly tax_rate_bp: number;
  /** Job it belongs to; lines of a job with a lump price are cost only [TALLER-5]. */
  readonly job_id?: string | null;
  /** `text` lines have no amount. */
  readonly kind?: string;
}

export interface LumpJob {
  readonly id: string;
  readonly lump_price_minor: number | null;
}

export interface DocumentDiscount {
  readonly discount_bp: number;
  readonly discount_minor: number;
}

export interface TaxOfRate {
  readonly rateBp: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

export interface DocumentTotals {
  /** Net of each line before the discount of the document, in the order given. */
  readonly lineNetsMinor: readonly number[];
  /** Sum of the line nets. */
  readonly subtotalMinor: number;
  readonly discountMinor: number;
  /** One per rate, highest rate first. */
  readonly taxes: readonly TaxOfRate[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

const NO_DISCOUNT: DocumentDiscount = { discount_bp: 0, discount_minor: 0 };

/**
 * Totals of an order, estimate or invoice. A job with a lump price sells for that price, shared over its lines for
 * tax [TALLER-5]; without lines it is taxed at `defaultTaxBp`. The discount never takes more than there is.
 */
export function documentTotals(
  lines: readonly DocumentLine[],
  options: {
    readonly discount?: DocumentDiscount;
    readonly jobs?: readonly LumpJob[];
    readonly defaultTaxBp?: number;
  } = {},
): DocumentTotals {
  const lineNetsMinor = lines.map((line) => (line.kind === 'text' ? 0 : lineNetMinor(line)));
  const nets = [...lineNetsMinor];
  const rates = lines.map((line) => line.tax_rate_bp);
  for (const job of options.jobs ?? []) {
    if (job.lump_price_minor === null) continue;
    const own = lines.flatMap((line, index) =>
      line.job_id === job.id && line.kind !== 'text' ? [index] : [],
    );
    if (own.length === 0) {
      lineNetsMinor.push(job.lump_price_minor);
      nets.push(job.lump_price_minor);
      rates.push(options.defaultTaxBp ?? 0);
      continue;
    }
    const shares = allocate(
      job.lump_price_minor,
      own.map((index) => Math.max(0, nets[index] ?? 0)),
    );
    for (const [place, index] of own.entries()) {
      nets[index] = shares[place] ?? 0;
      lineNetsMinor[index] = nets[index] ?? 0;
    }
  }
  const subtotalMinor = nets.reduce((sum, net) => sum + net, 0);
  const discountMinor = discountOf(subtotalMinor, options.discount ?? NO_DISCOUNT);
  const reductions = allocate(discountMinor, nets);
  const netByRate = new Map<number, number>();
  for (const [index, net] of nets.entries()) {
    const rate = rates[index] ?? 0;
    netByRate.set(rate, (netByRate.get(rate) ?? 0) + net - (reductions[index] ?? 0));
  }
  const taxes = [...netByRate]
    .map(([rateBp, netMinor]) => ({ rateBp, netMinor, taxMinor: taxMinor(netMinor, rateBp) }))
    .sort((a, b) => b.rateBp - a.rateBp);
  const netMinor = subtotalMinor - discountMinor;
  const tax = taxes.reduce((sum, rate) => sum + rate.taxMinor, 0);
  return {
    lineNetsMinor,
    subtotalMinor,
    discountMinor,
    taxes,
    netMinor,
    taxMinor: tax,
    totalMinor: netMinor + tax,
  };
}

function discountOf(subtotalMinor: number, discount: DocumentDiscount): number {
  const wanted = mulDivRound(subtotalMinor, discount.discount_bp, 10_000) + discount.discount_minor;
  return Math.max(0, Math.min(wanted, subtotalMinor));
}
