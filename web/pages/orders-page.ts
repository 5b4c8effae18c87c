import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { statements, update } from '../../shared/taller/flows/statement.ts';
import { NavigateEvent } from '../app/events.ts';
import { renderLive } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { isFiltered, type OrderPageView, orderPagePath, readOrderPageView } from '../app/order-filter.ts';
import {
  boardCountsQuery,
  boardQuery,
  type ListedOrder,
  type OrderFilter,
  type OrderSummary,
  orderCountQuery,
  orderListQuery,
  type StatusCount,
} from '../app/orders.ts';
import { TallerPage } from '../app/page.ts';
import { nameOf, type Status, statusesQuery } from '../app/statuses.ts';
import { selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/order-board.ts';
import type { Lane, MoreWantedEvent, OrderAssignEvent } from '../components/order-board.ts';
import '../components/order-list.ts';
import type { OrderMoveEvent, RowsWantedEvent } from '../components/order-list.ts';
import '../components/order-mover.ts';
import type { OrderMover } from '../components/order-mover.ts';
import '../components/order-views.ts';
import '../components/ui-icon.ts';

interface Technician extends ResultRow {
  readonly id: string;
  readonly display_name: string;
}

/** Rows of the list that are read at a time, and how far their first may be from those on the screen. */
const ROWS_READ = 120;
const ROWS_STEP = 40;
const CARDS_PER_STATE = 40;
const MINUTE_MS = 60_000;

/** The orders of the workshop: as a board by state, with lanes of technicians if wished, or as a list of any length. */
@customElement('orders-page')
export class OrdersPage extends TallerPage {
  /** Cards to show of the states for which more were asked for. */
  @state() private accessor cards: Readonly<Record<string, number>> = {};
  /** Place of the first row that is read for the list. */
  @state() private accessor first = 0;
  @query('order-mover') private accessor mover!: OrderMover;
  /** Place that the list stands at by now; read next, once the rows asked for are there. */
  #wanted = 0;

  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #technicians = new LiveQuery<Technician>(
    this,
    () => this.engine,
    () =>
      sql`select id, display_name from users where is_technician = 1 and active = 1 order by display_name`,
  );
  #board = new LiveQuery<OrderSummary>(
    this,
    () => this.engine,
    () => (this.#isList ? undefined : boardQuery(this.#filter, CARDS_PER_STATE, this.cards)),
  );
  #rows = new LiveQuery<ListedOrder>(
    this,
    () => this.engine,
    () => (this.#isList ? orderListQuery(this.#filter, this.first, ROWS_READ) : undefined),
  );
  #rowCount = new LiveQuery<{ readonly orders: number }>(
    this,
    () => this.engine,
    () => (this.#isList ? orderCountQuery(this.#filter) : undefined),
  );
  #counts = new LiveQuery<StatusCount>(
    this,
    () => this.engine,
    () => (this.#isList ? undefined : boardCountsQuery(this.#filter)),
  );

  static override styles = [
    shared,
    selectStyle,
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
        max-inline-size: 13rem;
        padding-inline-end: 36px;
        font-weight: 600;
      }
      .filters {
        gap: var(--space-2);
      }
      .filters > * {
        flex: none;
      }
      @media (max-width: 699px) {
        .button {
          padding-inline: var(--space-3);
        }
        /* One line that scrolls sideways, to the edges of the screen; rings of focus have room. */
        .filters {
          flex-wrap: nowrap;
          overflow-x: auto;
          margin: -6px calc(-1 * var(--space-4));
          padding: 6px var(--space-4);
        }
      }
    `,
  ];

  get #view(): OrderPageView {
    return readOrderPageView(this.search);
  }

  get #isList(): boolean {
    return this.#view.as === 'list';
  }

  get #filter(): OrderFilter {
    const { scope, technician, status, onlyLate } = this.#view;
    return { scope, technician, status, onlyLate, nowMs: onlyLate ? this.#minute : 0 };
  }

  /** Promises are told to the minute; a finer time would draw every card anew with each message of the engine. */
  get #minute(): number {
    return Math.floor(this.now / MINUTE_MS) * MINUTE_MS;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('search')) {
      this.first = 0;
      this.#wanted = 0;
      this.cards = {};
    }
    // One reading at a time: a quick thumb asks for more places than it stops at.
    const [row] = this.#rows.rows;
    if (row?.first === this.first) this.first = this.#wanted;
  }

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Órdenes')}</h1>
        <div class="row">
          <order-views path=${orderPagePath(this.#view)}></order-views>
          <a class="button" href="/admin/datos?lista=orders"><ui-icon name="download"></ui-icon>${msg('Exportar')}</a>
          <a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>
        </div>
      </div>
      ${this.#renderFilters()}
      <div
        @order-move=${this.#move}
        @order-assign=${this.#assign}
        @more-wanted=${this.#showMore}
      >
        ${this.#isList ? this.#renderList() : this.#renderBoard()}
      </div>
      <order-mover .statuses=${this.#statuses.rows}></order-mover>
    `;
  }

  #renderBoard() {
    return renderLive(this.#board, {
      empty: () => this.#renderNone(),
      rows: (rows) => html`<order-board
        .orders=${rows}
        .statuses=${this.#statuses.rows}
        .counts=${this.#counts.rows}
        .lanes=${this.#lanes()}
        .now=${this.#minute}
      ></order-board>`,
    });
  }

  #renderList() {
    return renderLive(this.#rowCount, {
      empty: () => nothing,
      rows: ([{ orders: count } = { orders: 0 }]) =>
        count === 0
          ? this.#renderNone()
          : html`<order-list
              .orders=${this.#rows.rows}
              .count=${count}
              .statuses=${this.#statuses.rows}
              .now=${this.#minute}
              @rows-wanted=${this.#readRows}
            ></order-list>`,
    });
  }

  #renderNone() {
    if (isFiltered(this.#view)) {
      return html`<state-note heading=${msg('Ninguna orden es así')} icon="search">
        <button class="button" @click=${() => this.#go({ technician: '', status: '', onlyLate: false })}>
          ${msg('Quitar los filtros')}
        </button>
      </state-note>`;
    }
    return html`<state-note
      heading=${msg('No hay órdenes abiertas')}
      text=${msg('Cuando llegue un vehículo, empieza por su matrícula.')}
      icon="orders"
    >
      <a class="button main" href="/recepcion/nueva">${msg('Nueva recepción')}</a>
    </state-note>`;
  }

  #lanes(): readonly Lane[] {
    const { as, technician } = this.#view;
    if (as !== 'lanes') return [];
    const technicians = this.#technicians.rows.map(({ id, display_name: name }) => ({ id, name }));
    if (technician !== '') return technicians.filter(({ id }) => id === technician);
    return [...technicians, { id: '', name: msg('Sin técnico') }];
  }

  #renderFilters() {
    const { scope, technician, status, onlyLate } = this.#view;
    return html`<div class="row filters no-print">
      <div class="segments" role="group" aria-label=${msg('Vista')}>
        ${this.#renderView('board', msg('Tablero'), 'board')}
        ${this.#technicians.rows.length === 0 ? nothing : this.#renderView('lanes', msg('Tablero por técnico'), 'lanes')}
        ${this.#renderView('list', msg('Lista'), 'list')}
      </div>
      <div class="segments" role="group" aria-label=${msg('Mostrar')}>
        <button class="button" aria-pressed=${scope === 'open'} @click=${() => this.#go({ scope: 'open' })}>${msg('Abiertas')}</button>
        <button class="button" aria-pressed=${scope === 'all'} @click=${() => this.#go({ scope: 'all' })}>${msg('Todas')}</button>
      </div>
      <button class="button late" aria-pressed=${onlyLate} @click=${() => this.#go({ onlyLate: !onlyLate })}>
        <ui-icon name="clock"></ui-icon>${msg('Tarde')}
      </button>
      <select aria-label=${msg('Estado')} @change=${(event: Event) => this.#go({ status: chosen(event) })}>
        <option value="" ?selected=${status === ''}>${msg('Todos los estados')}</option>
        ${this.#statuses.rows.map((one) => html`<option value=${one.key} ?selected=${one.key === status}>${nameOf(one, locale())}</option>`)}
      </select>
      ${
        this.#technicians.rows.length === 0
          ? nothing
          : html`<select aria-label=${msg('Técnico')} @change=${(event: Event) => this.#go({ technician: chosen(event) })}>
              <option value="" ?selected=${technician === ''}>${msg('Todos los técnicos')}</option>
              ${this.#technicians.rows.map(({ id, display_name: name }) => html`<option value=${id} ?selected=${id === technician}>${name}</option>`)}
            </select>`
      }
    </div>`;
  }

  #renderView(as: OrderPageView['as'], label: string, icon: 'board' | 'lanes' | 'list') {
    return html`<button
      class="button"
      aria-label=${label}
      title=${label}
      aria-pressed=${this.#view.as === as}
      @click=${() => this.#go({ as })}
    >
      <ui-icon name=${icon}></ui-icon>
    </button>`;
  }

  #go(change: Partial<OrderPageView>): void {
    this.dispatchEvent(new NavigateEvent(orderPagePath({ ...this.#view, ...change }), { replace: true }));
  }

  #readRows = ({ first, last }: RowsWantedEvent): void => {
    const isThere = first >= this.#wanted && last <= this.#wanted + ROWS_READ;
    if (isThere) return;
    const middle = (first + last) / 2;
    this.#wanted = Math.max(0, Math.round((middle - ROWS_READ / 2) / ROWS_STEP) * ROWS_STEP);
    this.requestUpdate();
  };

  #showMore = ({ status }: MoreWantedEvent): void => {
    this.cards = { ...this.cards, [status]: (this.cards[status] ?? CARDS_PER_STATE) + CARDS_PER_STATE };
  };

  #assign = ({ order, technician }: OrderAssignEvent): void => {
    void this.write('wo.edit', () =>
      statements(update('work_orders', order.id, { technician_id: technician })),
    );
  };

  #move = (event: OrderMoveEvent): void => {
    if (event.to) this.mover.move(event.order, event.to);
    else this.mover.offer(event.order);
  };
}

function chosen(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

declare global {
  interface HTMLElementTagNameMap {
    'orders-page': OrdersPage;
  }
}
