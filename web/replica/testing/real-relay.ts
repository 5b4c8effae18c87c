import { join } from 'node:path';
import type pg from 'pg';
import type { Relay, RelayParts } from '../../../relay/relay.ts';
import { TEST_PASSWORD, testApplication } from '../../../relay/testing/test-server.ts';
import { openWholeRelay } from '../../../relay/testing/whole-relay.ts';
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
    let accounts!: RelayParts['services']['accounts'];
    const { relay, database, folder, close } = await openWholeRelay({
      prepare: async ({ services }) => {
        accounts = services.accounts;
        for (const workspace of WORKSPACES)
          for (const name of ['writer', 'reader', 'admin'])
            await accounts.create({ workspace, name, role: name, password: TEST_PASSWORD });
      },
    });
    return new RealRelay(relay, database.pool, accounts, folder, close);
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
