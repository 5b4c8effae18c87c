/** Builds the bench's page and serves it, isolated from other origins so that the browser measures its memory. */
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Of the same origin, without the engine. */
export const EMPTY_PAGE = '/empty.html';

export async function serveBenchPage(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const outDir = join(tmpdir(), `espejo-bench-page-${process.pid}`);
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: false },
  });
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://bench').pathname;
    const file = join(outDir, path === '/' ? 'index.html' : path);
    const bytes = path === EMPTY_PAGE ? '' : await readFile(file).catch(() => undefined);
    response.writeHead(bytes === undefined ? 404 : 200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      // As the relay serves the app.
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
