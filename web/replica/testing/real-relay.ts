/** The real relay on a Postgres of its own, with the notebook's accounts in two workspaces, for tests of replicas. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { readConfig } from '../../../relay/config.ts';
import { createLogger } from '../../../relay/observability/log.ts';
import { openRelay, type Relay, type RelayParts } from '../../../relay/relay.ts';
import { openTestDatabase } from '../../../relay/testing/postgres.ts';
import { TEST_PASSWORD, testApplication } from '../../../relay/testing/test-server.ts';
import { openHeadless } from '../headless.ts';
import type { Replica, ReplicaOptions } from '../replica.ts';

const WORKSPACES = ['one', 'two'] as const;

export class RealRelay {
  readonly relay: Relay;
  readonly pool: pg.Pool;
  readonly accounts: RelayParts['services']['accounts'];
  readonly #folder: string;
  readonly #close: () => Promise<void>;

  /** Serves sockets and writes the report. */
  static async open(): Promise<RealRelay> {
    const folder = await mkdtemp(join(tmpdir(), 'espejo-real-relay-'));
    const database = await openTestDatabase();
    let accounts!: RelayParts['services']['accounts'];
    const relay = await openRelay({
      config: readConfig({
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: folder,
        LIMIT_MAX_LOGINS_PER_MINUTE: '1000',
      }),
      application: testApplication,
      databaseUrl: database.url,
      role: 'all',
      logger: createLogger({ level: 'silent' }),
      prepare: async ({ services }) => {
        accounts = services.accounts;
        for (const workspace of WORKSPACES)
          for (const name of ['writer', 'reader', 'admin'])
            await accounts.create({ workspace, name, role: name, password: TEST_PASSWORD });
      },
    });
    return new RealRelay(relay, database.pool, accounts, folder, async () => {
      await relay.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    });
  }

  private constructor(
    relay: Relay,
    pool: pg.Pool,
    accounts: RelayParts['services']['accounts'],
    folder: string,
    close: () => Promise<void>,
  ) {
    this.relay = relay;
    this.pool = pool;
    this.accounts = accounts;
    this.#folder = folder;
    this.#close = close;
  }

  async token(user: string, workspace: string = WORKSPACES[0]): Promise<string> {
    const answer = await fetch(`${this.relay.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ workspace, user, password: TEST_PASSWORD }),
    });
    return ((await answer.json()) as { token: string }).token;
  }

  /** A replica in a folder of this name, which a second one of that name opens again once the first is closed. */
  async replica(
    name: string,
    user: string,
    { workspace = WORKSPACES[0], ...options }: Partial<ReplicaOptions> & { workspace?: string } = {},
  ): Promise<Replica> {
    const replica = await openHeadless({
      directory: join(this.#folder, name),
      schema: testApplication.schema,
      user,
      ...options,
    });
    await this.connect(replica, user, workspace);
    return replica;
  }

  /** Signs in again, with the role that the account has now. */
  async connect(replica: Replica, user: string, workspace: string = WORKSPACES[0]): Promise<void> {
    replica.connect({ url: this.relay.url, workspace, token: await this.token(user, workspace) });
  }

  close(): Promise<void> {
    return this.#close();
  }
}
