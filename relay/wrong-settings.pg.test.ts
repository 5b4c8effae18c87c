import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, readConfig } from './config.ts';
import { createLogger } from './observability/log.ts';
import { openRelay } from './relay.ts';
import { errorOf } from './testing/error-of.ts';
import { openTestDatabase, type TestDatabase } from './testing/postgres.ts';
import { testApplication } from './testing/test-application.ts';

const test = suite('wrong-settings');

let database: TestDatabase;
let dataDir: string;
test.before(async () => {
  database = await openTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'espejo-test-settings-'));
});
test.after(async () => {
  await database.close();
  await rm(dataDir, { recursive: true, force: true });
});

test('a HOST that is no address of this machine ends the start with a message that names it', async () => {
  // Of the range kept for documentation: nobody's.
  const error = await startError(database.url, { HOST: '192.0.2.1' });

  assert.instance(error, ConfigError);
  assert.is(
    error.message,
    'HOST is "192.0.2.1", which is no address of this machine; 0.0.0.0 is all of them',
  );
});

test('a database that Postgres does not have ends the start at once, naming DATABASE_URL', async () => {
  const url = new URL(database.url);
  url.pathname = '/nonesuch';

  const error = await startError(url.href, {});

  assert.instance(error, ConfigError);
  assert.is(error.message, 'DATABASE_URL is refused by Postgres: database "nonesuch" does not exist');
});

test.run();

function startError(databaseUrl: string, environment: Readonly<Record<string, string>>): Promise<Error> {
  return errorOf(
    openRelay({
      config: readConfig({ PORT: '0', DATA_DIR: dataDir, ...environment }),
      application: testApplication,
      databaseUrl,
      role: 'relay',
      logger: createLogger({ level: 'silent' }),
    }),
  );
}
