/** Everything that is shown of the estimates of one order, live: both the adviser's page and the customer's read it. */
import type { ReactiveControllerHost } from 'lit';
import type { EstimatedJob } from '../../shared/taller/estimate-content.ts';
import type { VersionState } from '../../shared/taller/estimates.ts';
import { decideEstimate } from '../../shared/taller/flows/estimate-flow.ts';
import type { SignatureInput } from '../../shared/taller/flows/signature.ts';
import type { Actor, Statement } from '../../shared/taller/flows/statement.ts';
import { readSettings, type WorkshopSettings } from '../../shared/taller/settings.ts';
import type { Setting } from '../../shared/taller/tables/admin.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import { type DocumentSource, jobsOf } from './estimate-document.ts';
import {
  type ApprovalRow,
  approvalsQuery,
  type EstimateOrder,
  type EstimateSignature,
  estimateOrderQuery,
  jobsQuery,
  linesQuery,
  type OrderLine,
  type ProposedJob,
  type SentEstimate,
  type SentLine,
  sentLinesQuery,
  signaturesQuery,
  statesOf,
  stepWhenDecided,
  versionsQuery,
} from './estimates.ts';
import { locale } from './localisation.ts';
import { type Status, statusesQuery } from './statuses.ts';

/** Who answered and how; the jobs it is about come beside it. */
export interface AnswerGiven {
  readonly byName: string;
  readonly channel: Approval['channel'];
  readonly note?: string;
  readonly signature?: SignatureInput;
}

export class EstimateReads {
  readonly order: LiveQuery<EstimateOrder>;
  readonly jobs: LiveQuery<ProposedJob>;
  readonly lines: LiveQuery<OrderLine>;
  readonly versions: LiveQuery<SentEstimate>;
  readonly sentLines: LiveQuery<SentLine>;
  readonly approvals: LiveQuery<ApprovalRow>;
  readonly signatures: LiveQuery<EstimateSignature>;
  readonly statuses: LiveQuery<Status>;
  readonly #settings: LiveQuery<Setting & ResultRow>;

  constructor(
    host: ReactiveControllerHost,
    engine: () => EngineClient | undefined,
    orderId: () => string | undefined,
  ) {
    const of = <R extends ResultRow>(query: (id: string | undefined) => SqlQuery) =>
      new LiveQuery<R>(host, engine, () => query(orderId()));
    this.order = of(estimateOrderQuery);
    this.jobs = of(jobsQuery);
    this.lines = of(linesQuery);
    this.versions = of(versionsQuery);
    this.sentLines = of(sentLinesQuery);
    this.approvals = of(approvalsQuery);
    this.signatures = of(signaturesQuery);
    this.statuses = of(statusesQuery);
    this.#settings = of(() => sql`select * from settings`);
  }

  get isPending(): boolean {
    return [
      this.order,
      this.jobs,
      this.lines,
      this.versions,
      this.sentLines,
      this.approvals,
      this.#settings,
    ].some(({ state }) => state.name === 'pending');
  }

  get settings(): WorkshopSettings {
    return readSettings(this.#settings.rows);
  }

  states(nowMs: number): ReadonlyMap<string, VersionState> {
    return statesOf(this.versions.rows, this.sentLines.rows, this.approvals.rows, nowMs);
  }

  signatureOf(estimateId: string): EstimateSignature | undefined {
    return this.signatures.rows.findLast(({ entity_id }) => entity_id === estimateId);
  }

  /** What a version shows, in the language of the page. */
  sourceOf(order: EstimateOrder, estimate: SentEstimate): DocumentSource {
    const lines = this.sentLines.rows.filter(({ estimate_id }) => estimate_id === estimate.id);
    return { order, estimate, lines, settings: this.settings, locale: locale() };
  }

  /** The answer to jobs of a version, as one commit: approvals, jobs, findings, and the order that goes on. */
  answer(
    actor: Actor,
    source: DocumentSource,
    decisions: ReadonlyMap<string, Approval['decision']>,
    { byName, channel, note, signature }: AnswerGiven,
  ): readonly Statement[] {
    const { order, estimate } = source;
    const approved = [...decisions].flatMap(([id, decision]) => (decision === 'approved' ? [id] : []));
    const how = { by_name: byName, channel, ...(note === undefined ? {} : { note }) };
    const jobOf = (id: string) => this.jobs.rows.find((job) => job.id === id);
    const shown = jobsOf(source);
    // As it was shown; an option that was sent alone is still one of those that were sent before.
    const groupOf = ({ id, option_group }: Pick<EstimatedJob, 'id' | 'option_group'>): string => {
      const now = jobOf(id ?? '')?.option_group ?? '';
      const isAlone = shown.every((job) => job.id === id || jobOf(job.id ?? '')?.option_group !== now);
      return option_group || (isAlone ? now : '');
    };
    // What was taken of them gives way to what is taken now, and holds where nothing is.
    const heldBy = (job: Pick<EstimatedJob, 'id' | 'option_group'>) =>
      this.jobs.rows.find(
        (other) =>
          other.approval === 'approved' &&
          other.option_group !== '' &&
          other.option_group === groupOf(job) &&
          !shown.some(({ id }) => id === other.id),
      );
    const taken = shown.flatMap((job) => (approved.includes(job.id ?? '') ? groupOf(job) || [] : []));
    const replaced = this.jobs.rows.filter(
      (job) => job.approval === 'approved' && !decisions.has(job.id) && taken.includes(job.option_group),
    );
    return decideEstimate(
      actor,
      { id: estimate.id, work_order_id: order.id, vehicle_id: order.vehicle_id },
      [
        ...shown.flatMap((job) => {
          const { id, title, totals } = job;
          const decision = decisions.get(id ?? '');
          if (id === null || decision === undefined) return [];
          const finding_id = jobOf(id)?.finding_id ?? null;
          const said = { decision, amount_minor: totals.totalMinor, ...how };
          const held_by = heldBy(job);
          const option = { option_group: groupOf(job), ...(held_by ? { held_by } : {}) };
          return [{ id, title, finding_id, ...option, decision: said }];
        }),
        ...replaced.map(({ id, title, finding_id, option_group }) => {
          const amount_minor = this.approvals.rows.findLast((row) => row.entity_id === id)?.amount_minor ?? 0;
          const decision = { decision: 'declined' as const, amount_minor, ...how };
          return { id, title, finding_id, option_group, decision };
        }),
      ],
      {
        signature,
        move: stepWhenDecided(order, this.statuses.rows, this.lines.rows, new Set(approved)),
      },
    );
  }
}
