/**
 * One relay process as a parts list: what main.ts and start.ts run. By role it serves clients, writes the report,
 * or both.
 */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Application } from '../shared/schema/application.ts';
import { sweepIdempotency } from './api/idempotency.ts';
import { ApplicationRows } from './application-rows.ts';
import { type Config, ConfigError } from './config.ts';
import { PostgresFanout } from './fanout/postgres-fanout.ts';
import { openIdentity } from './identity/identity-services.ts';
import { concerns } from './identity/revocations.ts';
import { Live } from './live.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { readSnapshot } from './materializer/snapshot-file.ts';
import { migrate } from './migrations/migrate.ts';
import { CountedObjects } from './objects/counted-objects.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { openObjects } from './objects/open-objects.ts';
import type { Logger } from './observability/log.ts';
import { Metrics } from './observability/metrics.ts';
import { openReporting } from './reporting.ts';
import { openReportingThread } from './reporting-thread.ts';
import { type FrontMiddleware, startServer } from './server.ts';
import { ofAbsentDatabase, ofDatabase } from './wrong-settings.ts';

export const ROLES = ['relay', 'materializer', 'all'] as const;
export type Role = (typeof ROLES)[number];

export interface RelayOptions {
  readonly config: Config;
  readonly application: Application;
  readonly databaseUrl: string;
  readonly role: Role;
  readonly logger: Logger;
  /** The report is written in a thread, which knows Taller only: for processes that serve sockets too. */
  readonly isReportingInThread?: boolean;
  /** Folder of the built application. */
  readonly appDir?: string;
  /** Development: who answers what is not ours. */
  readonly front?: (server: Server) => Promise<FrontMiddleware>;
  /** Runs once the parts stand and before anybody is served: the demo's accounts and rows. */
  readonly prepare?: (parts: RelayParts) => Promise<void>;
}

export interface RelayParts {
  readonly pool: pg.Pool;
  readonly log: PostgresLog;
  readonly objects: ObjectStore;
  readonly services: Awaited<ReturnType<typeof openIdentity>>;
}

export interface Relay {
  readonly url: string;
  readonly port: number;
  /** Tells sockets to come back, finishes what is in hand, leaves Postgres. Does nothing the second time. */
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** At a deployment Postgres and relay may come up together. */
const DATABASE_WAIT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5_000;

export async function openRelay(options: RelayOptions): Promise<Relay> {
  const opened = new Opened();
  try {
    return await openParts(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openParts(options: RelayOptions, opened: Opened): Promise<Relay> {
  const { config, application, databaseUrl, role, logger } = options;
  const nowMs = Date.now;
  const metrics = new Metrics();
  const pool = openPool(options);
  opened.add(() => pool.end());
  await waitForDatabase(pool, logger);
  await migrate(pool);
  const objects = new CountedObjects(await openObjects(config), metrics.objectErrors);
  opened.add(async () => objects.close());
  const instance = randomUUID().slice(0, 8);
  const log = new PostgresLog({ pool, instance });
  opened.add(() => log.close());
  await log.assertDurable();

  let live: Live | undefined;
  let rows: ApplicationRows | undefined;
  const services = await openIdentity({
    config,
    application,
    pool,
    databaseUrl,
    logger,
    nowMs,
    onRevoked: (revocation) => {
      const cut = live?.cut((seat) => concerns(revocation, seat), 'badToken') ?? 0;
      if (cut > 0) logger.info({ workspace: revocation.workspace, cut }, 'sockets cut by a revocation');
    },
    onAccountChanged: async (account, before, by) => rows?.account(account.workspace, account, before, by),
    onDeviceChanged: (workspace, device, before, by) => void rows?.device(workspace, device, before, by),
  });
  opened.add(() => services.revocations.close());
  await options.prepare?.({ pool, log, objects, services });
  // From here on: what the demo makes of its accounts is the demo's own.
  if (role !== 'materializer') {
    const rowsLog = new PostgresLog({ pool, instance: `${instance}r` });
    opened.add(() => rowsLog.close());
    const started = new ApplicationRows({ pool, log: rowsLog, objects, application, logger, nowMs });
    rows = started;
    opened.add(() => started.close());
    void started.catchUp();
  }

  if (role !== 'relay') {
    // Under a name of its own, so that appends of this very process wake it too.
    const reporting = { config, databaseUrl, instance: `${instance}m`, logger, metrics };
    const { close } = options.isReportingInThread
      ? await openReportingThread(reporting)
      : await openReporting({ ...reporting, snapshots: config.snapshots, pool, objects, application, nowMs });
    opened.add(close);
  }
  if (role !== 'materializer') {
    const started = new Live({
      log,
      fanout: openFanout(instance),
      identity: services.identity,
      snapshots: { read: (snapshot) => readSnapshot(objects, snapshot) },
      limits: config.limits,
      minSchema: application.schema.minVersion,
      nowMs,
      metrics,
      logger,
      allowedOrigins: originsOf(config),
      trustedProxies: config.trustedProxies,
    });
    live = started;
    opened.add(() => started.close());
    await started.start();
  }
  const server = await startServer({
    context: { config, application, pool, ...services, objects, metrics, logger, nowMs },
    ...(live === undefined ? {} : { live }),
    ...(options.appDir === undefined ? {} : { appDir: options.appDir }),
    ...(options.front === undefined ? {} : { front: options.front }),
  });
  opened.add(() => server.close());
  const sweeper = setInterval(() => {
    Promise.all([services.sweep(), sweepIdempotency({ pool }), rows?.catchUp()]).catch((error: unknown) =>
      logger.warn({ err: error }, 'what has run out could not be removed; trying again in an hour'),
    );
  }, HOUR_MS);
  sweeper.unref();
  opened.add(async () => clearInterval(sweeper));
  logger.info({ role, instance, port: server.port }, 'serving');
  return { url: server.url, port: server.port, close: () => opened.close() };

  function openFanout(name: string): PostgresFanout {
    const fanout = new PostgresFanout({
      connectionString: databaseUrl,
      pool,
      instance: name,
      onReconnect: () => metrics.listenerReconnects.inc(),
    });
    opened.add(() => fanout.close());
    return fanout;
  }
}

/** What has been opened, closed in reverse: whoever uses a part goes before it. */
class Opened {
  readonly #closers: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const close of this.#closers.reverse()) await close();
    })();
    return this.#closing;
  }
}

function openPool({ config, databaseUrl, role, logger }: RelayOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: config.databaseConnections,
    application_name: `espejo ${role}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle Postgres connection was lost'));
  return pool;
}

function originsOf({ allowedOrigins, publicUrl }: Config): string[] {
  return publicUrl === undefined ? [...allowedOrigins] : [...allowedOrigins, new URL(publicUrl).origin];
}

async function waitForDatabase(pool: pg.Pool, logger: Logger): Promise<void> {
  const deadlineMs = Date.now() + DATABASE_WAIT_MS;
  for (let wait = 250; ; wait = Math.min(wait * 2, 4_000)) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      const wrong = ofDatabase(error);
      if (wrong instanceof ConfigError) throw wrong;
      if (Date.now() + wait > deadlineMs) throw ofAbsentDatabase(error, DATABASE_WAIT_MS);
      logger.warn({ err: error }, 'Postgres does not answer yet; waiting');
      await sleep(wait);
    }
  }
}
