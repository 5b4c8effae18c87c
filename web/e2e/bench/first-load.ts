/** The JavaScript that stands between an empty device and its dashboard, as the built files name each other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assert } from '../../../shared/base/assert.ts';

const ROOT = join(import.meta.dirname, '../../..');
const ASSETS = join(ROOT, 'dist/assets');

/** Page, sign-in, dashboard, English and worker, each with all that it imports before it runs; without sql.js. */
export function firstLoadBytes(): number {
  const files = new Set<string>();
  const document = readFileSync(join(ROOT, 'dist/index.html'), 'utf8');
  for (const [, name] of document.matchAll(/assets\/([\w.-]+\.js)/g)) addImports(files, name ?? '');
  for (const chunk of ['login-page', 'home-page', 'en', 'taller-worker', 'taller-engine'])
    addImports(files, fileOf(chunk));
  const bytes = [...files].map((name) => gzipSync(readFileSync(join(ASSETS, name))).length);
  const sqlJs = gzipSync(readFileSync(join(ROOT, 'node_modules/sql.js/dist/sql-wasm.js'))).length;
  return bytes.reduce((sum, size) => sum + size, 0) - sqlJs;
}

/** A file and what it imports before it runs. */
function addImports(files: Set<string>, name: string): void {
  if (files.has(name)) return;
  files.add(name);
  const text = readFileSync(join(ASSETS, name), 'utf8');
  for (const [, imported] of text.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g))
    addImports(files, imported ?? '');
}

/** `home-page` -> `home-page-C9d0YfQk.js` */
function fileOf(chunk: string): string {
  const found = readdirSync(ASSETS).filter((name) => name.startsWith(`${chunk}-`) && name.endsWith('.js'));
  assert(found.length === 1, `${found.length} chunks of ${chunk}`);
  return found[0] ?? '';
}
