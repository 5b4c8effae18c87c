/** What an end-to-end test runs against: a database of its own, the real relay with the built app, a Chromium. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Browser } from 'playwright-core';
import { buildAppIfStale } from '../../relay/build-app.ts';
import { seedDemo } from '../../relay/demo.ts';
import { PostgresLog } from '../../relay/log/postgres-log.ts';
import { openTestDatabase } from '../../relay/testing/postgres.ts';
import { createAccount, PASSWORD } from './accounts.ts';
import { Device, type DeviceOptions, launchChromium } from './device.ts';
import { RelayProcess } from './relay-process.ts';

const ROOT = join(import.meta.dirname, '../..');
export const WORKSPACE = 'taller';

export interface StackOptions {
  /** Orders of the demo workshop that is there from the start. */
  readonly orders: number;
  /** Accounts: name and role. */
  readonly users: Readonly<Record<string, string>>;
  /** More flags for the browser. */
  readonly chromium?: readonly string[];
}

export class Stack {
  readonly relay: RelayProcess;
  readonly pool: pg.Pool;
  readonly browser: Browser;
  readonly #close: readonly (() => Promise<unknown>)[];

  /** Prints what went wrong as well: uvu swallows what a `before` hook throws. */
  static async open(options: StackOptions): Promise<Stack> {
    return Stack.#open(options).catch((error: unknown) => {
      console.error(error);
      throw error;
    });
  }

  static async #open({ orders, users, chromium = [] }: StackOptions): Promise<Stack> {
    await buildAppIfStale(ROOT, join(ROOT, 'dist'));
    const dataDir = await mkdtemp(join(tmpdir(), 'espejo-e2e-'));
    const database = await openTestDatabase();
    const log = new PostgresLog({ pool: database.pool, instance: 'e2e' });
    await seedDemo({ log, workspace: WORKSPACE, orders });
    await log.close();
    for (const [name, role] of Object.entries(users)) {
      await createAccount(database.pool, { workspace: WORKSPACE, name, role });
    }
    const relay = await RelayProcess.start({ databaseUrl: database.url, dataDir });
    const browser = await launchChromium(chromium);
    return new Stack(relay, database.pool, browser, [
      () => browser.close(),
      () => relay.kill(),
      () => database.close(),
      () => rm(dataDir, { recursive: true }),
    ]);
  }

  private constructor(
    relay: RelayProcess,
    pool: pg.Pool,
    browser: Browser,
    close: readonly (() => Promise<unknown>)[],
  ) {
    this.relay = relay;
    this.pool = pool;
    this.browser = browser;
    this.#close = close;
  }

  /** A device with `user` signed in, everything downloaded, and ready for a reload without network. */
  async device(user: string, options: Partial<DeviceOptions> = {}): Promise<Device> {
    const device = await Device.open(this.browser, user, { relayPort: this.relay.port, ...options });
    try {
      await device.signIn(WORKSPACE, user, PASSWORD);
      await device.settled();
      await device.offlineReady();
    } catch (error) {
      console.error(error, device.errors, await device.screenshot(`failed-sign-in-${user}`));
      throw error;
    }
    return device;
  }

  async close(): Promise<void> {
    for (const close of this.#close) await close();
  }
}
