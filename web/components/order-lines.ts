import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  addLine,
  changeLineQuantity,
  removeLine,
  setPartState,
  updateLine,
} from '../../shared/taller/flows/order-flow.ts';
import { documentTotals, lineNetMinor } from '../../shared/taller/money.ts';
import { countedJobs, isOtherOption } from '../../shared/taller/options.ts';
import { isLocked } from '../../shared/taller/status.ts';
import type { WoJob, WoLine } from '../../shared/taller/tables/orders.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDecimal, formatMoney, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import type { OrderView } from '../app/order-view.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { type PartState, partStateIcon, partStateName, statesAfter } from '../app/parts.ts';
import { inputStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './line-search.ts';
import type { LineChosenEvent } from './line-search.ts';
import './ui-icon.ts';

type Line = WoLine & ResultRow;
type Job = Pick<WoJob, 'id' | 'approval' | 'option_group'> & ResultRow;

/** Parts and labour of an order with what they come to. A part is found by reference or name, or written freely. */
@customElement('order-lines')
export class OrderLines extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;

  #lines = new LiveQuery<Line>(
    this,
    () => this.engine,
    () => sql`
      select * from wo_lines where work_order_id = ${this.order?.id} order by sort, created_at, id`,
  );
  /** What the customer said to each. */
  #jobs = new LiveQuery<Job>(
    this,
    () => this.engine,
    () => sql`
      select id, approval, option_group from wo_jobs
      where work_order_id = ${this.order?.id} order by sort, created_at, id`,
  );

  static override styles = [
    shared,
    inputStyle,
    selectStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      table {
        inline-size: 100%;
        border-collapse: collapse;
      }
      th {
        padding: var(--space-2);
        text-align: start;
      }
      td {
        padding: var(--space-1) var(--space-2);
        border-block-start: var(--line) solid var(--rule);
      }
      th:first-child,
      td:first-child {
        padding-inline-start: 0;
      }
      th:nth-child(n + 3) {
        text-align: end;
      }
      td select {
        inline-size: 11rem;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
      .amount {
        text-align: end;
        white-space: nowrap;
      }
      td:has(input) {
        text-align: end;
      }
      td input {
        inline-size: 5.75rem;
        padding-inline: var(--space-2);
        text-align: end;
        font-family: var(--font-display);
        font-variant-numeric: tabular-nums;
      }
      .totals {
        display: grid;
        grid-template-columns: auto auto;
        justify-content: end;
        gap: var(--space-1) var(--space-5);
        margin: 0;
        text-align: end;
      }
      .totals dd {
        margin: 0;
      }
      .total {
        font-size: var(--text-xl);
      }
      @media print {
        line-search {
          display: none;
        }
      }
      @media (max-width: 699px) {
        thead {
          display: none;
        }
        tr {
          display: grid;
          grid-template-columns: 1fr 1fr auto auto;
          align-items: center;
          padding-block: var(--space-2);
          border-block-start: var(--line) solid var(--rule);
        }
        td {
          padding-inline: var(--space-1);
          border: 0;
        }
        td input {
          inline-size: 100%;
        }
        td .button {
          padding-inline: var(--space-2);
        }
        td:first-child,
        .part {
          grid-column: 1 / -1;
        }
        td:empty {
          display: none;
        }
        td select {
          inline-size: 100%;
        }
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return nothing;
    const locked = isLocked(order);
    return html`
      <section class="panel stack" aria-label=${msg('Piezas y mano de obra')}>
        ${
          locked
            ? nothing
            : html`<line-search @line-chosen=${(event: LineChosenEvent) => this.#add(order, event)}></line-search>`
        }
        ${this.#lines.rows.length === 0 ? html`<p class="quiet">${msg('Sin piezas ni mano de obra todavía.')}</p>` : this.#renderTable(locked)}
        ${this.#renderTotals(order)}
      </section>
    `;
  }

  #renderTable(locked: boolean) {
    return html`<table>
      <thead>
        <tr>
          <th scope="col" class="label">${msg('Concepto')}</th>
          <th scope="col" class="label">${msg('Estado')}</th>
          <th scope="col" class="label">${msg('Cantidad')}</th>
          <th scope="col" class="label">${msg('Precio')}</th>
          <th scope="col" class="label amount">${msg('Importe')}</th>
          <th scope="col"><span class="visually-hidden">${msg('Quitar')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.#lines.rows,
          (line) => line.id,
          (line) => this.#renderLine(line, locked),
        )}
      </tbody>
    </table>`;
  }

  #renderLine(line: Line, locked: boolean) {
    const number = (event: Event, factor: number, shown: string): number | undefined => {
      const field = event.target as HTMLInputElement;
      const value = parseDecimal(field.value);
      if (value === undefined) field.value = shown; // what is no number is not kept, and not shown as if it were
      return value === undefined ? undefined : Math.round(value * factor);
    };
    const quantity = formatQuantity(line.qty_milli, locale());
    const price = formatDecimal(line.unit_price_minor, locale());
    return html`<tr data-line=${line.id}>
      <td>
        <ui-icon name=${line.kind === 'labour' ? 'wrench' : 'parts'}></ui-icon> ${line.description}
        <span class="quiet small">${line.sku}</span>
        ${this.#renderAnswer(line)}
        ${line.customer_supplied === 1 ? html`<span class="quiet small">${msg('La trae el cliente')}</span>` : nothing}
      </td>
      <td class="part">${line.kind === 'part' ? this.#renderState(line, locked) : nothing}</td>
      <td>
        <input
          inputmode="decimal"
          aria-label=${msg(str`Cantidad de ${line.description}`)}
          ?readonly=${locked}
          .value=${quantity}
          @change=${(event: Event) => this.#quantity(line, number(event, 1000, quantity))}
        />
      </td>
      <td>
        <input
          inputmode="decimal"
          aria-label=${msg(str`Precio de ${line.description}`)}
          ?readonly=${locked}
          .value=${price}
          @change=${(event: Event) => this.#price(line, number(event, 100, price))}
        />
      </td>
      <td class="amount figure">${this.#money(lineNetMinor(line))}</td>
      <td>
        ${
          locked
            ? nothing
            : html`<button
                class="button bare"
                aria-label=${msg(str`Quitar ${line.description}`)}
                @click=${() => this.writeRemoval(line.description, 'line.remove', (actor) => removeLine(actor, line))}
              >
                <ui-icon name="trash"></ui-icon>
              </button>`
        }
      </td>
    </tr>`;
  }

  /** Where the part is on its way into the vehicle; the platform's own list, as for the order. */
  #renderState(line: Line, locked: boolean) {
    const state = line.part_state ?? 'needed';
    if (locked) {
      return html`<span class="state"><ui-icon name=${partStateIcon(state)}></ui-icon>${partStateName(state)}</span>`;
    }
    return html`<select
      aria-label=${msg(str`Estado de ${line.description}`)}
      .value=${state}
      @change=${(event: Event) => this.#state(line, (event.target as HTMLSelectElement).value as PartState)}
    >
      ${statesAfter(state).map(
        (next) => html`<option value=${next} ?selected=${next === state}>${partStateName(next)}</option>`,
      )}
    </select>`;
  }

  /** Why a line is not in what the order comes to. */
  #renderAnswer(line: Line) {
    const job = this.#jobOf(line);
    if (!job) return nothing;
    const passedOver = job.approval !== 'declined' && !countedJobs(this.#jobs.rows).includes(job);
    const word =
      passedOver || isOtherOption(job, this.#jobs.rows)
        ? msg('Otra opción')
        : job.approval === 'declined'
          ? msg('Rechazado')
          : '';
    return word === '' ? nothing : html`<span class="quiet small">${word}</span>`;
  }

  #jobOf({ job_id }: Line): Job | undefined {
    return job_id === null ? undefined : this.#jobs.rows.find(({ id }) => id === job_id);
  }

  #renderTotals(order: OrderView) {
    const counted = new Set(countedJobs(this.#jobs.rows).map(({ id }) => id));
    const wanted = this.#lines.rows.filter((line) => {
      const job = this.#jobOf(line);
      return job === undefined || (job.approval !== 'declined' && counted.has(job.id));
    });
    const totals = documentTotals(wanted, { discount: order });
    return html`<dl class="totals">
      <dt>${msg('Base')}</dt><dd class="figure">${this.#money(totals.netMinor)}</dd>
      <dt>${msg('Impuestos')}</dt><dd class="figure">${this.#money(totals.taxMinor)}</dd>
      <dt class="total">${msg('Total')}</dt><dd class="figure total">${this.#money(totals.totalMinor)}</dd>
    </dl>`;
  }

  #add(order: OrderView, { line }: LineChosenEvent): void {
    const sort = this.#lines.rows.length + 1;
    void this.write('line.add', (actor) => addLine(actor, order.id, { ...line, sort }).statements);
  }

  #state(line: Line, state: PartState): void {
    void this.write('part.state', (actor) => setPartState(actor, line, state));
  }

  #quantity(line: Line, qtyMilli: number | undefined): void {
    if (qtyMilli === undefined) return;
    void this.write('line.edit', (actor) => changeLineQuantity(actor, line, qtyMilli));
  }

  #price(line: Line, unitPriceMinor: number | undefined): void {
    if (unitPriceMinor === undefined) return;
    void this.write('line.edit', () => updateLine(line.id, { unit_price_minor: unitPriceMinor }));
  }

  #money(minor: number): string {
    return formatMoney(minor, 'EUR', locale());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-lines': OrderLines;
  }
}
