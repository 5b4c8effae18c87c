/** What benches of the replica run on: the page of the bench, a real relay and Postgres, and tablets that signed in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestDatabase, type TestDatabase } from '../../../relay/testing/postgres.ts';
import { tallerRoles } from '../../../shared/taller/roles.ts';
import { createAccount, signIn } from '../accounts.ts';
import { RelayProcess } from '../relay-process.ts';
import { serveBenchPage } from './bench-server.ts';
import { Tablet } from './tablet.ts';

type BenchPage = Awaited<ReturnType<typeof serveBenchPage>>;

export class BenchStack {
  readonly database: TestDatabase;
  readonly #page: BenchPage;
  readonly #relay: RelayProcess;
  readonly #dataDir: string;

  /** `role: 'relay'` where the report is not what is measured: it would take half of the machine. */
  static async open(options: { readonly role?: 'relay' } = {}): Promise<BenchStack> {
    const page = await serveBenchPage();
    const dataDir = await mkdtemp(join(tmpdir(), 'espejo-bench-'));
    const database = await openTestDatabase();
    const relay = await RelayProcess.start({
      databaseUrl: database.url,
      dataDir,
      ...options,
      env: { ALLOWED_ORIGINS: page.origin, LOG_LEVEL: 'error' },
    });
    return new BenchStack(page, database, relay, dataDir);
  }

  private constructor(page: BenchPage, database: TestDatabase, relay: RelayProcess, dataDir: string) {
    this.#page = page;
    this.database = database;
    this.#relay = relay;
    this.#dataDir = dataDir;
  }

  async tablet(user: string, workspace: string): Promise<Tablet> {
    await createAccount(this.database.pool, { workspace, name: user, role: 'admin' });
    const { token, expiresAtMs } = await signIn(this.#relay.url, workspace, user);
    const tablet = await Tablet.open(this.#page.origin, this.#relay.port);
    await tablet.signIn({ workspace, user, token, expiresAtMs, grants: tallerRoles.admin });
    return tablet;
  }

  async close(): Promise<void> {
    await this.#relay.kill();
    await this.database.close();
    await this.#page.close();
    await rm(this.#dataDir, { recursive: true });
  }
}
