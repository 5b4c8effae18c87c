import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { addLine, changeLineQuantity, removeLine, updateLine } from '../../shared/taller/flows/order-flow.ts';
import { documentTotals, lineNetMinor } from '../../shared/taller/money.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import { isLocked } from '../../shared/taller/status.ts';
import type { WoLine } from '../../shared/taller/tables/orders.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDecimal, formatMoney, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import type { OrderView } from '../app/order-view.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface ItemHit extends ResultRow {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly price_minor: number;
  readonly tax_rate_id: string | null;
  readonly rate_bp: number;
}

interface LabourRow extends ResultRow {
  readonly price_minor: number;
  readonly tax_rate_id: string | null;
  readonly rate_bp: number;
}

type Line = WoLine & ResultRow;

/** Parts and labour of an order with what they come to. A part is found by reference or name, or written freely. */
@customElement('order-lines')
export class OrderLines extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;
  @state() private accessor text = '';

  #lines = new LiveQuery<Line>(
    this,
    () => this.engine,
    () => sql`select * from wo_lines where work_order_id = ${this.order?.id} order by sort, created_at, id`,
  );
  #items = new LiveQuery<ItemHit>(
    this,
    () => this.engine,
    () => {
      const words = fold(this.text);
      if (words.length < 2) return undefined;
      const like = `%${words}%`;
      return sql`
        select i.id, i.sku, i.name_es as name, i.kind, i.unit, i.price_minor, i.tax_rate_id, coalesce(t.rate_bp, 0) as rate_bp
        from items i left join tax_rates t on t.id = i.tax_rate_id
        where i.active = 1 and (lower(i.sku) like ${like} or i.name_es glob ${foldedGlob(words)})
        order by i.sku limit 6`;
    },
  );

  /** What an hour costs, and the tax it has when nobody says otherwise. */
  #labour = new LiveQuery<LabourRow>(
    this,
    () => this.engine,
    () => sql`
      select coalesce((select amount_minor_h from labour_rates where active = 1 order by valid_from desc limit 1), 0) as price_minor,
        (select id from tax_rates where is_default = 1 and active = 1 limit 1) as tax_rate_id,
        coalesce((select rate_bp from tax_rates where is_default = 1 and active = 1 limit 1), 0) as rate_bp`,
  );

  static override styles = [
    shared,
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
      .amount {
        text-align: end;
        white-space: nowrap;
      }
      input {
        inline-size: 100%;
        min-block-size: var(--target);
        padding: 0 var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
      }
      td input {
        max-inline-size: 7rem;
        text-align: end;
        font-family: var(--font-display);
        font-variant-numeric: tabular-nums;
      }
      .hits {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .hits .button {
        inline-size: 100%;
        justify-content: space-between;
        font-weight: 500;
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
          border: 0;
        }
        td:first-child {
          grid-column: 1 / -1;
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
        ${locked ? nothing : this.#renderSearch(order)}
        ${this.#lines.rows.length === 0 ? html`<p class="quiet">${msg('Sin piezas ni mano de obra todavía.')}</p>` : this.#renderTable(locked)}
        ${this.#renderTotals(order)}
      </section>
    `;
  }

  #renderSearch(order: OrderView) {
    const text = this.text.trim();
    return html`
      <label class="stack">
        <span class="label">${msg('Añadir pieza o mano de obra')}</span>
        <input
          type="search"
          autocomplete="off"
          placeholder=${msg('Referencia o nombre')}
          .value=${this.text}
          @input=${(event: Event) => {
            this.text = (event.target as HTMLInputElement).value;
          }}
        />
      </label>
      ${
        text.length < 2
          ? nothing
          : html`<ul class="hits" aria-label=${msg('Artículos encontrados')}>
              ${this.#items.rows.map(
                (item) => html`<li>
                  <button class="button" @click=${() => this.#addItem(order, item)}>
                    <span>${item.name} <span class="quiet small">${item.sku}</span></span>
                    <span class="figure">${this.#money(item.price_minor)}</span>
                  </button>
                </li>`,
              )}
              <li>
                <button class="button" @click=${() => this.#addFree(order, text)}>
                  <span><ui-icon name="plus"></ui-icon> ${msg(str`Mano de obra: ${text}`)}</span>
                </button>
              </li>
            </ul>`
      }
    `;
  }

  #renderTable(locked: boolean) {
    return html`<table>
      <thead>
        <tr>
          <th scope="col" class="label">${msg('Concepto')}</th>
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
    const number = (event: Event, factor: number): number | undefined => {
      const value = parseDecimal((event.target as HTMLInputElement).value);
      return value === undefined ? undefined : Math.round(value * factor);
    };
    return html`<tr data-line=${line.id}>
      <td>
        <ui-icon name=${line.kind === 'labour' ? 'wrench' : 'parts'}></ui-icon> ${line.description}
        <span class="quiet small">${line.sku}</span>
      </td>
      <td>
        <input
          inputmode="decimal"
          aria-label=${msg(str`Cantidad de ${line.description}`)}
          ?readonly=${locked}
          .value=${formatQuantity(line.qty_milli, locale())}
          @change=${(event: Event) => this.#quantity(line, number(event, 1000))}
        />
      </td>
      <td>
        <input
          inputmode="decimal"
          aria-label=${msg(str`Precio de ${line.description}`)}
          ?readonly=${locked}
          .value=${formatDecimal(line.unit_price_minor, locale())}
          @change=${(event: Event) => this.#price(line, number(event, 100))}
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
                @click=${() => this.write('line.remove', (actor) => removeLine(actor, line))}
              >
                <ui-icon name="trash"></ui-icon>
              </button>`
        }
      </td>
    </tr>`;
  }

  #renderTotals(order: OrderView) {
    const totals = documentTotals(this.#lines.rows, { discount: order });
    return html`<dl class="totals">
      <dt>${msg('Base')}</dt><dd class="figure">${this.#money(totals.netMinor)}</dd>
      <dt>${msg('Impuestos')}</dt><dd class="figure">${this.#money(totals.taxMinor)}</dd>
      <dt class="total">${msg('Total')}</dt><dd class="figure total">${this.#money(totals.totalMinor)}</dd>
    </dl>`;
  }

  #addItem(order: OrderView, item: ItemHit): void {
    this.text = '';
    const sort = this.#lines.rows.length + 1;
    void this.write(
      'line.add',
      (actor) =>
        addLine(actor, order.id, {
          kind: item.kind === 'service' ? 'labour' : 'part',
          item_id: item.id,
          sku: item.sku,
          description: item.name,
          unit: item.unit,
          qty_milli: 1000,
          unit_price_minor: item.price_minor,
          tax_rate_id: item.tax_rate_id,
          tax_rate_bp: item.rate_bp,
          ...(item.kind === 'service' ? {} : { part_state: 'needed' as const }),
          sort,
        }).statements,
    );
  }

  #addFree(order: OrderView, description: string): void {
    this.text = '';
    const sort = this.#lines.rows.length + 1;
    const labour = this.#labour.first;
    void this.write(
      'line.add',
      (actor) =>
        addLine(actor, order.id, {
          kind: 'labour',
          description,
          qty_milli: 1000,
          unit: 'h',
          unit_price_minor: labour?.price_minor ?? 0,
          tax_rate_id: labour?.tax_rate_id ?? null,
          tax_rate_bp: labour?.rate_bp ?? 0,
          sort,
        }).statements,
    );
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
