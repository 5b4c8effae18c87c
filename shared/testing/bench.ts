/**
 * Benches: a figure with its name, unit and budget. `npm run bench` runs every `*.bench.ts` and reads their lines:
 *
 *   bench  open from image, 20 000 rows           41.2 ms   ≤ 150 ms   ok     median of 15, p95 48.0
 *
 * A figure outside its budget is printed as `OVER` and makes the bench fail. Budgets are the only place where
 * speed is asserted: tests never measure time.
 */
export type Budget = { readonly atMost: number } | { readonly atLeast: number } | { readonly none: true };

export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `ms`, `rows/s`, `MB`, `bytes/edit` … */
  readonly unit: string;
  readonly budget: Budget;
  /** How it was measured, for the end of the line: `p99 of 1 000`. */
  readonly note?: string;
}

/** Starts every line that .tools/bench.ts counts. */
export const BENCH_LINE = 'bench  ';

/** Prints one figure, and returns whether it is within its budget. */
export function report(figure: Figure, print: (line: string) => void = (line) => console.log(line)): boolean {
  const { name, value, unit, budget, note = '' } = figure;
  const isWithin =
    'none' in budget || ('atMost' in budget ? value <= budget.atMost : value >= budget.atLeast);
  const limit =
    'none' in budget
      ? 'no budget'
      : 'atMost' in budget
        ? `≤ ${grouped(budget.atMost)} ${unit}`
        : `≥ ${grouped(budget.atLeast)} ${unit}`;
  print(
    `${BENCH_LINE}${name.padEnd(64)} ${`${grouped(value)} ${unit}`.padStart(18)}  ${limit.padEnd(18)} ${isWithin ? 'ok  ' : 'OVER'}  ${note}`.trimEnd(),
  );
  return isWithin;
}

export interface TimedBench<State> {
  readonly name: string;
  /** Before each run, not timed. */
  readonly setup: () => State | Promise<State>;
  readonly run: (state: State) => unknown;
  /** Throws when what `run` gave is wrong: a bench that computes nothing is fast. */
  readonly check: (result: unknown, state: State) => void | Promise<void>;
  readonly teardown?: (state: State) => void | Promise<void>;
  /** Timed runs; two more come first, untimed, so that the code is compiled. */
  readonly runs?: number;
  readonly budgetMs: number;
}

/** Times `run` several times and reports the median in ms. */
export async function bench<State>(options: TimedBench<State>): Promise<boolean> {
  const runs = options.runs ?? 10;
  const times: number[] = [];
  for (let index = -2; index < runs; index++) {
    const state = await options.setup();
    const startedAtMs = performance.now();
    const result = await options.run(state);
    const tookMs = performance.now() - startedAtMs;
    await options.check(result, state);
    await options.teardown?.(state);
    if (index >= 0) times.push(tookMs);
  }
  return report({
    name: options.name,
    value: percentile(times, 50),
    unit: 'ms',
    budget: { atMost: options.budgetMs },
    note: `median of ${runs}, p95 ${percentile(times, 95).toFixed(1)}`,
  });
}

/** The nearest-rank percentile of a list that need not be sorted. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank - 1, 0)] ?? Number.NaN;
}

/** 1234567.8 -> '1 234 568'; 4.236 -> '4.24'. */
function grouped(value: number): string {
  const text = Math.abs(value) >= 1_000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return text.replace(/\B(?=(\d{3})+$)/g, ' ');
}
