import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { setPartState, startClock, stopClock, updateJob } from '../../shared/taller/flows/order-flow.ts';
import { statements } from '../../shared/taller/flows/statement.ts';
import { ToastEvent } from '../app/events.ts';
import { formatMinutes } from '../app/format.ts';
import { renderLive } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { nextState, type PartState, partSentence, partStateIcon, partStateName } from '../app/parts.ts';
import { shared } from '../app/styles/shared.ts';
import {
  type AwaitedPart,
  awaitedPartsQuery,
  type OrderTasks,
  type RunningEntry,
  runningMs,
  runningQuery,
  spentSinceQuery,
  type TaskRow,
  tasksByOrder,
  tasksQuery,
} from '../app/technician.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/number-plate.ts';
import '../components/photo-strip.ts';
import '../components/promised-time.ts';
import '../components/request-part.ts';
import '../components/running-time.ts';
import '../components/running-twice.ts';
import '../components/ui-icon.ts';
import { myJobsStyle } from './my-jobs-style.ts';

interface Spent extends ResultRow {
  readonly spent_ms: number;
}

const MINUTE_MS = 60_000;

/**
 * The day of a technician, for dirty hands: what is to be done, the clock, and done. No price anywhere. An
 * administrator sees everybody's work; the clock is always one's own.
 */
@customElement('my-jobs-page')
export class MyJobsPage extends TallerPage {
  /** The job that a part is asked for. */
  @state() private accessor asking: TaskRow | undefined;

  #tasks = new LiveQuery<TaskRow>(
    this,
    () => this.engine,
    () => (this.#me === undefined ? undefined : tasksQuery(this.#seesAll ? '' : this.#me)),
  );
  #running = new LiveQuery<RunningEntry>(
    this,
    () => this.engine,
    () => (this.#me === undefined ? undefined : runningQuery(this.#seesAll ? '' : this.#me)),
  );
  #parts = new LiveQuery<AwaitedPart>(
    this,
    () => this.engine,
    () => (this.#me === undefined ? undefined : awaitedPartsQuery(this.#seesAll ? '' : this.#me)),
  );
  #spent = new LiveQuery<Spent>(
    this,
    () => this.engine,
    () => (this.#me === undefined ? undefined : spentSinceQuery(this.#me, startOfDay(this.now))),
  );

  static override styles = [shared, myJobsStyle];

  /** What has been worked grows while nothing else happens. */
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), MINUTE_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  get #me(): string | undefined {
    return this.session?.user;
  }

  get #seesAll(): boolean {
    return this.session?.role === 'admin';
  }

  override render() {
    const { rows } = this.#running;
    const mine = rows.filter((entry) => entry.technician_id === this.#me);
    return html`
      <div class="row spread">
        <h1>${this.#seesAll ? msg('Trabajos de todos') : msg('Mis trabajos')}</h1>
        ${this.#renderToday(mine)}
      </div>
      ${mine.length > 1 ? html`<running-twice own .entries=${mine}></running-twice>` : nothing}
      ${this.#running.state.name === 'rows' ? this.#renderClock(mine[0]) : nothing}
      ${renderLive(this.#tasks, {
        empty: () => html`<state-note
          icon="wrench"
          heading=${msg('No tienes trabajos asignados')}
          text=${msg('Aparecen aquí en cuanto alguien te asigne una orden o un trabajo.')}
        >
          <a class="button" href="/ordenes">${msg('Ver órdenes')}</a>
        </state-note>`,
        rows: (tasks) =>
          repeat(
            tasksByOrder(tasks),
            ({ order }) => order.order_id,
            (order) => this.#renderOrder(order, rows),
          ),
      })}
      ${
        this.asking
          ? html`<request-part
              order=${this.asking.order_id}
              .job=${this.asking.job_id}
              @request-left=${() => this.#ask(undefined)}
            ></request-part>`
          : nothing
      }
    `;
  }

  #renderToday(running: readonly RunningEntry[]) {
    const spentMs = this.#spent.first?.spent_ms ?? 0;
    const minutes = Math.floor((spentMs + runningMs(running, this.now, startOfDay(this.now))) / MINUTE_MS);
    if (minutes === 0) return nothing;
    return html`<span class="quiet">${msg('Hoy')} <span class="figure">${formatMinutes(minutes)}</span></span>`;
  }

  #renderClock(entry: RunningEntry | undefined) {
    if (!entry) {
      return html`<p class="idle quiet"><ui-icon name="clock"></ui-icon>${msg('Reloj parado. Empieza un trabajo para contar su tiempo.')}</p>`;
    }
    return html`<section class="clock" aria-label=${msg('Reloj en marcha')} data-running=${entry.id}>
      <running-time .since=${entry.started_at} .offset=${this.sync?.clockOffsetMs ?? 0}></running-time>
      <div class="what">
        ${entry.plate ? html`<number-plate value=${entry.plate} country=${entry.plate_country}></number-plate>` : nothing}
        <strong>${entry.title || entry.number}</strong>
      </div>
      <button class="button big" @click=${this.#stop}>
        <ui-icon name="stop"></ui-icon>${msg('Parar el reloj')}
      </button>
    </section>`;
  }

  #renderOrder({ order, jobs }: OrderTasks, running: readonly RunningEntry[]) {
    return html`<article class="panel order" data-order=${order.order_id} aria-label=${`${order.plate} ${order.number}`}>
      <header>
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <div>
          <h2><a href="/ordenes/${order.order_id}">${order.vehicle || msg('Vehículo sin datos')}</a></h2>
          <span class="quiet small"><span class="figure">${order.number}</span>${
            this.#seesAll && order.technician ? ` · ${order.technician}` : nothing
          }</span>
        </div>
        <div class="facts">
          <promised-time .order=${order} phase=${order.phase} .now=${this.now}></promised-time>
          <span class="quiet small">${(locale() === 'en' && order.status_en) || order.status_es}</span>
        </div>
      </header>
      ${order.complaint && !jobs.some(({ title }) => title === order.complaint) ? html`<p class="complaint">${order.complaint}</p>` : nothing}
      <ul>
        ${repeat(
          jobs,
          (job) => job.job_id ?? order.order_id,
          (job) =>
            this.#renderJob(
              job,
              running.filter((entry) => entry.order_id === job.order_id && entry.job_id === job.job_id),
            ),
        )}
      </ul>
      <a class="button look" href="/ordenes/${order.order_id}/inspeccion"><ui-icon name="list"></ui-icon>${msg('Inspección')}</a>
    </article>`;
  }

  #renderJob(job: TaskRow, running: readonly RunningEntry[]) {
    const isMine = running.some((entry) => entry.technician_id === this.#me);
    const title = job.title || msg('Toda la orden');
    const isDone = job.job_status === 'done';
    const waits = job.approval === 'proposed';
    return html`<li class="${isMine ? 'on' : ''} ${isDone ? 'done' : ''}" data-job=${job.job_id ?? nothing}>
      <div>
        <div class="title">${title}</div>
        <div class="marks small quiet">
          ${waits ? html`<span class="signal"><ui-icon name="hand"></ui-icon>${msg('Falta aprobación')}</span>` : nothing}
          ${isDone ? html`<span><ui-icon name="check"></ui-icon>${msg('Hecho')}</span>` : nothing}
          ${running.map(
            (entry) =>
              html`<span><ui-icon name="clock"></ui-icon>${
                entry.technician_id === this.#me ? msg('En marcha') : entry.technician
              }</span>`,
          )}
          ${this.#renderSpent(job, running)}
          ${job.photos > 0 ? html`<span><ui-icon name="image"></ui-icon>${job.photos}</span>` : nothing}
        </div>
      </div>
      ${isDone ? nothing : this.#renderActions(job, title, isMine, waits)}
      ${this.#renderParts(job)}
      ${isDone ? nothing : this.#renderExtras(job, title)}
    </li>`;
  }

  /** What was asked for and is not in the vehicle yet; one tap takes it in, the next fits it. */
  #renderParts(job: TaskRow) {
    const parts = this.#parts.rows.filter(
      (part) => part.work_order_id === job.order_id && part.job_id === job.job_id,
    );
    if (parts.length === 0) return nothing;
    return html`<div class="parts">
      ${repeat(
        parts,
        ({ id }) => id,
        (part) => {
          const { part_state: state, description } = part;
          const next = nextState(state);
          return html`<div class="part" data-part=${part.id}>
            <span class=${state === 'arrived' ? 'signal' : ''}
              ><ui-icon name=${partStateIcon(state)}></ui-icon>${partSentence(state, description)}</span
            >
            <button class="button" aria-label=${partSentence(next, description)} @click=${() => this.#movePart(part, next)}>
              <ui-icon name=${partStateIcon(next)}></ui-icon>${partStateName(next)}
            </button>
          </div>`;
        },
      )}
    </div>`;
  }

  /** A part that is missing, and a picture of what was found. */
  #renderExtras(job: TaskRow, title: string) {
    return html`<div class="extras">
      <button class="button" aria-label=${msg(str`Pedir una pieza: ${title}`)} @click=${() => this.#ask(job)}>
        <ui-icon name="parts"></ui-icon>${msg('Pedir pieza')}
      </button>
      <photo-strip
        entity=${job.job_id === null ? 'work_orders' : 'wo_jobs'}
        entityId=${job.job_id ?? job.order_id}
        label=${title}
      ></photo-strip>
    </div>`;
  }

  #renderSpent(job: TaskRow, running: readonly RunningEntry[]) {
    const spent = Math.floor((job.spent_ms + runningMs(running, this.now)) / MINUTE_MS);
    if (spent === 0 && job.est_minutes === 0) return nothing;
    return html`<span class="figure">${
      job.est_minutes > 0
        ? msg(str`${formatMinutes(spent)} de ${formatMinutes(job.est_minutes)}`)
        : formatMinutes(spent)
    }</span>`;
  }

  #renderActions(job: TaskRow, title: string, isMine: boolean, waits: boolean) {
    return html`<div class="actions">
      ${
        isMine
          ? html`<button class="button big" aria-label=${msg(str`Parar: ${title}`)} @click=${this.#stop}>
              <ui-icon name="stop"></ui-icon>${msg('Parar')}
            </button>`
          : html`<button class="button big" ?disabled=${waits} aria-label=${msg(str`Empezar: ${title}`)} @click=${() => this.#start(job)}>
              <ui-icon name="clock"></ui-icon>${msg('Empezar')}
            </button>`
      }
      ${
        job.job_id === null
          ? nothing
          : html`<button class="button big ${isMine ? 'main' : ''}" ?disabled=${waits} aria-label=${msg(str`Hecho: ${title}`)} @click=${() => this.#finish(job, isMine)}>
              <ui-icon name="check"></ui-icon>${msg('Hecho')}
            </button>`
      }
    </div>`;
  }

  #ask(job: TaskRow | undefined): void {
    this.asking = job;
  }

  #start(job: TaskRow): void {
    void this.write(
      'time.clock',
      (actor) => startClock(actor, actor.user, { workOrderId: job.order_id, jobId: job.job_id }).statements,
    );
  }

  #stop = (): void => {
    void this.write('time.clock', (actor) => stopClock(actor, actor.user));
  };

  /** Not asked about: it can be taken back. */
  async #movePart(part: AwaitedPart, state: PartState): Promise<void> {
    const write = (from: PartState, to: PartState) =>
      this.write('part.state', (actor) => setPartState(actor, { ...part, part_state: from }, to));
    if (!(await write(part.part_state, state))) return;
    const action = { label: msg('Deshacer'), run: () => void write(state, part.part_state) };
    this.dispatchEvent(new ToastEvent(partSentence(state, part.description), { action }));
  }

  /** Done, and its clock with it. Not asked about: it can be taken back. */
  async #finish(job: TaskRow, isMine: boolean): Promise<void> {
    const { job_id: jobId, job_status: before, title } = job;
    if (jobId === null) return;
    const done = await this.write('job.done', (actor) =>
      statements(updateJob(jobId, { status: 'done' }), isMine ? stopClock(actor, actor.user) : undefined),
    );
    if (!done) return;
    const takeBack = () => {
      const status = before === 'pending' ? 'pending' : 'paused';
      void this.write('job.edit', () => updateJob(jobId, { status }));
    };
    const action = { label: msg('Deshacer'), run: takeBack };
    this.dispatchEvent(new ToastEvent(msg(str`Hecho: ${title}`), { action }));
  }
}

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

declare global {
  interface HTMLElementTagNameMap {
    'my-jobs-page': MyJobsPage;
  }
}
