/** Options of an estimate are made: a job is offered in another way, two jobs become alternatives, one is recommended. */
import { groupedOptions } from '../options.ts';
import type { WoJob, WoLine } from '../tables/orders.ts';
import { addReadyMadeJob, updateJob } from './order-flow.ts';
import type { Actor, Statement } from './statement.ts';

type OptionJob = Pick<
  WoJob,
  'id' | 'work_order_id' | 'title' | 'option_group' | 'lump_price_minor' | 'finding_id' | 'sort'
>;

/** A copy of a job with its lines, to be changed, as another option beside it. Without a group, both get its title. */
export function offerOption(
  actor: Actor,
  job: OptionJob,
  lines: readonly WoLine[],
  copy: { readonly title: string; readonly sort: number },
): Statement[] {
  const option_group = job.option_group || job.title;
  const { statements } = addReadyMadeJob(
    actor,
    job.work_order_id,
    {
      title: copy.title,
      lump_price_minor: job.lump_price_minor,
      lines: lines.map(copyOf),
    },
    { option_group, finding_id: job.finding_id, sort: copy.sort },
  );
  return [...(job.option_group === '' ? updateJob(job.id, { option_group }) : []), ...statements];
}

/** What is sold, as somebody typed it; nothing is ordered, taken from stock or worked on for it yet. */
function copyOf(line: WoLine) {
  const { kind, item_id, sku, description, qty_milli, unit, unit_price_minor, unit_cost_minor } = line;
  const { discount_bp, tax_rate_id, tax_rate_bp, billed_minutes, condition, customer_supplied } = line;
  return {
    ...{ kind, item_id, sku, description, qty_milli, unit, unit_price_minor, unit_cost_minor },
    ...{ discount_bp, tax_rate_id, tax_rate_bp, billed_minutes, condition, customer_supplied },
  };
}

/** A job becomes an option beside another, in the group of that one; what it left alone is an option no more. */
export function joinOptions(job: OptionJob, other: OptionJob, jobs: readonly OptionJob[]): Statement[] {
  const option_group = other.option_group || other.title;
  return [
    ...leaveOptions(job, jobs),
    ...(other.option_group === '' ? updateJob(other.id, { option_group }) : []),
    ...updateJob(job.id, { option_group }),
  ];
}

/** A job stands for itself again, and so does the last one that it leaves behind. */
export function leaveOptions(job: OptionJob, jobs: readonly OptionJob[]): Statement[] {
  if (job.option_group === '') return [];
  const others = jobs.filter(({ id, option_group }) => id !== job.id && option_group === job.option_group);
  return [job, ...(others.length === 1 ? others : [])].flatMap(({ id }) =>
    updateJob(id, { option_group: '' }),
  );
}

/** The option that is recommended is the first of its group. `jobs`: all of the order, in their order. */
export function recommendOption(job: OptionJob, jobs: readonly OptionJob[]): Statement[] {
  const ordered = groupedOptions(jobs).flatMap((group) =>
    group.some(({ id }) => id === job.id) ? [job, ...group.filter(({ id }) => id !== job.id)] : group,
  );
  return ordered.flatMap(({ id, sort }, index) =>
    sort === index + 1 ? [] : updateJob(id, { sort: index + 1 }),
  );
}

/** The name of a choice, as the customer reads it. An empty one changes nothing. */
export function renameOptions(options: readonly OptionJob[], name: string): Statement[] {
  const option_group = name.trim();
  return option_group === '' ? [] : options.flatMap(({ id }) => updateJob(id, { option_group }));
}
