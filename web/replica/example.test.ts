/** Runs the program that the README shows, word for word, against a relay in memory. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryRelay } from './testing/memory-relay.ts';

const test = suite('example');

test('the program in the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const [, program] = /```ts\n([\s\S]*?)```/.exec(readme)!;
  const [, printed] = /```text\n([\s\S]*?)```/.exec(readme)!;
  assert.ok(program!.split('\n').length <= 46, 'the example is to stay short');
  // Beside the sources, so that its imports are those of an app in `web/`.
  const folder = await mkdtemp(join(import.meta.dirname, '..', '.example-'));
  try {
    const file = join(folder, 'example.ts');
    await writeFile(file, program!);
    const { run } = await import(file);
    const lines: string[] = [];
    await run(new MemoryRelay().openSocket, (line: string) => lines.push(line));
    assert.is(`${lines.join('\n')}\n`, printed);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
