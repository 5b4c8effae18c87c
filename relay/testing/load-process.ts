/** Runs one load in a process of its own: `node --import tsx relay/testing/load-process.ts '<LoadOptions as JSON>'`. */
import { percentile } from '../../shared/testing/bench.ts';
import { type LoadOptions, runLoad } from './load.ts';

export interface LoadSummary {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly sent: number;
  readonly deliveries: number;
  readonly expectedDeliveries: number;
}

const options = JSON.parse(process.argv[2] ?? '') as LoadOptions;
const { latenciesMs, sent, deliveries, expectedDeliveries } = await runLoad(options);
const sorted = [...latenciesMs];
const summary: LoadSummary = {
  p50Ms: percentile(sorted, 50),
  p99Ms: percentile(sorted, 99),
  maxMs: percentile(sorted, 100),
  sent,
  deliveries,
  expectedDeliveries,
};
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exit(0);
