/**
 * Runs uvu test files in this process and tells the parent (test.ts) about each step over IPC, so that a hung or
 * crashed test can be named. uvu's own command line knows neither: it has no timeouts, takes a file that forgets
 * `test.run()` or whose `before` hook throws for passed, and loses all results when one file breaks.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export type ChildMessage =
  | { readonly type: 'file-started'; readonly file: string }
  | { readonly type: 'test-started'; readonly file: string; readonly test: string }
  | { readonly type: 'file-done'; readonly file: string; readonly result: FileResult };

export interface FileResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What uvu formatted, one text per suite that failed. */
  readonly errors: readonly string[];
  readonly ms: number;
}

/** What uvu's `test.run()` puts into its queue. */
type SuiteRun = () => Promise<
  readonly [errors: string | true, passed: number, skipped: number, total: number]
>;

const uvu = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: SuiteRun[][] };
uvu.UVU_DEFER = 1;
uvu.UVU_INDEX = 0;
uvu.UVU_QUEUE = [[]];

let file = '';
// uvu assigns `__test__` to each suite's state before it calls the test, and offers no other way to hear of it.
Object.defineProperty(Object.prototype, '__test__', {
  configurable: true,
  get: () => undefined,
  set: (test: string) => {
    if (test !== '') tell({ type: 'test-started', file, test });
  },
});

for (file of process.argv.slice(2)) {
  tell({ type: 'file-started', file });
  const result = await runFile();
  await tell({ type: 'file-done', file, result });
}
process.exit();

async function runFile(): Promise<FileResult> {
  const startedAtMs = performance.now();
  const errors: string[] = [];
  let [passed, failed, skipped] = [0, 0, 0];
  const queue: SuiteRun[] = [];
  uvu.UVU_QUEUE[0] = queue;
  try {
    await import(pathToFileURL(resolve(file)).href);
    if (queue.length === 0) throw new Error('no test ran: the file never calls test.run()');
  } catch (error) {
    failed++;
    errors.push(`    ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  for (const run of queue) {
    const [text, ok, skips, total] = await run();
    passed += ok;
    skipped += skips;
    failed += total - ok;
    if (typeof text === 'string') errors.push(text);
    else if (ok < total)
      errors.push(
        `    a hook threw, or a test something that is no Error; ${total - ok} tests have no result\n`,
      );
  }
  return { passed, failed, skipped, errors, ms: performance.now() - startedAtMs };
}

/** Resolves once the parent's pipe has it; a message that a crash overtakes would name the wrong test. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });
}
