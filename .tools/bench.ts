/**
 * Runs the benches one after the other: `npm run bench -- <part of a path> …`. Prints each figure with its budget,
 * and exits non-zero when one is over or a bench fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCH_LINE } from '../shared/testing/bench.ts';
import { findChromium } from './chromium.ts';
import { projectFiles } from './files.ts';
import { endOnSignals, NODE_TSX, run } from './run.ts';

const BENCH_TIMEOUT_MS = 20 * 60_000;

endOnSignals();
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const files = projectFiles().filter(
  (file) => file.endsWith('.bench.ts') && (words.length === 0 || words.some((word) => file.includes(word))),
);
const chromium = findChromium();
const dataDir = mkdtempSync(join(tmpdir(), 'espejo-npm-bench-'));
const { startEmbeddedPostgres } = await import('../relay/embedded-postgres.ts');
const postgres = process.env.TEST_DATABASE_URL
  ? { url: process.env.TEST_DATABASE_URL, stop: async () => {} }
  : await startEmbeddedPostgres({ dataDir });

let [within, over, broken] = [0, 0, 0];
for (const file of files) {
  process.stdout.write(`${file}\n`);
  const { code, output, timedOut } = await run([...NODE_TSX, '--expose-gc', file], {
    env: { TEST_DATABASE_URL: postgres.url, ...(chromium === undefined ? {} : { CHROMIUM: chromium }) },
    timeoutMs: BENCH_TIMEOUT_MS,
    onOutput: (text) => process.stdout.write(text),
  });
  const figures = output.split('\n').filter((line) => line.startsWith(BENCH_LINE));
  over += figures.filter((line) => line.includes(' OVER')).length;
  within += figures.filter((line) => !line.includes(' OVER')).length;
  if (code === 0 && figures.length > 0) continue;
  process.stdout.write(
    `FAIL ${file}: ${timedOut ? 'timed out' : code === 0 ? 'no figures' : 'ended with an error'}\n`,
  );
  broken++;
}
await postgres.stop();
rmSync(dataDir, { recursive: true, force: true });
process.stdout.write(`${within} within budget, ${over} over, ${broken} broken\n`);
process.exit(over + broken === 0 ? 0 : 1);
