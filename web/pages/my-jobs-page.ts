import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { minutesOf } from '../../shared/taller/clock.ts';
import { confirmJob, startClock, stopClock } from '../../shared/taller/flows/order-flow.ts';
import { renderLive } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface MyJob extends ResultRow {
  readonly id: string;
  readonly work_order_id: string;
  readonly title: string;
  readonly concern: string;
  readonly approval: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  /** Start of the entry that runs; null: none of mine does. */
  readonly running_since: number | null;
  readonly clocked_ms: number;
}

/** A technician's own jobs, the running one first, with one large button for the clock. No prices here. */
@customElement('my-jobs-page')
export class MyJobsPage extends TallerPage {
  #jobs = new LiveQuery<MyJob>(
    this,
    () => this.engine,
    () => {
      const me = this.session?.user;
      return me === undefined
        ? undefined
        : sql`
          select j.id, j.work_order_id, j.title, j.concern, j.approval, coalesce(v.plate, '') as plate,
            coalesce(v.plate_country, 'ES') as plate_country,
            trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
            (select min(t.started_at) from time_entries t where t.job_id = j.id and t.technician_id = ${me} and t.stopped_at is null) as running_since,
            coalesce((select sum(t.stopped_at - t.started_at) from time_entries t
              where t.job_id = j.id and t.technician_id = ${me} and t.stopped_at is not null), 0) as clocked_ms
          from wo_jobs j
          join work_orders o on o.id = j.work_order_id
          join wo_statuses s on s.key = o.status_key
          left join vehicles v on v.id = o.vehicle_id
          where coalesce(j.technician_id, o.technician_id) = ${me} and j.status <> 'done' and j.approval <> 'declined'
            and s.phase in ('open', 'waiting', 'work', 'quality')
          order by running_since is null, o.promised_at is null, o.promised_at, j.sort limit 100`;
    },
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 980px;
      }
      .jobs {
        display: grid;
        gap: var(--space-3);
      }
      article {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-3) var(--space-5);
      }
      article.running {
        border-color: var(--ink);
        box-shadow: inset 0 0 0 2px var(--ink);
      }
      .buttons {
        display: grid;
        gap: var(--space-2);
        min-inline-size: 13rem;
      }
      .clock {
        min-block-size: 64px;
        font-size: var(--text-l);
      }
      @media (max-width: 699px) {
        article {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    return html`
      <h1>${msg('Mis trabajos')}</h1>
      ${renderLive(this.#jobs, {
        empty: () => html`<state-note
          icon="wrench"
          heading=${msg('No tienes trabajos asignados')}
          text=${msg('Aparecen aquí en cuanto alguien te asigne una orden o un trabajo.')}
        ></state-note>`,
        rows: (rows) => html`<div class="jobs">
          ${repeat(
            rows,
            (job) => job.id,
            (job) => this.#renderJob(job),
          )}
        </div>`,
      })}
    `;
  }

  #renderJob(job: MyJob) {
    const running = job.running_since !== null;
    const runningMinutes = running
      ? minutesOf({ started_at: job.running_since ?? 0, stopped_at: null }, this.now)
      : 0;
    const minutes = Math.round(job.clocked_ms / 60_000) + runningMinutes;
    return html`<article class="panel ${running ? 'running' : ''}" data-job=${job.id} aria-label=${job.title}>
      <div class="stack">
        <div class="row">
          <number-plate value=${job.plate} country=${job.plate_country}></number-plate><span class="quiet">${job.vehicle}</span>
        </div>
        <h2><a href="/ordenes/${job.work_order_id}?pestana=trabajos">${job.title}</a></h2>
        ${job.approval === 'proposed' ? html`<span class="signal"><ui-icon name="hand"></ui-icon> ${msg('Falta aprobación')}</span>` : ''}
      </div>
      <div class="buttons">
        <button class="button clock ${running ? 'main' : ''}" @click=${() => this.#clock(job, running)}>
          <ui-icon name="clock"></ui-icon>${running ? msg('Parar el reloj') : msg('Empezar')}
          ${minutes > 0 ? html`<span class="figure">${msg(str`${minutes} min`)}</span>` : ''}
        </button>
        <button class="button" @click=${() => this.#done(job, running)}>
          <ui-icon name="check"></ui-icon>${msg('Hecho y comprobado')}
        </button>
      </div>
    </article>`;
  }

  #clock(job: MyJob, running: boolean): void {
    void this.write('time.clock', (actor) =>
      running
        ? stopClock(actor, actor.user)
        : startClock(actor, actor.user, { workOrderId: job.work_order_id, jobId: job.id }).statements,
    );
  }

  #done(job: MyJob, running: boolean): void {
    void this.write('job.done', (actor) => [
      ...(running ? stopClock(actor, actor.user) : []),
      ...confirmJob(actor, job.id),
    ]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'my-jobs-page': MyJobsPage;
  }
}
