/** The files of the project: everything in its folders, less what was installed, built or written by running it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.ts';

const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.data']);

/** Paths from the root with `/`, sorted, e.g. `shared/base/hlc.ts`. */
export function projectFiles(folder = ''): string[] {
  const files: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name)) continue;
    if (entry.isDirectory()) files.push(...projectFiles(path));
    else files.push(path);
  }
  return files.sort();
}
