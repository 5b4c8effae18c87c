import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { LineInput } from '../../shared/taller/flows/order-flow.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatMoney } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { inputStyle } from '../app/styles/fields.ts';
import { hitListStyle } from '../app/styles/lists.ts';
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

/** A line was chosen, with the price and tax that it starts with. */
export class LineChosenEvent extends Event {
  static readonly type = 'line-chosen';
  readonly line: LineInput;

  constructor(line: LineInput) {
    super(LineChosenEvent.type, { bubbles: true });
    this.line = line;
  }
}

/**
 * A place to find what goes into a line: a part by reference or name, or labour written freely.
 *
 * @fires line-chosen
 */
@customElement('line-search')
export class LineSearch extends ConnectedElement {
  /** What it is for, where several stand on one page. */
  @property() accessor label = '';
  @state() private accessor text = '';

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
    inputStyle,
    hitListStyle,
    css`
      label {
        display: grid;
        gap: var(--space-2);
      }
    `,
  ];

  override render() {
    const text = this.text.trim();
    return html`
      <label>
        <span class="label">${this.label || msg('Añadir pieza o mano de obra')}</span>
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
      ${text.length < 2 ? nothing : this.#renderHits(text)}
    `;
  }

  #renderHits(text: string) {
    return html`<ul aria-label=${msg('Artículos encontrados')}>
      ${this.#items.rows.map(
        (item) => html`<li>
          <button class="button" @click=${() => this.#chooseItem(item)}>
            <span>${item.name} <span class="quiet small">${item.sku}</span></span>
            <span class="figure">${formatMoney(item.price_minor, 'EUR', locale())}</span>
          </button>
        </li>`,
      )}
      <li>
        <button class="button" @click=${() => this.#chooseLabour(text)}>
          <span><ui-icon name="plus"></ui-icon> ${msg(str`Mano de obra: ${text}`)}</span>
        </button>
      </li>
    </ul>`;
  }

  #chooseItem(item: ItemHit): void {
    this.#choose({
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
    });
  }

  #chooseLabour(description: string): void {
    const labour = this.#labour.first;
    this.#choose({
      kind: 'labour',
      description,
      qty_milli: 1000,
      unit: 'h',
      unit_price_minor: labour?.price_minor ?? 0,
      tax_rate_id: labour?.tax_rate_id ?? null,
      tax_rate_bp: labour?.rate_bp ?? 0,
    });
  }

  #choose(line: LineInput): void {
    this.text = '';
    this.dispatchEvent(new LineChosenEvent(line));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'line-search': LineSearch;
  }
  interface HTMLElementEventMap {
    'line-chosen': LineChosenEvent;
  }
}
