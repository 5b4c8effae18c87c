import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  addJobLines,
  addLine,
  changeLineQuantity,
  removeLine,
  updateJob,
  updateLine,
} from '../../shared/taller/flows/order-flow.ts';
import { lineNetMinor } from '../../shared/taller/money.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import type { EstimateOrder, OrderLine, ProposedJob } from '../app/estimates.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDecimal, formatMoney, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { readReadyMade } from '../app/ready-made-jobs.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './line-search.ts';
import type { LineChosenEvent } from './line-search.ts';
import './ui-icon.ts';
import { estimateJobStyle } from './estimate-job-style.ts';

/** The job is wanted in the estimate no more. It is gone before this element could say so, so another one does it. */
export class JobRemovedEvent extends Event {
  static readonly type = 'job-removed';
  readonly job: ProposedJob;

  constructor(job: ProposedJob) {
    super(JobRemovedEvent.type, { bubbles: true });
    this.job = job;
  }
}

/**
 * One job of the estimate that is being made: its title, its lines with price and discount, what it comes to.
 *
 * @fires job-removed
 */
@customElement('estimate-job')
export class EstimateJob extends ConnectedElement {
  @property({ attribute: false }) accessor job: ProposedJob | undefined;
  @property({ attribute: false }) accessor lines: readonly OrderLine[] = [];
  /** For the price list. */
  @property({ attribute: false }) accessor order: EstimateOrder | undefined;
  /** With tax and its share of the discount. */
  @property({ attribute: false }) accessor totalMinor = 0;
  @property() accessor currency = 'EUR';
  /** Who may not set prices sees them. */
  @property({ type: Boolean }) accessor fixedPrices = false;
  /** Highest discount that may be given, hundredths of a percent. */
  @property({ type: Number }) accessor maxDiscountBp = 10_000;
  @state() private accessor adding = false;

  static override styles = [shared, estimateJobStyle];

  override render() {
    const { job } = this;
    if (!job) return nothing;
    return html`
      <header>
        <cell-field
          label=${msg('Trabajo')}
          required
          .value=${job.title}
          @cell-changed=${(event: CellChangedEvent) => this.#rename(job, event)}
        ></cell-field>
        <span class="figure total">${this.totalMinor === 0 ? nothing : this.#money(this.totalMinor)}</span>
        <button class="button bare" aria-label=${msg(str`Quitar ${job.title}`)} @click=${() => this.dispatchEvent(new JobRemovedEvent(job))}>
          <ui-icon name="trash"></ui-icon>
        </button>
      </header>
      ${this.lines.length === 0 ? this.#renderNone(job) : this.#renderTable()}
      ${
        this.adding
          ? html`<line-search
              label=${msg(str`Añadir a ${job.title}`)}
              @line-chosen=${(event: LineChosenEvent) => this.#add(job, event)}
            ></line-search>`
          : nothing
      }
      <div class="row">
        ${
          this.adding
            ? nothing
            : html`<button
                class="button"
                aria-label=${msg(str`Añadir a ${job.title}`)}
                @click=${() => {
                  this.adding = true;
                }}
              >
                <ui-icon name="plus"></ui-icon>${msg('Pieza o mano de obra')}
              </button>`
        }
        <slot></slot>
      </div>
    `;
  }

  #renderNone(job: ProposedJob) {
    return html`<p class="quiet none">${
      job.lump_price_minor === null
        ? msg('Todavía sin precio: añade sus piezas y su mano de obra.')
        : msg(str`Precio cerrado: ${this.#money(job.lump_price_minor)}`)
    }</p>
    ${
      job.canned_job_id === null
        ? nothing
        : html`<div>
            <button class="button" aria-label=${msg(str`Traer del catálogo: ${job.title}`)} @click=${() => this.#fill(job)}>
              <ui-icon name="received"></ui-icon>${msg('Traer del catálogo')}
            </button>
          </div>`
    }`;
  }

  #renderTable() {
    return html`<table>
      <thead>
        <tr>
          <th scope="col" class="label">${msg('Concepto')}</th>
          <th scope="col" class="label">${msg('Cantidad')}</th>
          <th scope="col" class="label">${msg('Precio')}</th>
          <th scope="col" class="label">${msg('Dto.')}</th>
          <th scope="col" class="label">${msg('Importe')}</th>
          <th scope="col"><span class="visually-hidden">${msg('Quitar')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.lines,
          ({ id }) => id,
          (line) => this.#renderLine(line),
        )}
      </tbody>
    </table>`;
  }

  #renderLine(line: OrderLine) {
    const { description } = line;
    return html`<tr data-line=${line.id}>
      <td>
        <ui-icon name=${line.kind === 'labour' ? 'wrench' : 'parts'}></ui-icon> ${description}
        <span class="quiet small">${line.sku}</span>
      </td>
      <td>
        <span class="number">${this.#renderNumber({
          label: msg(str`Cantidad de ${description}`),
          text: formatQuantity(line.qty_milli, locale()),
          factor: 1000,
          save: (qtyMilli) => this.#quantity(line, qtyMilli),
          short: true,
        })}</span>
      </td>
      <td>
        <span class="number">${this.#renderNumber({
          label: msg(str`Precio de ${description}`),
          text: formatDecimal(line.unit_price_minor, locale()),
          factor: 100,
          save: (unit_price_minor) => this.#save(line, { unit_price_minor }),
          readonly: this.fixedPrices,
        })}</span>
      </td>
      <td>
        <span class="number">${this.#renderNumber({
          label: msg(str`Descuento de ${description}`),
          text: line.discount_bp === 0 ? '' : formatQuantity(line.discount_bp * 10, locale()),
          factor: 100,
          save: (bp) => this.#discount(line, bp),
          readonly: this.maxDiscountBp === 0,
          short: true,
        })}%</span>
      </td>
      <td class="amount figure">${this.#money(lineNetMinor(line))}</td>
      <td class="remove">
        <button class="button bare" aria-label=${msg(str`Quitar ${description}`)} @click=${() => this.#removeLine(line)}>
          <ui-icon name="trash"></ui-icon>
        </button>
      </td>
    </tr>`;
  }

  #renderNumber(field: {
    readonly label: string;
    readonly text: string;
    readonly factor: number;
    readonly save: (value: number) => void;
    readonly readonly?: boolean;
    readonly short?: boolean;
  }) {
    const change = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      const value = input.value.trim() === '' ? 0 : parseDecimal(input.value);
      if (value === undefined || value < 0) input.value = field.text;
      else field.save(Math.round(value * field.factor));
    };
    return html`<input
      class=${field.short ? 'short' : ''}
      inputmode="decimal"
      autocomplete="off"
      aria-label=${field.label}
      ?readonly=${field.readonly ?? false}
      .value=${field.text}
      @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
      @change=${change}
    />`;
  }

  #rename(job: ProposedJob, event: CellChangedEvent): void {
    void this.write('job.edit', () => updateJob(job.id, { title: String(event.value) }));
  }

  #add(job: ProposedJob, { line }: LineChosenEvent): void {
    const sort = this.lines.length + 1;
    void this.write(
      'line.add',
      (actor) => addLine(actor, job.work_order_id, { ...line, job_id: job.id, sort }).statements,
    );
  }

  /** The lines of the ready-made job that it was made from. */
  async #fill(job: ProposedJob): Promise<void> {
    const { engine, order } = this;
    if (!engine || !order || job.canned_job_id === null) return;
    const readyMade = await readReadyMade(engine, job.canned_job_id, order, this.now);
    if (!readyMade || this.lines.length > 0) return;
    await this.write('line.add', (actor) => addJobLines(actor, job.work_order_id, job.id, readyMade.lines));
  }

  #quantity(line: OrderLine, qtyMilli: number): void {
    void this.write('line.edit', (actor) => changeLineQuantity(actor, line, qtyMilli));
  }

  #discount(line: OrderLine, bp: number): void {
    if (bp > this.maxDiscountBp) {
      const limit = formatQuantity(this.maxDiscountBp * 10, locale());
      this.dispatchEvent(new ToastEvent(msg(str`Puedes dar hasta un ${limit} %.`), { tone: 'signal' }));
      this.requestUpdate();
      return;
    }
    this.#save(line, { discount_bp: bp });
  }

  #save(line: OrderLine, cells: Parameters<typeof updateLine>[1]): void {
    void this.write('line.edit', () => updateLine(line.id, cells));
  }

  #removeLine(line: OrderLine): void {
    void this.writeRemoval(line.description, 'line.remove', (actor) => removeLine(actor, line));
  }

  #money(minor: number): string {
    return formatMoney(minor, this.currency, locale());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-job': EstimateJob;
  }
  interface HTMLElementEventMap {
    'job-removed': JobRemovedEvent;
  }
}
