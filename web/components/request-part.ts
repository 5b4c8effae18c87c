import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { requestPart } from '../../shared/taller/flows/order-flow.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface PartHit extends ResultRow {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
  readonly price_minor: number;
  readonly last_cost_minor: number;
  readonly tax_rate_id: string | null;
  readonly rate_bp: number;
}

/**
 * A technician asks for a part of a job: by reference or name, or in their own words. No price is shown; the line has
 * the one of the catalog.
 *
 * @fires request-left - the part is asked for, or not
 */
@customElement('request-part')
export class RequestPart extends ConnectedElement {
  @property() accessor order = '';
  @property() accessor job: string | null = null;
  @state() private accessor text = '';
  @state() private accessor chosen: PartHit | undefined;
  @state() private accessor problem = '';
  @query('input[name="quantity"]') private accessor quantity!: HTMLInputElement;
  @query('input[name="own"]') private accessor own!: HTMLInputElement;

  #hits = new LiveQuery<PartHit>(
    this,
    () => this.engine,
    () => {
      const words = fold(this.text);
      if (words.length < 2 || this.chosen) return undefined;
      return sql`
        select i.id, i.sku, i.name_es as name, i.unit, i.price_minor, i.last_cost_minor, i.tax_rate_id, coalesce(t.rate_bp, 0) as rate_bp
        from items i left join tax_rates t on t.id = i.tax_rate_id
        where i.active = 1 and i.kind <> 'service' and (lower(i.sku) like ${`%${words}%`} or i.name_es glob ${foldedGlob(words)})
        order by i.sku limit 5`;
    },
  );

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: var(--space-4);
      }
      label {
        display: grid;
        gap: 6px;
        font-weight: 600;
        font-size: var(--text-s);
      }
      input {
        min-block-size: 60px;
        padding: 0 var(--space-4);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
        font-size: var(--text-l);
      }
      .many {
        max-inline-size: 9rem;
      }
      .own {
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
      }
      .own input {
        inline-size: 28px;
        block-size: 28px;
        min-block-size: 0;
        margin: 0;
        accent-color: var(--ink);
      }
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .hit {
        inline-size: 100%;
        min-block-size: 60px;
        justify-content: space-between;
        font-weight: 500;
        text-align: start;
      }
    `,
  ];

  override render() {
    return html`<wa-dialog open label=${msg('Pedir una pieza')} @wa-after-hide=${this.#leave}>
      <form @submit=${this.#ask}>
        <label>${msg('Qué pieza')}
          <input
            name="part"
            type="search"
            autocomplete="off"
            autofocus
            placeholder=${msg('Referencia o nombre')}
            .value=${this.text}
            @input=${this.#type}
          />
        </label>
        ${this.chosen || this.#hits.rows.length === 0 ? nothing : this.#renderHits()}
        <label class="many">${msg('Cantidad')}
          <input name="quantity" inputmode="decimal" autocomplete="off" value="1" />
        </label>
        ${this.problem ? html`<p class="signal" role="alert">${this.problem}</p>` : nothing}
        <label class="own"><input name="own" type="checkbox" />${msg('La trae el cliente')}</label>
        <button class="button main"><ui-icon name="parts"></ui-icon>${msg('Pedir')}</button>
      </form>
    </wa-dialog>`;
  }

  #renderHits() {
    return html`<ul aria-label=${msg('Artículos encontrados')}>
      ${this.#hits.rows.map(
        (hit) => html`<li>
          <button type="button" class="button hit" @click=${() => this.#choose(hit)}>
            <span>${hit.name}</span><span class="quiet small">${hit.sku}</span>
          </button>
        </li>`,
      )}
    </ul>`;
  }

  #type = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.chosen = undefined;
  };

  #choose(hit: PartHit): void {
    this.chosen = hit;
    this.text = hit.name;
  }

  #leave = (): void => {
    this.dispatchEvent(new Event('request-left'));
  };

  #ask = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { chosen, order, job } = this;
    const description = chosen?.name ?? this.text.trim();
    const quantity = parseDecimal(this.quantity.value);
    if (description === '') this.problem = msg('Falta qué pieza hace falta.');
    else if (quantity === undefined || quantity <= 0) this.problem = msg('La cantidad no es un número.');
    else {
      const part = chosen && {
        item_id: chosen.id,
        sku: chosen.sku,
        unit: chosen.unit,
        unit_price_minor: chosen.price_minor,
        unit_cost_minor: chosen.last_cost_minor,
        tax_rate_id: chosen.tax_rate_id,
        tax_rate_bp: chosen.rate_bp,
      };
      // What the customer brought is not sold to them.
      const brought = this.own.checked && {
        customer_supplied: 1,
        unit_price_minor: 0,
        unit_cost_minor: 0,
      };
      const asked = await this.write(
        'part.request',
        (actor) =>
          requestPart(actor, order, {
            ...part,
            ...brought,
            job_id: job,
            description,
            qty_milli: Math.round(quantity * 1000),
            technician_id: actor.user,
            sort: 99,
          }).statements,
      );
      if (!asked) return;
      this.dispatchEvent(new ToastEvent(msg(str`Pedido: ${description}`)));
      this.#leave();
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'request-part': RequestPart;
  }
}
