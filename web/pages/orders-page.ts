import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { NavigateEvent } from '../app/events.ts';
import { renderLive } from '../app/live.ts';
import {
  boardCountsQuery,
  boardQuery,
  type OrderFilter,
  type OrderSummary,
  orderListQuery,
  type StatusCount,
} from '../app/orders.ts';
import { TallerPage } from '../app/page.ts';
import { type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/order-board.ts';
import '../components/order-list.ts';
import type { OrderMoveEvent } from '../components/order-list.ts';
import '../components/order-mover.ts';
import type { OrderMover } from '../components/order-mover.ts';
import '../components/ui-icon.ts';

interface Technician extends ResultRow {
  readonly id: string;
  readonly display_name: string;
}

const LIST_LIMIT = 500;
const CARDS_PER_STATE = 40;
const MINUTE_MS = 60_000;

/** The orders of the workshop: as a board by state, or as a list (`?vista=lista`). */
@customElement('orders-page')
export class OrdersPage extends TallerPage {
  @state() private accessor scope: 'open' | 'all' = 'open';
  @state() private accessor technician = '';
  @state() private accessor onlyLate = false;
  @query('order-mover') private accessor mover!: OrderMover;

  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #technicians = new LiveQuery<Technician>(
    this,
    () => this.engine,
    () =>
      sql`select id, display_name from users where is_technician = 1 and active = 1 order by display_name`,
  );
  #orders = new LiveQuery<OrderSummary>(
    this,
    () => this.engine,
    () =>
      this.#isList ? orderListQuery(this.#filter, LIST_LIMIT) : boardQuery(this.#filter, CARDS_PER_STATE),
  );
  #counts = new LiveQuery<StatusCount>(
    this,
    () => this.engine,
    () => (this.#isList ? undefined : boardCountsQuery(this.#filter)),
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      .segments {
        display: inline-flex;
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        overflow: hidden;
      }
      .segments .button {
        border: 0;
        border-radius: 0;
      }
      .segments .button[aria-pressed='true'],
      .button.late[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
      select {
        min-block-size: var(--target);
        max-inline-size: 12rem;
        padding: 0 var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: 600 var(--text-m) / 1 var(--font-text);
      }
      @media (max-width: 699px) {
        .button,
        select {
          padding-inline: var(--space-3);
        }
      }
    `,
  ];

  get #isList(): boolean {
    return this.search.get('vista') === 'lista';
  }

  get #filter(): OrderFilter {
    return {
      scope: this.scope,
      technician: this.technician,
      onlyLate: this.onlyLate,
      nowMs: this.onlyLate ? Math.floor(this.now / MINUTE_MS) * MINUTE_MS : 0,
    };
  }

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Órdenes')}</h1>
        <a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>
      </div>
      ${this.#renderFilters()}
      <div @order-move=${this.#move}>
        ${renderLive(this.#orders, {
          empty: () => html`<state-note
            heading=${msg('No hay órdenes abiertas')}
            text=${msg('Cuando llegue un vehículo, empieza por su matrícula.')}
            icon="orders"
          >
            <a class="button main" href="/recepcion/nueva">${msg('Nueva recepción')}</a>
          </state-note>`,
          rows: (rows) =>
            this.#isList
              ? html`<order-list .orders=${rows} .statuses=${this.#statuses.rows} .now=${this.now}></order-list>`
              : html`<order-board
                  .orders=${rows}
                  .statuses=${this.#statuses.rows}
                  .counts=${this.#counts.rows}
                  .now=${this.now}
                ></order-board>`,
        })}
      </div>
      <order-mover .statuses=${this.#statuses.rows}></order-mover>
    `;
  }

  #renderFilters() {
    return html`<div class="row">
      <div class="segments" role="group" aria-label=${msg('Vista')}>
        ${this.#renderView('tablero', msg('Tablero'), 'board', !this.#isList)}
        ${this.#renderView('lista', msg('Lista'), 'list', this.#isList)}
      </div>
      <div class="segments" role="group" aria-label=${msg('Mostrar')}>
        <button class="button" aria-pressed=${this.scope === 'open'} @click=${() => this.#show('open')}>${msg('Abiertas')}</button>
        <button class="button" aria-pressed=${this.scope === 'all'} @click=${() => this.#show('all')}>${msg('Todas')}</button>
      </div>
      <button class="button late" aria-pressed=${this.onlyLate} @click=${this.#toggleLate}>
        <ui-icon name="clock"></ui-icon>${msg('Tarde')}
      </button>
      ${
        this.#technicians.rows.length === 0
          ? nothing
          : html`<select aria-label=${msg('Técnico')} .value=${this.technician} @change=${this.#chooseTechnician}>
              <option value="">${msg('Todos los técnicos')}</option>
              ${this.#technicians.rows.map(({ id, display_name: name }) => html`<option value=${id}>${name}</option>`)}
            </select>`
      }
    </div>`;
  }

  #renderView(view: string, label: string, icon: 'board' | 'list', pressed: boolean) {
    return html`<button
      class="button"
      aria-label=${label}
      aria-pressed=${pressed}
      @click=${() => this.dispatchEvent(new NavigateEvent(view === 'lista' ? '/ordenes?vista=lista' : '/ordenes'))}
    >
      <ui-icon name=${icon}></ui-icon>
    </button>`;
  }

  #show(scope: 'open' | 'all'): void {
    this.scope = scope;
  }

  #toggleLate = (): void => {
    this.onlyLate = !this.onlyLate;
  };

  #chooseTechnician = (event: Event): void => {
    this.technician = (event.target as HTMLSelectElement).value;
  };

  #move = (event: OrderMoveEvent): void => {
    if (event.to) this.mover.move(event.order, event.to);
    else this.mover.offer(event.order);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'orders-page': OrdersPage;
  }
}
