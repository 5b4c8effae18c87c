/**
 * Options: jobs of an order with the same `option_group` are alternatives, "Frenos: original, económica, premium", of
 * which at most one is done. Jobs are given in their order; the first of a group is the one that is recommended.
 */
import type { WoJob } from './tables/orders.ts';

export interface Grouped {
  readonly option_group: string;
}

/** What stands for itself, alone; the options of a group together, where the first of them stands. */
export function groupedOptions<Job extends Grouped>(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const groups = new Map<string | Job, Job[]>();
  for (const job of jobs) {
    const key = job.option_group || job;
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  return [...groups.values()];
}

/** Lowest first: taken, waiting for an answer, declined. The same order as in `order_line_nets` (reports.ts). */
const RANKS: Readonly<Record<WoJob['approval'], number>> = {
  approved: 0,
  not_needed: 0,
  proposed: 1,
  declined: 2,
};

/**
 * The jobs that count in an order [OPT-1]: of each group one, the option that was taken, else the first that waits for
 * an answer. A group that was declined counts as one declined job.
 */
export function countedJobs<Job extends Grouped & Pick<WoJob, 'approval'>>(
  jobs: readonly Job[],
): readonly Job[] {
  return groupedOptions(jobs).flatMap((group) => {
    const least = Math.min(...group.map(({ approval }) => RANKS[approval]));
    return group.filter(({ approval }) => RANKS[approval] === least).slice(0, 1);
  });
}

/** Declined, because another option of its group was taken. */
export function isOtherOption(
  job: Grouped & { readonly approval: string },
  jobs: readonly (Grouped & { readonly approval: string })[],
): boolean {
  return (
    job.option_group !== '' &&
    job.approval === 'declined' &&
    jobs.some(
      ({ option_group, approval }) =>
        option_group === job.option_group && (approval === 'approved' || approval === 'not_needed'),
    )
  );
}
