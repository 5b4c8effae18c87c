import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('the application in the README runs as it is printed there, and says what it says there', async () => {
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const [program] = blocksOf(readme, 'ts');
  const [output] = blocksOf(readme, 'text');
  const directory = await mkdtemp(join(tmpdir(), 'espejo-readme-'));
  try {
    // Elsewhere than the file it is printed in, so its relative imports need their base.
    const here = program!.replaceAll(
      /from '(\.[^']+)'/g,
      (_, path: string) => `from '${new URL(path, import.meta.url)}'`,
    );
    await writeFile(join(directory, 'application.mts'), here);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), 'application.mts'],
      { cwd: directory, timeout: 30_000 },
    );
    assert.is(stdout, output);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test.run();

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text!,
  );
}
