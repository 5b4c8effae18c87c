/**
 * A tablet: a browser context of its own (storage, workers, service worker), on a network line of its own that can
 * be cut. Two devices of one test share nothing but the relay.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { ResultRow, Statement, Status, WriteOptions, WriteResult } from '../client/engine-messages.ts';
import type { EspejoGlobal } from './espejo-global.ts';
import { Line } from './line.ts';

/** Where screenshots go: kept after the run, to look at. */
export const SCREENSHOTS = join(tmpdir(), 'espejo-screenshots');
const STEP_TIMEOUT_MS = 30_000;

/** As root Chromium has no sandbox; the rest keeps it from calling home and from throttling a page in the back. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch(launchOptions(flags));
}

function launchOptions(flags: readonly string[] = []): { executablePath: string; args: string[] } {
  const executablePath = process.env.CHROMIUM;
  if (executablePath === undefined)
    throw new Error('CHROMIUM is not set; run through npm test or npm run bench');
  return { executablePath, args: [...CHROMIUM_FLAGS, ...flags] };
}

export interface DeviceOptions {
  readonly relayPort: number;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly colorScheme?: 'light' | 'dark';
  /** Folder of a profile of its own, for a browser that keeps its data and compiled scripts on disk, as users' do. */
  readonly profile?: string;
}

export class Device {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly line: Line;
  /** Errors of the page: uncaught ones, and what it wrote to the console as such while on line. */
  readonly errors: string[] = [];

  static async open(browser: Browser, name: string, options: DeviceOptions): Promise<Device> {
    const line = await Line.open(options.relayPort);
    const contextOptions = {
      baseURL: line.url,
      viewport: options.viewport ?? { width: 1024, height: 768 },
      hasTouch: true,
      locale: options.locale ?? 'es-ES',
      timezoneId: 'Europe/Madrid',
      ...(options.colorScheme ? { colorScheme: options.colorScheme } : {}),
    };
    const context = options.profile
      ? await chromium.launchPersistentContext(options.profile, { ...contextOptions, ...launchOptions() })
      : await browser.newContext(contextOptions);
    context.setDefaultTimeout(STEP_TIMEOUT_MS);
    const page = await context.newPage();
    return new Device(name, context, page, line);
  }

  private constructor(name: string, context: BrowserContext, page: Page, line: Line) {
    this.name = name;
    this.context = context;
    this.page = page;
    this.line = line;
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
  }

  /** Through the login page, as a person does. Resolves once the app is there and its service worker has it. */
  async signIn(workspace: string, user: string, password: string): Promise<void> {
    await this.page.goto('/');
    await this.page.getByRole('textbox', { name: /^(Taller|Workshop)$/ }).fill(workspace);
    await this.page.getByRole('textbox', { name: /^(Usuario|User)/ }).fill(user);
    await this.page.getByRole('textbox', { name: /^(Contraseña|Password)$/ }).fill(password);
    await this.page.getByRole('button', { name: /^(Entrar|Sign in)$/ }).click();
    await this.engineReady();
  }

  /** Resolves once `window.espejo` answers: the page is there and somebody is signed in. */
  async engineReady(): Promise<void> {
    await this.until('opening', async () => (await this.query('select 1').catch(() => [])).length > 0);
  }

  /** Resolves once the service worker has the whole app, so that a reload needs no network. */
  async offlineReady(): Promise<void> {
    await this.until('keeping the app', () =>
      this.page.evaluate(async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration?.active?.state === 'activated';
      }),
    );
  }

  /** Pulls the plug: nothing gets through, and the browser knows it. */
  async goOffline(): Promise<void> {
    await this.line.cut();
    await this.context.setOffline(true);
  }

  async goOnline(): Promise<void> {
    await this.line.mend();
    await this.context.setOffline(false);
  }

  query(sql: string, params: readonly (string | number | null)[] = []): Promise<readonly ResultRow[]> {
    return this.page.evaluate(
      ([text, values]) => (window as unknown as EspejoGlobal).espejo.query(text, values),
      [sql, params] as const,
    );
  }

  execute(sql: string, params: readonly (string | number | null)[] = []): Promise<WriteResult> {
    return this.page.evaluate(
      ([text, values]) => (window as unknown as EspejoGlobal).espejo.execute(text, values),
      [sql, params] as const,
    );
  }

  transaction(statements: readonly Statement[], options?: WriteOptions): Promise<WriteResult> {
    return this.page.evaluate(
      ([list, how]) => (window as unknown as EspejoGlobal).espejo.transaction(list, how),
      [statements, options] as const,
    );
  }

  status(): Promise<Status> {
    return this.page.evaluate(() => (window as unknown as EspejoGlobal).espejo.status());
  }

  /** Asks until the answer is as wished, and returns how long that took in ms. */
  async until(what: string, isSo: () => Promise<boolean>, timeoutMs = STEP_TIMEOUT_MS): Promise<number> {
    const startedAtMs = performance.now();
    for (;;) {
      if (await isSo()) return performance.now() - startedAtMs;
      if (performance.now() - startedAtMs > timeoutMs) {
        const status = JSON.stringify(await this.status().catch(String));
        throw new Error(`${this.name}: ${what} did not happen in ${timeoutMs} ms; status ${status}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Everything it made is stored by the relay, and it has everything the relay had. */
  async settled(): Promise<void> {
    await this.until('settling', async () => {
      const { connection, pending, level } = await this.status();
      return connection === 'connected' && level && pending === 0;
    });
  }

  /** A picture of the page; gives its path. */
  async screenshot(title: string): Promise<string> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const path = join(SCREENSHOTS, `${title}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.line.close();
  }
}
