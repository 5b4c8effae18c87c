/** Builds dist/ when a source is newer than the last build, so that `npm start` never serves yesterday's app. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES = ['web', 'shared', 'public', 'vite.config.ts', 'package-lock.json'];

/** Prints one line when it builds. Throws what Vite threw. */
export async function buildAppIfStale(root: string, dist: string): Promise<void> {
  const built = await stat(join(dist, 'index.html')).catch(() => undefined); // never built
  const newestMs = Math.max(...(await Promise.all(SOURCES.map((source) => newestMsOf(join(root, source))))));
  if (built && built.mtimeMs >= newestMs) return;
  process.stdout.write('  Building the app …\n');
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}

/** Tests do not end up in the app. */
async function newestMsOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 0;
  if (!found.isDirectory()) return /\.(test|bench|contract)\.ts$/.test(path) ? 0 : found.mtimeMs;
  const entries = await readdir(path);
  const times = await Promise.all(entries.map((entry) => newestMsOf(join(path, entry))));
  return Math.max(0, ...times);
}
