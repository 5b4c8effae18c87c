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
  close(): Promise<void>;
}

/** Of the test application, with every role and silent, unless told otherwise. */
export async function openWholeRelay(options: Partial<RelayOptions>): Promise<WholeRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'espejo-test-relay-'));
  const database = await openTestDatabase();
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
  return {
    relay,
    database,
    folder,
    close: async () => {
      await relay.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
