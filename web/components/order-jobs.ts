import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { minutesOf } from '../../shared/taller/clock.ts';
import {
  addJob,
  confirmJob,
  type JobInput,
  startClock,
  stopClock,
  takeBackConfirmation,
  updateJob,
} from '../../shared/taller/flows/order-flow.ts';
import { isOtherOption } from '../../shared/taller/options.ts';
import { isLocked } from '../../shared/taller/status.ts';
import type { WoJob } from '../../shared/taller/tables/orders.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatMinutes } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { type OrderView, type Person, peopleQuery, personName } from '../app/order-view.ts';
import { fieldLabelStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './job-times.ts';
import './ui-icon.ts';

interface JobRow extends ResultRow {
  readonly id: string;
  readonly title: string;
  readonly concern: string;
  readonly cause: string;
  readonly correction: string;
  readonly approval: WoJob['approval'];
  readonly option_group: string;
  readonly status: WoJob['status'];
  readonly technician_id: string | null;
  readonly confirmed_by: string | null;
  readonly confirmed_at: number | null;
}

interface TimeRow extends ResultRow {
  readonly id: string;
  readonly job_id: string | null;
  readonly technician_id: string;
  readonly started_at: number;
  readonly stopped_at: number | null;
}

/** Work needs the customer's yes [TALLER-17]. */
const MAY_BE_WORKED_ON: ReadonlySet<string> = new Set(['approved', 'not_needed']);

/** The jobs of an order: concern, cause, correction and confirmation of each, with its clock. */
@customElement('order-jobs')
export class OrderJobs extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;

  #people = new LiveQuery<Person>(this, () => this.engine, peopleQuery);
  #jobs = new LiveQuery<JobRow>(
    this,
    () => this.engine,
    () => sql`
      select id, title, concern, cause, correction, approval, option_group, status, technician_id, confirmed_by, confirmed_at from wo_jobs
      where work_order_id = ${this.order?.id} order by sort, created_at, id`,
  );
  #times = new LiveQuery<TimeRow>(
    this,
    () => this.engine,
    () => sql`
      select id, job_id, technician_id, started_at, stopped_at from time_entries
      where work_order_id = ${this.order?.id} order by started_at`,
  );

  static override styles = [
    shared,
    fieldLabelStyle,
    selectStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
      }
      @media (min-width: 700px) {
        .head {
          align-items: end;
        }
        .head .state {
          min-block-size: var(--target);
        }
      }
      .title {
        flex: 1;
        min-inline-size: min(100%, 14rem);
      }
      .title cell-field {
        font-weight: 650;
        font-size: var(--text-l);
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-weight: 600;
      }
      .act {
        color: var(--signal-text);
      }
      .running {
        border-color: var(--ink);
        box-shadow: inset 0 0 0 2px var(--ink);
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return nothing;
    const locked = isLocked(order);
    return html`
      ${repeat(
        this.#jobs.rows,
        (job) => job.id,
        (job) => this.#renderJob(order, job, locked),
      )}
      ${
        this.#jobs.state.name === 'rows' && this.#jobs.rows.length === 0
          ? html`<p class="quiet">${msg('Todavía no hay trabajos en esta orden.')}</p>`
          : nothing
      }
      ${
        locked
          ? nothing
          : html`<cell-field
              label=${msg('Añadir un trabajo')}
              hint=${msg('Escríbelo y pulsa Intro.')}
              fresh
              @cell-changed=${(event: CellChangedEvent) => this.#add(order, event)}
            ></cell-field>`
      }
    `;
  }

  #renderJob(order: OrderView, job: JobRow, locked: boolean) {
    const times = this.#times.rows.filter((entry) => entry.job_id === job.id);
    const running = times.find((entry) => entry.stopped_at === null);
    const minutes = times.reduce((sum, entry) => sum + minutesOf(entry, this.now), 0);
    const [icon, word] = approvalMark(isOtherOption(job, this.#jobs.rows) ? 'other-option' : job.approval);
    const isChecked = job.status === 'done' && job.confirmed_at !== null;
    const checker = personName(this.#people.rows, job.confirmed_by);
    const field = (name: 'concern' | 'cause' | 'correction', label: string) => html`<cell-field
      kind="lines"
      label=${label}
      .value=${job[name]}
      ?readonly=${locked}
      @cell-changed=${(event: CellChangedEvent) => this.#save(job.id, { [name]: String(event.value ?? '') })}
    ></cell-field>`;
    return html`<article class="panel stack" data-job=${job.id} aria-label=${job.title}>
      <div class="head">
        <div class="title">
          ${job.option_group === '' ? nothing : html`<span class="small quiet">${job.option_group}</span>`}
          ${locked ? html`<h2>${job.title}</h2>` : this.#renderTitle(job)}
        </div>
        <span class="state ${job.approval === 'proposed' ? 'act' : ''}"><ui-icon name=${icon}></ui-icon>${word}</span>
        <span class="state">
          ${job.status === 'done' ? html`<ui-icon name="check"></ui-icon>${msg('Hecho')}` : statusWord(job.status)}
        </span>
        ${
          isChecked
            ? html`<span class="state"
                ><ui-icon name="quality"></ui-icon>${checker === '' ? msg('Comprobado') : msg(str`Comprobado por ${checker}`)}</span
              >`
            : nothing
        }
      </div>
      ${field('concern', msg('Qué dice el cliente'))}
      <div class="fields">${field('cause', msg('Causa'))}${field('correction', msg('Qué se ha hecho'))}</div>
      ${this.#renderTechnician(order, job, locked)}
      <div class="row">
        <button
          class="button ${running ? 'running' : ''}"
          ?disabled=${locked || (!running && !MAY_BE_WORKED_ON.has(job.approval))}
          @click=${() => this.#clock(order, job, running)}>
          <ui-icon name="clock"></ui-icon>${running ? msg('Parar el reloj') : msg('Empezar')}
        </button>
        ${minutes > 0 ? html`<span class="figure">${formatMinutes(minutes)}</span>` : nothing}
        ${running ? html`<span class="quiet small">${personName(this.#people.rows, running.technician_id)}</span>` : nothing}
        ${
          job.approval === 'proposed' && !locked
            ? html`<a class="button" href="/ordenes/${order.id}/presupuesto">
                <ui-icon name="hand"></ui-icon>${msg('Pedir aprobación')}
              </a>`
            : nothing
        }
        ${
          isChecked || locked
            ? nothing
            : html`<button class="button" ?disabled=${!MAY_BE_WORKED_ON.has(job.approval)} @click=${() => this.#confirm(job, running)}>
                <ui-icon name="quality"></ui-icon>${job.status === 'done' ? msg('Comprobado') : msg('Hecho y comprobado')}
              </button>`
        }
      </div>
      <job-times .times=${times} .people=${this.#people.rows} .now=${this.now}></job-times>
    </article>`;
  }

  /** Empty: whoever the order is given to. */
  #renderTechnician(order: OrderView, job: JobRow, locked: boolean) {
    const technicians = this.#people.rows.filter((person) => person.is_technician === 1);
    const ofOrder = personName(this.#people.rows, order.technician_id);
    return html`<label>
      ${msg('Técnico')}
      <select
        ?disabled=${locked}
        .value=${job.technician_id ?? ''}
        @change=${(event: Event) => this.#save(job.id, { technician_id: (event.target as HTMLSelectElement).value || null })}
      >
        <option value="" ?selected=${!job.technician_id}>
          ${ofOrder === '' ? msg('Sin asignar') : msg(str`El de la orden: ${ofOrder}`)}
        </option>
        ${technicians.map(
          ({ id, display_name }) =>
            html`<option value=${id} ?selected=${id === job.technician_id}>${display_name}</option>`,
        )}
      </select>
    </label>`;
  }

  #renderTitle({ id, title }: JobRow) {
    return html`<cell-field
      label=${msg('Qué hay que hacer')}
      required
      .value=${title}
      @cell-changed=${(event: CellChangedEvent) => this.#save(id, { title: String(event.value) })}
    ></cell-field>`;
  }

  #add(order: OrderView, event: CellChangedEvent): void {
    const title = String(event.value ?? '').trim();
    if (title === '') return;
    const sort = this.#jobs.rows.length + 1;
    void this.write(
      'job.add',
      (actor) => addJob(actor, order.id, { title, concern: title, sort }).statements,
    );
  }

  #save(id: string, cells: JobInput): void {
    void this.write('job.edit', () => updateJob(id, cells));
  }

  /** Done by whoever did it, looked over by whoever taps; its clock stops. Not asked about: it can be taken back. */
  async #confirm(job: JobRow, running: TimeRow | undefined): Promise<void> {
    const confirmed = await this.write('job.done', (actor) => [
      ...confirmJob(actor, job.id),
      ...(running ? stopClock(actor, running.technician_id) : []),
    ]);
    if (!confirmed) return;
    const before = job.status === 'in_progress' ? 'paused' : job.status;
    const takeBack = () =>
      void this.write('job.edit', () => takeBackConfirmation({ ...job, status: before }));
    const action = { label: msg('Deshacer'), run: takeBack };
    this.dispatchEvent(new ToastEvent(msg(str`Comprobado: ${job.title}`), { action }));
  }

  #clock(order: OrderView, job: JobRow, running: TimeRow | undefined): void {
    void this.write('time.clock', (actor) =>
      running
        ? stopClock(actor, running.technician_id)
        : startClock(actor, actor.user, { workOrderId: order.id, jobId: job.id }).statements,
    );
  }
}

function approvalMark(approval: string): readonly [IconName, string] {
  switch (approval) {
    case 'approved':
      return ['check', msg('Aprobado')];
    case 'declined':
      return ['cancelled', msg('Rechazado')];
    case 'other-option':
      return ['arrow-right', msg('Otra opción')];
    case 'not_needed':
      return ['check', msg('No necesita aprobación')];
    default:
      return ['hand', msg('Falta aprobación')];
  }
}

function statusWord(status: string): string {
  switch (status) {
    case 'in_progress':
      return msg('En marcha');
    case 'paused':
      return msg('En pausa');
    default:
      return msg('Pendiente');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-jobs': OrderJobs;
  }
}
