/**
 * Gives numbers to rows of the report whose series counts on the server: one counter for devices that cannot share
 * one [NUM-1].
 *
 *   row without a number, in report ─► number_given, once ─► commit of the relay ─► report: no longer waiting
 *
 * The number is settled in Postgres before it is written into the row. Whatever fails after that, the row is still
 * waiting, and gets the same number the next time.
 */
import type { Pool } from 'pg';
import type { Application, Numbering, WaitingRow } from '../shared/schema/application.ts';
import type { ApplicationRows } from './application-rows.ts';
import type { Logger } from './observability/log.ts';
import { inTransaction } from './transaction.ts';

export interface NumberGiverDeps {
  readonly pool: Pool;
  readonly application: Pick<Application, 'numberings'>;
  readonly rows: Pick<ApplicationRows, 'write'>;
  readonly logger: Logger;
}

/** Nobody waits for such a number at the counter; the report itself is about as late. */
const LOOK_MS = 2_000;
/** Rows numbered at once: one commit per workspace. */
const ROWS_AT_ONCE = 200;
/** First key of the advisory lock of a workspace whose numbers are being given. */
const NUMBER_LOCK = 7_335_218;

export class NumberGiver {
  readonly #deps: NumberGiverDeps;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;

  constructor(deps: NumberGiverDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (!this.#deps.application.numberings?.length) return;
    this.#timer = setInterval(() => {
      if (this.#isLooking) return;
      this.#isLooking = true;
      this.#looking = this.runOnce()
        .then(() => undefined)
        .catch((error: unknown) =>
          this.#deps.logger.warn({ err: error }, 'numbers could not be given; trying again'),
        )
        .finally(() => {
          this.#isLooking = false;
        });
    }, LOOK_MS);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Answers how many rows were given their number. Throws what Postgres or the write threw. */
  async runOnce(): Promise<number> {
    let given = 0;
    for (const numbering of this.#deps.application.numberings ?? []) {
      const { rows } = await this.#deps.pool.query<WaitingRow>(
        `select * from (${numbering.waiting}) w limit ${ROWS_AT_ONCE}`,
      );
      for (const workspace of new Set(rows.map((row) => row.workspace))) {
        const waiting = rows.filter((row) => row.workspace === workspace);
        given += await this.#give(workspace, waiting, numbering);
      }
    }
    return given;
  }

  async #give(workspace: string, waiting: readonly WaitingRow[], numbering: Numbering): Promise<number> {
    const numbered = await inTransaction(this.#deps.pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [NUMBER_LOCK, workspace]);
      const done: { readonly row: WaitingRow; readonly number: number }[] = [];
      for (const row of waiting) {
        const { rows } = await client.query<{ number: string }>(
          `with last as (
             select coalesce(max(number), 0) as number from espejo.number_given where workspace = $1 and series = $2
           ), given as (
             insert into espejo.number_given (workspace, series, row_id, number)
             select $1, $2, $3, greatest(last.number + 1, $4::bigint) from last
              where $5::bigint is null or greatest(last.number + 1, $4::bigint) <= $5
             on conflict (workspace, series, row_id) do nothing returning number
           )
           select number from given
           union all
           select number from espejo.number_given where workspace = $1 and series = $2 and row_id = $3`,
          [workspace, row.series, row.row_id, row.first_number, row.last_number],
        );
        if (rows[0]) done.push({ row, number: Number(rows[0].number) });
        else this.#deps.logger.warn({ workspace, series: row.series }, 'the numbers of a series are used up');
      }
      return done;
    });
    const writes = numbered.map(({ row, number }) => numbering.write(row, number));
    if (writes.length > 0) await this.#deps.rows.write(workspace, writes);
    return numbered.length;
  }
}
