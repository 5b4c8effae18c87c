/** Counts the rows of report views that are an alarm, such as stock below zero, for `espejo_report_alarms`. */
import type { Pool } from 'pg';
import type { Application } from '../shared/schema/application.ts';
import { quoted } from '../shared/schema/ddl-sqlite.ts';
import type { Logger } from './observability/log.ts';

export interface ReportAlarmsMetrics {
  readonly reportAlarms: { set(labels: { readonly view: string }, rows: number): void };
}

export interface ReportAlarmsDeps {
  readonly pool: Pool;
  readonly application: Pick<Application, 'reportViews'>;
  readonly metrics: ReportAlarmsMetrics;
  readonly logger: Logger;
}

/** Views are read whole: more often would be a load, less often late for whoever is woken by it. */
const LOOK_MS = 60_000;

export class ReportAlarms {
  readonly #deps: ReportAlarmsDeps;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(deps: ReportAlarmsDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.runOnce().catch((error: unknown) =>
        this.#deps.logger.warn({ err: error }, 'alarms of the report could not be counted; trying again'),
      );
    }, LOOK_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async runOnce(): Promise<void> {
    const { pool, application, metrics } = this.#deps;
    for (const { name, alarm } of application.reportViews) {
      if (alarm === undefined) continue;
      const { rows } = await pool.query<{ count: number }>(
        `select count(*)::int as count from report.${quoted(name)} where ${alarm}`,
      );
      metrics.reportAlarms.set({ view: name }, rows[0]!.count);
    }
  }
}
