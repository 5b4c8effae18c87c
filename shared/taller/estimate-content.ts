/**
 * What an estimate holds: the lines of the jobs that are proposed, as copies, and what they come to, as a whole and
 * for the jobs that a customer chooses of it [TALLER-8] [TALLER-17]. Of options the first counts until one is chosen.
 */
import { allocate, type DocumentTotals, documentTotals, mulDivRound } from './money.ts';
import { groupedOptions } from './options.ts';
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
  /** With the first option of each group. */
  readonly totals: DocumentTotals;
}

type ContentJob = Pick<WoJob, 'id' | 'title' | 'lump_price_minor'> & Partial<Pick<WoJob, 'option_group'>>;
type ContentLine = Pick<
  WoLine,
  'job_id' | 'kind' | 'description' | 'qty_milli' | 'unit_price_minor' | 'discount_bp' | 'tax_rate_bp'
>;

/**
 * The content of an estimate over these jobs, in their order with options side by side. Lines of other jobs are left
 * out; an option whose group has no other here is no choice, and stands for itself.
 */
export function estimateContent(
  jobs: readonly ContentJob[],
  lines: readonly ContentLine[],
  options: {
    readonly discount: Pick<WorkOrder, 'discount_bp' | 'discount_minor'>;
    readonly defaultTaxBp: number;
  },
): EstimateContent {
  const groups = groupedOptions(jobs.map((job) => ({ ...job, option_group: job.option_group ?? '' })));
  const taken = groups.flat().flatMap((job) => {
    const own = lines.filter((line) => line.job_id === job.id);
    return own.length > 0 || job.lump_price_minor === null ? own : [lumpLine(job, options.defaultTaxBp)];
  });
  const nets = documentTotals(taken, { jobs }).lineNetsMinor;
  const counted = groups.flatMap((group) => group.slice(0, 1));
  const totals = documentTotals(
    taken.filter((line) => counted.some(({ id }) => id === line.job_id)),
    { discount: options.discount, jobs: counted },
  );
  const titles = new Map(jobs.map(({ id, title }) => [id, title]));
  const choices = new Map(
    groups.flatMap((group) => (group.length > 1 ? group.map((job) => [job.id, job.option_group]) : [])),
  );
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
      total_minor: nets[index] ?? 0,
      option_group: choices.get(line.job_id ?? '') ?? '',
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
  /** Empty: it is no option. */
  readonly option_group: string;
  /** It is in what the estimate comes to: no option, or the first of its group. */
  readonly isCounted: boolean;
  readonly lines: readonly CopiedLine[];
  /** Its share of the discount of the whole; another option has the part that its net would bring. */
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
  const jobs = [...linesByJob.values()].map((own) => ({
    id: own[0]?.job_id ?? null,
    title: own[0]?.job_title ?? '',
    option_group: own[0]?.option_group ?? '',
    lines: own,
    netMinor: own.reduce((sum, { total_minor }) => sum + total_minor, 0),
  }));
  const counted = groupedOptions(jobs).flatMap((group) => group.slice(0, 1));
  const subtotalMinor = counted.reduce((sum, { netMinor }) => sum + netMinor, 0);
  const shares = allocate(
    discountMinor,
    counted.map(({ netMinor }) => netMinor),
  );
  const shareOf = new Map(counted.map((job, index) => [job, shares[index] ?? 0]));
  return jobs.map((job) => {
    const { netMinor, ...rest } = job;
    const likewise = subtotalMinor === 0 ? 0 : mulDivRound(netMinor, discountMinor, subtotalMinor);
    const share = shareOf.get(job) ?? likewise;
    return {
      ...rest,
      isCounted: shareOf.has(job),
      discountMinor: share,
      totals: totalsOfCopies(job.lines, share),
    };
  });
}

/** The least and the most that the estimate can come to by the options that are chosen; undefined: there are none. */
export function rangeOfJobs(
  jobs: readonly EstimatedJob[],
): { readonly leastMinor: number; readonly mostMinor: number } | undefined {
  if (jobs.every(({ isCounted }) => isCounted)) return undefined;
  const sorted = groupedOptions(jobs).map((group) =>
    [...group].sort((a, b) => a.totals.totalMinor - b.totals.totalMinor),
  );
  return {
    leastMinor: totalsOfJobs(sorted.flatMap((group) => group.slice(0, 1))).totalMinor,
    mostMinor: totalsOfJobs(sorted.flatMap((group) => group.slice(-1))).totalMinor,
  };
}

/** What some of the jobs come to: all that count come to what the estimate says, to the cent. */
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
