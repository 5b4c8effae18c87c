/**
 * Runs the tests: `npm test`, `npm test -- <group or part of a path> …`, `npm run test:long`.
 *
 * A file's suffix is what it needs, and so its group. Each group is a process of its own (uvu-child.ts), at most
 * two at a time; groups that measure time or kill processes run alone. A test that hangs or brings its process
 * down is named, and the files behind it still run. The last line is `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallChromium } from './chromium.ts';
import { projectFiles } from './files.ts';
import { endOnSignals, NODE_TSX, run } from './run.ts';
import type { ChildMessage, FileResult } from './uvu-child.ts';

interface Group {
  readonly name: string;
  readonly suffix: RegExp;
  readonly needs: readonly ('postgres' | 'chromium')[];
  /** Longest time between two steps of a test process, so also the longest test. */
  readonly testTimeoutMs: number;
  readonly groupTimeoutMs: number;
  /** Processes that share its files. */
  readonly processes: number;
  /** Runs while no other group does. */
  readonly alone: boolean;
}

const MINUTE_MS = 60_000;
const GROUPS: readonly Group[] = [
  {
    name: 'unit',
    suffix: /(?<!\.(pg|s3|browser|kill|long))\.test\.ts$/,
    needs: [],
    testTimeoutMs: 4 * MINUTE_MS,
    groupTimeoutMs: 10 * MINUTE_MS,
    processes: 1,
    alone: false,
  },
  {
    name: 'pg',
    suffix: /\.pg\.test\.ts$/,
    needs: ['postgres'],
    testTimeoutMs: 4 * MINUTE_MS,
    groupTimeoutMs: 10 * MINUTE_MS,
    processes: 2,
    alone: false,
  },
  {
    name: 's3',
    suffix: /\.s3\.test\.ts$/,
    needs: ['postgres'],
    testTimeoutMs: MINUTE_MS,
    groupTimeoutMs: 5 * MINUTE_MS,
    processes: 1,
    alone: false,
  },
  {
    name: 'browser',
    suffix: /\.browser\.test\.ts$/,
    needs: ['postgres', 'chromium'],
    testTimeoutMs: 6 * MINUTE_MS,
    groupTimeoutMs: 20 * MINUTE_MS,
    processes: 1,
    alone: true,
  },
  {
    name: 'kill',
    suffix: /\.kill\.test\.ts$/,
    needs: ['postgres'],
    testTimeoutMs: 6 * MINUTE_MS,
    groupTimeoutMs: 10 * MINUTE_MS,
    processes: 1,
    alone: true,
  },
  {
    name: 'long',
    suffix: /\.long\.test\.ts$/,
    needs: ['postgres', 'chromium'],
    testTimeoutMs: 60 * MINUTE_MS,
    groupTimeoutMs: 180 * MINUTE_MS,
    processes: 1,
    alone: true,
  },
];

/** Files of one process that may hang or crash before the rest of its group is given up. */
const MAX_BROKEN_FILES = 8;

interface Counts {
  passed: number;
  failed: number;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<void> {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const isLong = process.argv.includes('--long');
  const chosen = chooseFiles(words, isLong);
  const counts: Counts = { passed: 0, failed: 0 };
  const env: Record<string, string> = isLong ? { SEEDS_FROM: String(Date.now() % 1_000_000_000) } : {};
  if (isLong) say(`seeds count from ${env.SEEDS_FROM}`);
  const close: (() => Promise<void>)[] = [];

  if (chosen.length === 0) {
    say(`no test file matches ${words.join(' ')}`);
    counts.failed++;
  }
  if (chosen.some(({ group }) => group.needs.includes('chromium'))) {
    const found = await findOrInstallChromium(say);
    if ('path' in found) env.CHROMIUM = found.path;
    else {
      say(found.missing);
      counts.failed++;
    }
  }
  if (chosen.some(({ group }) => group.needs.includes('postgres'))) {
    const server = await startPostgres();
    env.TEST_DATABASE_URL = server.url;
    close.push(server.close);
  }

  const runnable = chosen.filter(({ group }) => !group.needs.includes('chromium') || env.CHROMIUM);
  const together = runnable.filter(({ group }) => !group.alone);
  const next = async (): Promise<void> => {
    for (let item = together.shift(); item; item = together.shift()) await runGroup(item, env, counts);
  };
  try {
    await Promise.all([next(), next()]);
    for (const item of runnable) if (item.group.alone) await runGroup(item, env, counts);
  } finally {
    for (const end of close) await end();
  }
  say(`${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 ? 0 : 1);
}

function chooseFiles(words: readonly string[], isLong: boolean): { group: Group; files: string[] }[] {
  const all = projectFiles().filter((file) => !file.startsWith('.') || file.startsWith('.tools/'));
  return GROUPS.filter(({ name }) => (name === 'long') === isLong)
    .map((group) => ({
      group,
      files: all.filter(
        (file) =>
          group.suffix.test(file) &&
          (words.length === 0 || words.some((word) => word === group.name || file.includes(word))),
      ),
    }))
    .flatMap(({ group, files }) =>
      Array.from({ length: group.processes }, (_, part) => ({
        group,
        files: files.filter((_file, index) => index % group.processes === part),
      })),
    )
    .filter(({ files }) => files.length > 0);
}

async function runGroup(
  { group, files }: { group: Group; files: string[] },
  env: Readonly<Record<string, string>>,
  counts: Counts,
): Promise<void> {
  const startedAtMs = performance.now();
  const own: Counts = { passed: 0, failed: 0 };
  let waiting = files;
  let broken = 0;
  while (waiting.length > 0) {
    const doneFiles = new Set<string>();
    let at = { file: waiting[0] ?? '', test: '(while loading the file)' };
    const leftMs = group.groupTimeoutMs - (performance.now() - startedAtMs);
    const child = await run([...NODE_TSX, '.tools/uvu-child.ts', ...waiting], {
      env: { ...env, FORCE_COLOR: '0' },
      timeoutMs: Math.max(leftMs, 1),
      silenceMs: group.testTimeoutMs,
      onOutput: sayNotes,
      onMessage: (message) => {
        const step = message as ChildMessage;
        if (step.type === 'test-started') at = { file: step.file, test: step.test };
        if (step.type === 'file-started') at = { file: step.file, test: '(while loading the file)' };
        if (step.type !== 'file-done') return;
        doneFiles.add(step.file);
        own.passed += step.result.passed;
        own.failed += step.result.failed;
        printFile(step.file, step.result);
      },
    });
    if (own.failed > 0 && child.output.includes('Error')) say(lastLines(child.output, 40)); // uvu hides why a hook threw
    const left = waiting.filter((file) => !doneFiles.has(file));
    if (left.length === 0) break;

    const why = child.timedOut ? 'timed out' : `its process ended (${child.code ?? 'by a signal'})`;
    say(`\nFAIL ${at.file}\n    "${at.test}": ${why}\n${lastLines(child.output, 30)}`);
    own.failed++;
    broken++;
    waiting = left.filter((file) => file !== at.file);
    if (performance.now() - startedAtMs >= group.groupTimeoutMs || broken > MAX_BROKEN_FILES) {
      for (const file of waiting) say(`FAIL ${file}\n    not run: the group ${group.name} was given up`);
      own.failed += waiting.length;
      break;
    }
  }
  counts.passed += own.passed;
  counts.failed += own.failed;
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  say(`${group.name}: ${own.passed} passed, ${own.failed} failed, ${files.length} files, ${seconds} s`);
}

function printFile(file: string, { passed, failed, skipped, errors, ms }: FileResult): void {
  if (failed > 0) say(`\nFAIL ${file} (${passed} passed, ${failed} failed)\n${errors.join('\n')}`);
  if (skipped > 0) say(`${file}: ${skipped} tests skipped`);
  if (ms > 20_000) say(`${file}: ${(ms / 1000).toFixed(0)} s`);
}

/** What a test wants to be read although it passed, such as the seed of a round: lines that start with `» `. */
function sayNotes(output: string): void {
  for (const line of output.split('\n')) if (line.startsWith('» ')) say(line.slice(2));
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** One server for all groups; each test makes its own database in it. A server that is given is left as it is. */
async function startPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  if (process.env.TEST_DATABASE_URL) return { url: process.env.TEST_DATABASE_URL, close: async () => {} };
  const { startEmbeddedPostgres } = await import('../relay/embedded-postgres.ts');
  const dataDir = mkdtempSync(join(tmpdir(), 'espejo-npm-test-'));
  const server = await startEmbeddedPostgres({ dataDir, fsync: false, maxConnections: 200 });
  return {
    url: server.url,
    close: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

endOnSignals();
await main();
