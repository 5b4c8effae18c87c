/**
 * Reporting in a thread: reading a large document takes tenths of a second, which on the relay's own event loop every
 * keystroke of every document would wait for. `openReportingThread` is the relay's side; run as a worker, this file is
 * the other.
 *
 *   relay                          thread
 *     | -- workerData: config ------> |   opens its own pool and objects
 *     | <- ready, metric* ----------- |
 *     | -- close -------------------> |   finishes the batch in hand, exits
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import pg from 'pg';
import { tallerApplication } from '../shared/taller/application.ts';
import type { Config } from './config.ts';
import { CountedObjects } from './objects/counted-objects.ts';
import { openObjects } from './objects/open-objects.ts';
import { createLogger, type Logger } from './observability/log.ts';
import { openReporting, type ReportingMetrics } from './reporting.ts';

export interface ReportingThreadOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics: ReportingMetrics;
}

interface ThreadData {
  /** URLs of what BOOT imports. */
  readonly loader: string;
  readonly entry: string;
  readonly reporting: { readonly config: Config; readonly databaseUrl: string; readonly instance: string };
}

type FromThread =
  | { readonly type: 'ready' }
  | {
      readonly type: 'metric';
      readonly name: keyof ReportingMetrics;
      readonly call: 'inc' | 'set';
      readonly args: readonly unknown[];
    };

/** `--import tsx` does not reach threads, so that a thread which is TypeScript has to be begun by a line that is not. */
const BOOT = `
  const { loader, entry } = require('node:worker_threads').workerData;
  import(loader).then(({ register }) => { register(); return import(entry); });`;

/** One batch, the cursor listener, the compactor and its lock. */
const CONNECTIONS = 5;
/** A thread that ended by a mistake of ours begins again after this. */
const RESTART_MS = 2_000;

/** Resolves once it works. A thread that ends by itself is logged and begun again. */
export async function openReportingThread(
  options: ReportingThreadOptions,
): Promise<{ close(): Promise<void> }> {
  const { config, databaseUrl, instance, logger, metrics } = options;
  const data: ThreadData = {
    loader: import.meta.resolve('tsx/esm/api'),
    entry: import.meta.url,
    reporting: { config, databaseUrl, instance },
  };
  let isClosing = false;
  let restart: NodeJS.Timeout | undefined;
  let worker = begin();
  await new Promise<void>((resolve, reject) => {
    worker.on('message', ({ type }: FromThread) => type === 'ready' && resolve());
    worker.once('error', (error) => {
      isClosing = true; // whoever starts it decides what a failed start means
      reject(error);
    });
  });
  // Only the first start may end in an error that is thrown.
  worker.removeAllListeners('error');
  worker.on('error', noteError);
  return {
    async close() {
      isClosing = true;
      clearTimeout(restart);
      if (worker.threadId === -1) return;
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      worker.postMessage('close');
      await ended;
    },
  };

  function begin(): Worker {
    const begun = new Worker(BOOT, { eval: true, workerData: data });
    begun.on('message', (message: FromThread) => {
      if (message.type === 'metric') callMetric(metrics, message);
    });
    begun.on('error', (error) =>
      logger.error({ event: 'reporting', err: error }, 'reporting ended by an error'),
    );
    begun.on('exit', () => {
      if (isClosing) return;
      restart = setTimeout(() => {
        worker = begin();
      }, RESTART_MS);
    });
    return begun;
  }

  function noteError(error: Error): void {
    logger.error({ event: 'reporting', err: error }, 'reporting ended by an error');
  }
}

function callMetric(
  metrics: ReportingMetrics,
  { name, call, args }: Extract<FromThread, { type: 'metric' }>,
): void {
  (metrics[name] as unknown as Record<string, (...args: readonly unknown[]) => void>)[call]!(...args);
}

async function runThread({ config, databaseUrl, instance }: ThreadData['reporting']): Promise<void> {
  const port = parentPort!;
  const logger = createLogger({ level: config.logLevel });
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS,
    application_name: 'espejo reporting',
    connectionTimeoutMillis: 5_000,
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle Postgres connection was lost'));
  const metrics = metricsOver((message) => port.postMessage(message));
  const objects = new CountedObjects(await openObjects(config), metrics.objectErrors);
  const reporting = await openReporting({
    databaseUrl,
    pool,
    objects,
    application: tallerApplication,
    instance,
    logger,
    metrics,
    snapshots: config.snapshots,
    nowMs: Date.now,
  });
  port.on('message', async () => {
    await reporting.close();
    objects.close();
    await pool.end();
    port.close();
  });
  port.postMessage({ type: 'ready' } satisfies FromThread);
}

/** Figures are kept where `/metrics` is served. */
function metricsOver(post: (message: FromThread) => void): ReportingMetrics {
  return new Proxy({} as ReportingMetrics, {
    get: (_, name) => ({
      inc: (...args: unknown[]) =>
        post({ type: 'metric', name: name as keyof ReportingMetrics, call: 'inc', args }),
      set: (...args: unknown[]) =>
        post({ type: 'metric', name: name as keyof ReportingMetrics, call: 'set', args }),
    }),
  });
}

if (!isMainThread && (workerData as Partial<ThreadData> | null)?.reporting) {
  await runThread((workerData as ThreadData).reporting);
}
