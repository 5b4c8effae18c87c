/**
 * `npm start`: the whole product on a machine that has nothing but Node. Builds the app when its sources are newer
 * than dist/, starts a Postgres of its own unless DATABASE_URL names one, keeps objects in a folder unless
 * S3_BUCKET is set, fills workspace `demo`, serves. `npm run dev` is the same with Vite in place of dist/.
 */
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join, resolve } from 'node:path';
import { tallerApplication } from '../shared/taller/application.ts';
import { DEMO_ACCOUNTS } from '../shared/taller/demo/people-data.ts';
import { buildAppIfStale } from './build-app.ts';
import { readConfig } from './config.ts';
import { seedDemo } from './demo.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import type { Accounts } from './identity/accounts.ts';
import { createLogger } from './observability/log.ts';
import { endOnFailure, endOnSignal } from './process-end.ts';
import { openRelay } from './relay.ts';
import type { FrontMiddleware } from './server.ts';
import { ofAbsentBucket, ofFolder } from './wrong-settings.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const DEMO_WORKSPACE = 'demo';
/** Printed below for everybody to see; the rules for passwords do not apply to it. */
const DEMO_PASSWORD = 'demo';

await start().catch(endOnFailure);

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const isDevelopment = process.argv.includes('--dev');
  const logger = createLogger({ level: process.env.LOG_LEVEL === undefined ? 'warn' : config.logLevel });
  const dataDir = resolve(config.dataDir);
  await mkdir(dataDir, { recursive: true }).catch((error: unknown) => {
    throw ofFolder(error, dataDir);
  });
  if (!isDevelopment) await buildAppIfStale(ROOT, DIST);
  const postgres =
    config.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') })
      : undefined;
  const relay = await openRelay({
    config,
    application: tallerApplication,
    isReportingInThread: true,
    databaseUrl: config.databaseUrl ?? postgres!.url,
    role: 'all',
    logger,
    ...(isDevelopment ? { front: startVite } : { appDir: DIST }),
    prepare: async ({ pool, log, objects, services }) => {
      await createDemoAccounts(services.accounts);
      const photos = { pool, objects };
      await seedDemo({ log, workspace: DEMO_WORKSPACE, photos }).catch((error: unknown) => {
        throw ofAbsentBucket(error, config.s3);
      });
    },
  }).catch(async (error: unknown) => {
    await postgres?.stop();
    throw error;
  });
  endOnSignal(logger, async () => {
    await relay.close();
    await postgres?.stop();
  });
  process.stdout.write(
    [
      '',
      `  Espejo is serving Taller on http://localhost:${relay.port}`,
      `  Workspace ${DEMO_WORKSPACE}: ${DEMO_ACCOUNTS.map(({ name }) => name).join(', ')}; password ${DEMO_PASSWORD}`,
      `  API: http://localhost:${relay.port}/api/docs    Data: ${dataDir}`,
      '',
      '',
    ].join('\n'),
  );
}

/** Hot reload; everything that is not the relay's goes to Vite. */
async function startVite(server: Server): Promise<FrontMiddleware> {
  const { createServer } = await import('vite');
  const vite = await createServer({
    configFile: join(ROOT, 'vite.config.ts'),
    appType: 'spa',
    server: { middlewareMode: true, ws: { server } },
  });
  return (request, response, next) => vite.middlewares(request, response, next);
}

async function createDemoAccounts(accounts: Accounts): Promise<void> {
  const known = new Set((await accounts.list(DEMO_WORKSPACE)).map(({ name }) => name));
  for (const { name, displayName, role } of DEMO_ACCOUNTS) {
    if (known.has(name)) continue;
    const account = { workspace: DEMO_WORKSPACE, name, displayName, role, password: DEMO_PASSWORD };
    await accounts.create(account, { rules: 'none' });
  }
}
