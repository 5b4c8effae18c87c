import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  type EstimateContent,
  estimateContent,
  estimatedJobs,
  rangeOfJobs,
} from '../../shared/taller/estimate-content.ts';
import { estimateValidUntil, MIN_VALIDITY_WORKDAYS } from '../../shared/taller/estimates.ts';
import { quoteFinding, quoteWithJob } from '../../shared/taller/flows/inspection-flow.ts';
import { renameOptions } from '../../shared/taller/flows/option-flow.ts';
import { addReadyMadeJob, removeLine, updateJob, updateLine } from '../../shared/taller/flows/order-flow.ts';
import { statements, update } from '../../shared/taller/flows/statement.ts';
import { groupedOptions } from '../../shared/taller/options.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import type { EstimateOrder, OrderLine, ProposedJob, WaitingFinding } from '../app/estimates.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDate, formatMoney, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { readReadyMade } from '../app/ready-made-jobs.ts';
import { footStyle } from '../app/styles/foot.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './estimate-declined.ts';
import './estimate-job.ts';
import type { JobRemovedEvent } from './estimate-job.ts';
import './job-options.ts';
import './job-search.ts';
import type { JobChosenEvent } from './job-search.ts';
import './state-note.ts';
import './ui-icon.ts';
import { estimateDraftStyle } from './estimate-draft-style.ts';

/** What is to be sent as the next version. */
export class EstimateReadyEvent extends Event {
  static readonly type = 'estimate-ready';
  readonly content: EstimateContent;
  readonly validUntilMs: number;
  /** Given to the customer's hand at once. */
  readonly inPerson: boolean;

  constructor(content: EstimateContent, validUntilMs: number, inPerson: boolean) {
    super(EstimateReadyEvent.type, { bubbles: true });
    this.content = content;
    this.validUntilMs = validUntilMs;
    this.inPerson = inPerson;
  }
}

/**
 * The next version of an estimate while it is made: every job of the order that nobody has decided on. Each change is
 * saved at once in the order itself; sending copies it.
 *
 * @fires estimate-ready
 */
@customElement('estimate-draft')
export class EstimateDraft extends ConnectedElement {
  @property({ attribute: false }) accessor order: EstimateOrder | undefined;
  /** All of the order; those that are proposed make the version. */
  @property({ attribute: false }) accessor jobs: readonly ProposedJob[] = [];
  @property({ attribute: false }) accessor lines: readonly OrderLine[] = [];
  @property({ attribute: false }) accessor findings: readonly WaitingFinding[] = [];
  /** Jobs that a version names which was sent. */
  @property({ attribute: false }) accessor sentJobIds: ReadonlySet<string> = new Set();
  @property({ attribute: false }) accessor settings: WorkshopSettings | undefined;
  @property({ attribute: false }) accessor defaultTaxBp = 0;
  @property({ type: Boolean }) accessor fixedPrices = false;
  @property({ type: Number }) accessor maxDiscountBp = 10_000;
  @property({ type: Boolean }) accessor busy = false;
  /** Working days that were chosen for this version; undefined: those of the settings. */
  @state() private accessor workdays: number | undefined;

  static override styles = [shared, footStyle, estimateDraftStyle];

  override render() {
    const { order, settings } = this;
    if (!order || !settings) return nothing;
    const jobs = this.jobs.filter(({ approval }) => approval === 'proposed');
    const content = estimateContent(jobs, this.lines, { discount: order, defaultTaxBp: this.defaultTaxBp });
    const estimated = estimatedJobs(content.lines, content.totals.discountMinor);
    const totals = new Map(estimated.map(({ id, totals }) => [id, totals.totalMinor]));
    return html`
      ${
        jobs.length === 0
          ? html`<state-note
              icon="note"
              heading=${msg('Nada que presupuestar todavía')}
              text=${msg('Añade un trabajo del catálogo o uno nuevo, o pasa aquí los hallazgos de la inspección.')}
            ></state-note>`
          : nothing
      }
      ${repeat(
        // A job stays in its place in the page when it becomes an option, so nothing typed in it is lost.
        groupedOptions(jobs).flatMap((group) => group.map((job, index) => ({ job, group, index }))),
        ({ job }) => job.id,
        ({ job, group, index }) => html`<div class=${group.length > 1 ? 'option' : ''}>
          ${group.length > 1 && index === 0 ? this.#renderChoice(group) : nothing}
          ${
            group.length > 1
              ? html`<span class="small place">${
                  index === 0 ? msg('Opción 1, recomendada') : msg(str`Opción ${index + 1}`)
                }</span>`
              : nothing
          }
          ${this.#renderJob(order, settings, job, totals.get(job.id) ?? 0)}
        </div>`,
      )}
      ${this.#renderLoose(order, jobs)}
      <section class="panel">
        <job-search .order=${order} @job-chosen=${(event: JobChosenEvent) => this.#addJob(order, event)}></job-search>
      </section>
      ${this.findings.length === 0 ? nothing : this.#renderFindings(order)}
      <estimate-declined .jobs=${this.jobs.filter(({ approval }) => approval === 'declined')} .all=${this.jobs}></estimate-declined>
      ${jobs.length === 0 ? nothing : this.#renderConditions(order, settings)}
      ${jobs.length === 0 ? nothing : this.#renderFoot(content, jobs, settings, rangeOfJobs(estimated))}
    `;
  }

  #renderJob(order: EstimateOrder, settings: WorkshopSettings, job: ProposedJob, totalMinor: number) {
    const lines = this.lines.filter(({ job_id }) => job_id === job.id);
    return html`<estimate-job
      data-job=${job.id}
      .job=${job}
      .order=${order}
      .lines=${lines}
      .totalMinor=${totalMinor}
      currency=${settings.currency}
      maxDiscountBp=${this.maxDiscountBp}
      ?fixedPrices=${this.fixedPrices}
      @job-removed=${(event: JobRemovedEvent) => this.#remove(event.job)}
    >
      <job-options .job=${job} .lines=${lines} .jobs=${this.jobs}></job-options>
    </estimate-job>`;
  }

  /** Over the options of a group: what they are options of, as the customer reads it. */
  #renderChoice(group: readonly ProposedJob[]) {
    return html`<cell-field
      label=${msg('El cliente elige una opción de')}
      .value=${group[0]?.option_group ?? ''}
      @cell-changed=${(event: CellChangedEvent) =>
        this.write('job.option', () => renameOptions(group, String(event.value ?? '')))}
    ></cell-field>`;
  }

  /** Lines that were added to the order and to no job of it: nobody could approve them. */
  #renderLoose(order: EstimateOrder, jobs: readonly ProposedJob[]) {
    const known = new Set(this.jobs.map(({ id }) => id));
    const loose = this.lines.filter(({ job_id }) => job_id === null || !known.has(job_id));
    if (loose.length === 0) return nothing;
    return html`<section class="panel stack" aria-label=${msg('Sin trabajo')}>
      <h2>${msg('Sin trabajo')}</h2>
      <p class="quiet">${msg('Estas líneas no son de ningún trabajo, así que no entran en el presupuesto.')}</p>
      <ul>
        ${loose.map((line) => html`<li class="found"><span>${line.description}</span></li>`)}
      </ul>
      <div class="row">
        ${jobs.map(
          (job) => html`<button class="button" @click=${() => this.#moveTo(loose, job.id)}>
            <ui-icon name="arrow-right"></ui-icon>${msg(str`Pasar a ${job.title}`)}
          </button>`,
        )}
        <button class="button" @click=${() => this.#makeJob(order, loose)}>
          <ui-icon name="plus"></ui-icon>${msg('Hacer un trabajo con ellas')}
        </button>
      </div>
    </section>`;
  }

  #renderFindings(order: EstimateOrder) {
    return html`<section class="panel stack" aria-label=${msg('Hallazgos sin presupuestar')}>
      <h2>${msg('Hallazgos sin presupuestar')}</h2>
      <ul>
        ${repeat(
          this.findings,
          ({ id }) => id,
          (finding) => html`<li class="found" data-finding=${finding.id}>
            <div>
              <div>${finding.description}</div>
              <span class="small ${finding.severity === 'urgent' ? 'signal' : 'quiet'}">
                ${finding.severity === 'urgent' ? msg('Urgente') : nothing}
                ${finding.here ? msg('De esta visita') : formatDate(finding.created_at, locale())}
                ${finding.status === 'declined' ? msg('· Se rechazó') : nothing}
              </span>
            </div>
            <button
              class="button"
              aria-label=${msg(str`Presupuestar: ${finding.description}`)}
              @click=${() => this.#quote(order, finding)}
            >
              <ui-icon name="plus"></ui-icon>${msg('Presupuestar')}
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #renderConditions(order: EstimateOrder, settings: WorkshopSettings) {
    const until = this.#validUntil(settings);
    const least = settings.country === 'ES' ? MIN_VALIDITY_WORKDAYS : 1;
    const days = Math.max(least, this.workdays ?? settings.estimate_validity_workdays);
    return html`<section class="panel stack" aria-label=${msg('Condiciones')}>
      <h2>${msg('Condiciones')}</h2>
      <div class="fields">
        <label class="percent">${msg('Descuento de todo')}
          <span>
            <input
              inputmode="decimal"
              autocomplete="off"
              ?readonly=${this.maxDiscountBp === 0}
              .value=${order.discount_bp === 0 ? '' : formatQuantity(order.discount_bp * 10, locale())}
              @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
              @change=${(event: Event) => this.#discount(order, event)}
            />%
          </span>
        </label>
        <div class="stepper" role="group" aria-label=${msg('Validez')}>
          <span class="small"><strong>${msg('Válido hasta')}</strong></span>
          <div class="row">
            <button class="button" aria-label=${msg('Un día menos')} ?disabled=${days <= least} @click=${() => this.#stepDays(days - 1)}>−</button>
            <span class="figure" aria-live="polite">${formatDate(until, locale())}</span>
            <button class="button" aria-label=${msg('Un día más')} @click=${() => this.#stepDays(days + 1)}>
              <ui-icon name="plus"></ui-icon>
            </button>
          </div>
          <span class="small quiet">${msg(str`Días hábiles: ${days}`)}</span>
        </div>
      </div>
      <cell-field
        kind="lines"
        label=${msg('Nota para el cliente')}
        .value=${order.customer_note}
        @cell-changed=${(event: CellChangedEvent) => this.#note(order, event)}
      ></cell-field>
    </section>`;
  }

  #renderFoot(
    content: EstimateContent,
    jobs: readonly ProposedJob[],
    settings: WorkshopSettings,
    range: ReturnType<typeof rangeOfJobs>,
  ) {
    const money = (minor: number) => formatMoney(minor, settings.currency, locale());
    const { netMinor, taxMinor, totalMinor } = content.totals;
    const unpriced = jobs.some((job) => !content.lines.some((line) => line.job_id === job.id));
    const ready = (inPerson: boolean) => () =>
      this.dispatchEvent(new EstimateReadyEvent(content, this.#validUntil(settings), inPerson));
    return html`<div class="foot">
      <div class="sum">
        ${unpriced ? html`<span class="small signal">${msg('Hay trabajos sin precio')}</span>` : nothing}
        <strong class="figure" aria-label=${msg('Total')}>${money(totalMinor)}</strong>
        <span class="small quiet">${msg(str`Base ${money(netMinor)} + impuestos ${money(taxMinor)}`)}</span>
        ${
          range
            ? html`<span class="small quiet">${msg(str`Según las opciones, de ${money(range.leastMinor)} a ${money(range.mostMinor)}`)}</span>`
            : nothing
        }
      </div>
      <div class="row">
        <button class="button" ?disabled=${this.busy || unpriced} @click=${ready(false)}>
          <ui-icon name="lock"></ui-icon>${msg('Cerrar la versión')}
        </button>
        <button class="button main" ?disabled=${this.busy || unpriced} @click=${ready(true)}>
          <ui-icon name="hand"></ui-icon>${msg('Mostrar al cliente')}
        </button>
      </div>
    </div>`;
  }

  #validUntil(settings: WorkshopSettings): number {
    const calendar = { timeZone: settings.tz, country: settings.country, holidays: settings.holidays };
    return estimateValidUntil(this.now, this.workdays ?? settings.estimate_validity_workdays, calendar);
  }

  #stepDays(days: number): void {
    this.workdays = days;
  }

  #addJob(order: EstimateOrder, { job }: JobChosenEvent): void {
    const sort = this.jobs.length + 1;
    void this.write('job.add', (actor) => addReadyMadeJob(actor, order.id, job, { sort }).statements);
  }

  /** Its lines go with it; what was sent already is withdrawn instead, because the version that was sent names it. */
  async #remove(job: ProposedJob): Promise<void> {
    const lines = this.lines.filter(({ job_id }) => job_id === job.id);
    await this.writeRemoval(job.title, 'job.remove', (actor) =>
      statements(
        job.finding_id === null
          ? undefined
          : {
              sql: "update findings set status = 'open' where id = ? and status = 'quoted'",
              params: [job.finding_id],
            },
        this.sentJobIds.has(job.id)
          ? updateJob(job.id, { approval: 'declined' })
          : [
              ...lines.flatMap((line) => removeLine(actor, line)),
              { sql: 'delete from wo_jobs where id = ?', params: [job.id] },
            ],
      ),
    );
  }

  #moveTo(lines: readonly OrderLine[], jobId: string): void {
    void this.write('line.edit', () => lines.flatMap(({ id }) => updateLine(id, { job_id: jobId })));
  }

  #makeJob(order: EstimateOrder, lines: readonly OrderLine[]): void {
    const title = lines[0]?.description ?? '';
    void this.write('job.add', (actor) => {
      const added = addReadyMadeJob(actor, order.id, { title, lines: [] }, { sort: this.jobs.length + 1 });
      return statements(
        added.statements,
        lines.flatMap(({ id }) => updateLine(id, { job_id: added.id })),
      );
    });
  }

  /** With the ready-made job of its point, unless that one is proposed already. */
  async #quote(order: EstimateOrder, finding: WaitingFinding): Promise<void> {
    const { engine } = this;
    if (!engine) return;
    const { canned_job_id: canned } = finding;
    const sort = this.jobs.length + 1;
    const mends = (job: ProposedJob) =>
      job.approval === 'proposed' && job.canned_job_id === canned && job.finding_id === null;
    const there = canned === null ? undefined : this.jobs.find(mends);
    const readyMade =
      canned === null || there ? undefined : await readReadyMade(engine, canned, order, this.now);
    await this.write('job.quote', (actor) =>
      there
        ? quoteWithJob(finding.id, there.id)
        : quoteFinding(actor, finding, order.id, { readyMade, sort }).statements,
    );
  }

  #discount(order: EstimateOrder, event: Event): void {
    const input = event.target as HTMLInputElement;
    const value = input.value.trim() === '' ? 0 : parseDecimal(input.value);
    const bp = value === undefined ? undefined : Math.round(value * 100);
    if (bp === undefined || bp < 0 || bp > this.maxDiscountBp) {
      const limit = formatQuantity(this.maxDiscountBp * 10, locale());
      input.value = order.discount_bp === 0 ? '' : formatQuantity(order.discount_bp * 10, locale());
      this.dispatchEvent(new ToastEvent(msg(str`Puedes dar hasta un ${limit} %.`), { tone: 'signal' }));
      return;
    }
    void this.write('wo.edit', () => statements(update('work_orders', order.id, { discount_bp: bp })));
  }

  #note(order: EstimateOrder, event: CellChangedEvent): void {
    const customer_note = String(event.value ?? '');
    void this.write('wo.edit', () => statements(update('work_orders', order.id, { customer_note })));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-draft': EstimateDraft;
  }
  interface HTMLElementEventMap {
    'estimate-ready': EstimateReadyEvent;
  }
}
