/** A bench's device: a Chromium of its own with a profile on disk, so that IndexedDB is what users have. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Grants } from '../../../shared/permissions/grants.ts';
import type { Session } from '../../client/engine-messages.ts';
import { CHROMIUM_FLAGS } from '../device.ts';
import { Line } from '../line.ts';
import type { BenchPage } from './bench-page.ts';
import { EMPTY_PAGE } from './bench-server.ts';
import { type Measured, memoryOf } from './memory.ts';

/** For memory.ts. */
const MEMORY_FLAGS = ['--remote-debugging-port=0'];

/** The page does as in a browser without SharedWorker. */
const DEDICATED = '/?dedicated';

export interface BenchWindow {
  readonly bench: BenchPage;
}

export interface SignIn {
  readonly workspace: string;
  readonly user: string;
  readonly token: string;
  readonly expiresAtMs: number;
  readonly grants: Grants;
}

export class Tablet {
  readonly line: Line;
  readonly #origin: string;
  readonly #profile: string;
  #context: BrowserContext;
  #page: Page;

  static async open(origin: string, relayPort: number): Promise<Tablet> {
    const profile = await mkdtemp(join(tmpdir(), 'espejo-tablet-'));
    const context = await launch(profile);
    const tablet = new Tablet(origin, profile, context, await Line.open(relayPort));
    await tablet.#load();
    return tablet;
  }

  private constructor(origin: string, profile: string, context: BrowserContext, line: Line) {
    this.#origin = origin;
    this.#profile = profile;
    this.#context = context;
    this.#page = context.pages()[0]!;
    this.line = line;
  }

  async signIn(signIn: SignIn): Promise<void> {
    const session: Session = { ...signIn, relayUrl: this.line.url, displayName: signIn.user, role: 'admin' };
    await this.#page.evaluate(
      (one) => (window as unknown as BenchWindow).bench.engine.openSession(one),
      session,
    );
    await this.run((bench) => bench.level());
  }

  /** Runs on the page. `work` is sent as text: it sees its arguments and nothing around it. */
  run<Argument, Result>(
    work: (bench: BenchPage, argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const call = `(${work.toString()})(window.bench, ${JSON.stringify(argument)})`;
    return this.#page.evaluate(call) as Promise<Result>;
  }

  /** Closes the app and opens it again while the browser runs: its worker ended with its last tab. */
  async reopen(): Promise<void> {
    await this.#page.goto(`${this.#origin}${EMPTY_PAGE}`);
    // A shared worker outlives its last tab for a moment.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await this.#load();
  }

  /** Ends the browser and starts it again with the same profile. */
  async restart(path = '/'): Promise<void> {
    await this.#context.close();
    this.#context = await launch(this.#profile);
    this.#page = this.#context.pages()[0]!;
    await this.#load(path);
  }

  /**
   * As where there is no SharedWorker: one tab leads, another waits, and the leading one is closed. Milliseconds from
   * then until the other has its first result.
   */
  async handOver(): Promise<number> {
    await this.restart(DEDICATED);
    const waiting = await this.#context.newPage();
    await waiting.goto(`${this.#origin}${DEDICATED}`);
    await waiting.waitForFunction(async () => ((await navigator.locks.query()).pending ?? []).length > 0);
    const startedAtMs = performance.now();
    await this.#page.close();
    await waiting.waitForFunction(() => 'bench' in window);
    const tookMs = performance.now() - startedAtMs;
    this.#page = waiting;
    return tookMs;
  }

  /** Of page and worker, as they are. */
  memory(): Promise<Measured> {
    return memoryOf(this.#profile, this.#origin);
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.line.close();
    await rm(this.#profile, { recursive: true, force: true });
  }

  async #load(path = '/'): Promise<void> {
    await this.#page.goto(`${this.#origin}${path}`);
    await this.#page.waitForFunction(() => 'bench' in window, undefined, { timeout: 60_000 });
  }
}

function launch(profile: string): Promise<BrowserContext> {
  const executablePath = process.env.CHROMIUM;
  if (executablePath === undefined) throw new Error('CHROMIUM is not set; run through npm run bench');
  return chromium.launchPersistentContext(profile, {
    executablePath,
    args: [...CHROMIUM_FLAGS, ...MEMORY_FLAGS],
  });
}
