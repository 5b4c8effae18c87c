/**
 * Broken rules that somebody looked at and left as they are, with a reason (`violation_reviews`). The engine lists and
 * counts them all the same; pages are told of what is still to be reviewed.
 */
import type { ReactiveControllerHost } from 'lit';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow, Status } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';

/** In `_violation`: this very entry was looked at. */
export const IS_REVIEWED = sql`exists (select 1 from violation_reviews w
  where w.row_id = _violation.row_id and w.kind = _violation.kind and w.table_name = _violation.table_name and w.rule = _violation.rule
    and w.device = _violation.device and w.hlc = _violation.hlc and w.key = coalesce(_violation.key, ''))`;

/** The status of the engine as pages get it. */
export class StatusForPages {
  #told: Status | undefined;
  #given: Status | undefined;
  readonly #reviewed: LiveQuery<ResultRow & { readonly reviewed: number }>;

  constructor(host: ReactiveControllerHost, engine: () => EngineClient | undefined) {
    this.#reviewed = new LiveQuery(host, engine, () =>
      this.#told !== undefined && this.#told.violations > 0
        ? sql`select count(*) as reviewed from _violation where ${IS_REVIEWED}`
        : undefined,
    );
  }

  /** Call in each update of the host. The same object while nothing changed: every element that shows it is drawn again. */
  of(told: Status | undefined): Status | undefined {
    const isSame = this.#told === told;
    this.#told = told;
    const violations = told && this.#toReview(told.violations);
    if (told === undefined || violations === undefined || violations === told.violations) this.#given = told;
    else if (!isSame || this.#given?.violations !== violations) this.#given = { ...told, violations };
    return this.#given;
  }

  /** Until it is known which were reviewed none is shown: a badge that comes a moment late is better than one that goes. */
  #toReview(violations: number): number {
    if (violations === 0) return 0;
    if (this.#reviewed.state.name === 'pending') return 0;
    return Math.max(0, violations - (this.#reviewed.first?.reviewed ?? 0));
  }
}
