/**
 * What an estimate holds: the lines of the jobs that are proposed, as copies, and what they come to, as a whole and
 * for the jobs that a customer chooses of it [TALLER-8] [TALLER-17].
 */
import { allocate, type DocumentTotals, documentTotals } from './money.ts';
import type { EstimateLine, WoJob, WoLine, WorkOrder } from './tables/orders.ts';

/** A line as it is copied into an estimate; `total_minor` is its net, or its share of a lump price. */
export type CopiedLine = Pick<
  EstimateLine,
  | 'job_id'
  | 'job_title'
  | 'kind'
  | 'description'
  | 'qty_milli'
  | 'unit_price_minor'
  | 'discount_bp'
  | 'tax_rate_bp'
  | 'total_minor'
  | 'option_group'
>;

export interface EstimateContent {
  readonly lines: readonly CopiedLine[];
  readonly totals: DocumentTotals;
}

type ContentJob = Pick<WoJob, 'id' | 'title' | 'lump_price_minor'>;
type ContentLine = Pick<
  WoLine,
  'job_id' | 'kind' | 'description' | 'qty_milli' | 'unit_price_minor' | 'discount_bp' | 'tax_rate_bp'
>;

/** The content of an estimate over these jobs, in their order. Lines of other jobs are left out. */
export function estimateContent(
  jobs: readonly ContentJob[],
  lines: readonly ContentLine[],
  options: {
    readonly discount: Pick<WorkOrder, 'discount_bp' | 'discount_minor'>;
    readonly defaultTaxBp: number;
  },
): EstimateContent {
  const taken = jobs.flatMap((job) => {
    const own = lines.filter((line) => line.job_id === job.id);
    return own.length > 0 || job.lump_price_minor === null ? own : [lumpLine(job, options.defaultTaxBp)];
  });
  const totals = documentTotals(taken, { discount: options.discount, jobs });
  const titles = new Map(jobs.map(({ id, title }) => [id, title]));
  return {
    totals,
    lines: taken.map((line, index) => ({
      job_id: line.job_id,
      job_title: titles.get(line.job_id ?? '') ?? '',
      kind: line.kind,
      description: line.description,
      qty_milli: line.qty_milli,
      unit_price_minor: line.unit_price_minor,
      discount_bp: line.discount_bp,
      tax_rate_bp: line.tax_rate_bp,
      total_minor: totals.lineNetsMinor[index] ?? 0,
      option_group: '',
    })),
  };
}

/** What stands for a job that has a price and no lines. */
function lumpLine({ id, title, lump_price_minor }: ContentJob, taxRateBp: number): ContentLine {
  return {
    job_id: id,
    kind: 'labour',
    description: title,
    qty_milli: 1000,
    unit_price_minor: lump_price_minor ?? 0,
    discount_bp: 0,
    tax_rate_bp: taxRateBp,
  };
}

/** One job of an estimate, with what it comes to on its own. */
export interface EstimatedJob {
  /** wo_jobs.id; an estimate of an earlier build does not say it. */
  readonly id: string | null;
  readonly title: string;
  readonly lines: readonly CopiedLine[];
  /** Its share of the discount of the whole. */
  readonly discountMinor: number;
  readonly totals: DocumentTotals;
}

/** The jobs of an estimate in the order of its lines; `discountMinor` of the whole is shared out by their nets. */
export function estimatedJobs(lines: readonly CopiedLine[], discountMinor: number): readonly EstimatedJob[] {
  const linesByJob = new Map<string, CopiedLine[]>();
  for (const line of lines) {
    const key = line.job_id ?? line.job_title;
    linesByJob.set(key, [...(linesByJob.get(key) ?? []), line]);
  }
  const groups = [...linesByJob.values()];
  const nets = groups.map((group) => group.reduce((sum, { total_minor }) => sum + total_minor, 0));
  const discounts = allocate(discountMinor, nets);
  return groups.map((group, index) => ({
    id: group[0]?.job_id ?? null,
    title: group[0]?.job_title ?? '',
    lines: group,
    discountMinor: discounts[index] ?? 0,
    totals: totalsOfCopies(group, discounts[index] ?? 0),
  }));
}

/** What some of the jobs come to: all of them come to what the estimate says, to the cent. */
export function totalsOfJobs(jobs: readonly EstimatedJob[]): DocumentTotals {
  const discountMinor = jobs.reduce((sum, job) => sum + job.discountMinor, 0);
  return totalsOfCopies(
    jobs.flatMap(({ lines }) => lines),
    discountMinor,
  );
}

/** A copy's net is said already: quantity and price explain it, and do not where a lump price was shared out. */
function totalsOfCopies(lines: readonly CopiedLine[], discountMinor: number): DocumentTotals {
  return documentTotals(
    lines.map(({ total_minor, tax_rate_bp }) => ({
      qty_milli: 1000,
      unit_price_minor: total_minor,
      discount_bp: 0,
      tax_rate_bp,
    })),
    { discount: { discount_bp: 0, discount_minor: discountMinor } },
  );
}
