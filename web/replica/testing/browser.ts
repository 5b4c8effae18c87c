/** A Chromium with the engine in it, served from this process: no build, no relay. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..', '..', '..');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];

export interface TestWindow {
  readonly context: BrowserContext;
  /** A tab with the engine client loaded and not yet opened. */
  tab(): Promise<Page>;
  close(): Promise<void>;
}

export interface TestBrowser extends TestWindow {
  readonly origin: string;
  /** What is stored in it ends with it. */
  privateWindow(): Promise<TestWindow>;
}

export async function openTestBrowser(): Promise<TestBrowser> {
  const executablePath = process.env.CHROMIUM;
  if (executablePath === undefined) throw new Error('CHROMIUM is not set; run through npm test');
  const server = await serve();
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const profile = await mkdtemp(join(tmpdir(), 'espejo-browser-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS });
  return {
    origin,
    context,
    tab: () => tabOf(context, origin),
    privateWindow: async () => {
      const browser = await chromium.launch({ executablePath, args: FLAGS });
      const unkept = await browser.newContext(); // what Playwright makes without a profile is off the record
      return { context: unkept, tab: () => tabOf(unkept, origin), close: () => browser.close() };
    },
    close: async () => {
      await context.close();
      server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

async function tabOf(context: BrowserContext, origin: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

async function serve(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: { worker: join(HERE, 'browser-worker.ts'), page: join(HERE, 'browser-page.ts') },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    outdir: '/',
    write: false,
    absWorkingDir: ROOT,
  });
  const files = new Map<string, readonly [type: string, body: Uint8Array]>();
  for (const { path, contents } of outputFiles)
    files.set(path.slice(path.lastIndexOf('/')), ['text/javascript', contents]);
  const wasm = await readFile(join(ROOT, 'node_modules/sql.js/dist/sql-wasm.wasm'));
  files.set('/sql-wasm.wasm', ['application/wasm', wasm]);
  files.set('/', [
    'text/html',
    Buffer.from('<!doctype html><title>shop</title><script src="/page.js"></script>'),
  ]);
  const server = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? '') ?? ['text/plain', Buffer.from('')];
    response.writeHead(files.has(request.url ?? '') ? 200 : 404, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}
