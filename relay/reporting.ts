/**
 * The part of a relay that writes the report and snapshots, as a parts list: in the process itself for role
 * `materializer`, in a thread of its own for role `all` (reporting-thread.ts).
 */
import type pg from 'pg';
import type { Application } from '../shared/schema/application.ts';
import { ApplicationRows } from './application-rows.ts';
import { PostgresFanout } from './fanout/postgres-fanout.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { Compactor, type CompactorLimits, type CompactorMetrics } from './materializer/compactor.ts';
import { Materializer, type MaterializerMetrics } from './materializer/materializer.ts';
import { NumberGiver } from './number-giver.ts';
import type { ObjectStore } from './objects/object-store.ts';
import type { Logger } from './observability/log.ts';
import { ReportAlarms, type ReportAlarmsMetrics } from './report-alarms.ts';

export interface ReportingOptions {
  readonly databaseUrl: string;
  readonly pool: pg.Pool;
  readonly objects: ObjectStore;
  readonly application: Application;
  /** Name on the fan-out; another than the relay's, so that appends of the same process wake it too. */
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics: ReportingMetrics;
  readonly snapshots: Partial<CompactorLimits>;
  readonly nowMs: () => number;
}

export type ReportingMetrics = MaterializerMetrics &
  CompactorMetrics &
  ReportAlarmsMetrics & {
    readonly listenerReconnects: { inc(): void };
    readonly objectErrors: { inc(labels: { readonly call: string }): void };
  };

/** Resolves once the tables of the report are there and work has begun. */
export async function openReporting(options: ReportingOptions): Promise<{ close(): Promise<void> }> {
  const { pool, objects, application, logger, metrics, nowMs } = options;
  const materializer = new Materializer({ pool, objects, application, logger, metrics, nowMs });
  const compactor = new Compactor({
    pool,
    objects,
    schema: application.schema,
    logger,
    metrics,
    limits: options.snapshots,
    nowMs,
  });
  const pointers = new PostgresFanout({
    connectionString: options.databaseUrl,
    pool,
    instance: options.instance,
    onReconnect: () => metrics.listenerReconnects.inc(),
  });
  const log = new PostgresLog({ pool, instance: `${options.instance}n` });
  const rows = new ApplicationRows({ pool, log, objects, application, logger, nowMs });
  const numbers = new NumberGiver({ pool, application, rows, logger });
  const alarms = new ReportAlarms({ pool, application, metrics, logger });
  const close = async () => {
    await Promise.all([pointers.close(), alarms.close(), numbers.close()]);
    await rows.close();
    await log.close();
    await Promise.all([compactor.close(), materializer.close()]);
  };
  try {
    await materializer.prepare();
    materializer.start();
    compactor.start();
    numbers.start();
    alarms.start();
    const wake = () => materializer.wake();
    await pointers.start({ onPointers: wake, onSuspect: wake, onMessage: () => {} });
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}
