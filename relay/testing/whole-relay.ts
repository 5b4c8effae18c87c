/** A whole relay for tests: HTTP, sockets and report, on a port, a database and a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { createLogger } from '../observability/log.ts';
import { openRelay, type Relay, type RelayOptions } from '../relay.ts';
import { openTestDatabase, type TestDatabase } from './postgres.ts';
import { testApplication } from './test-server.ts';

export interface WholeRelay {
  readonly relay: Relay;
  readonly database: TestDatabase;
  readonly folder: string;
  /** One more instance of the same options, on the same database and folder. */
  openAnother(): Promise<Relay>;
  /** Every instance, then database and folder. */
  close(): Promise<void>;
}

/** Of the test application, with every role and silent, unless told otherwise. */
export async function openWholeRelay(options: Partial<RelayOptions>): Promise<WholeRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'espejo-test-relay-'));
  const database = await openTestDatabase();
  const instances: Relay[] = [];
  const open = async () => {
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
      ...options,
    });
    instances.push(relay);
    return relay;
  };
  return {
    relay: await open(),
    database,
    folder,
    openAnother: open,
    close: async () => {
      await Promise.all(instances.map((instance) => instance.close()));
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
