import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { TallerElement } from '../app/element.ts';
import { NavigateEvent } from '../app/events.ts';
import { locale } from '../app/localisation.ts';
import type { OrderSummary, StatusCount } from '../app/orders.ts';
import { allowedFor, nameOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import { OrderMoveEvent } from './order-list.ts';
import { initialsOf } from './presence-list.ts';
import './promised-time.ts';
import { iconOf } from './status-mark.ts';
import './ui-icon.ts';

/**
 * Orders as cards in a column per state. A card moves by dragging, by its "Mover a…" button, or with the M key; arrows
 * walk from card to card and Enter opens one.
 *
 * @fires order-move
 */
@customElement('order-board')
export class OrderBoard extends TallerElement {
  @property({ attribute: false }) accessor orders: readonly OrderSummary[] = [];
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  @property({ attribute: false }) accessor counts: readonly StatusCount[] = [];
  @property({ attribute: false }) accessor now = 0;

  /** Id of the card that has the focus when the board is entered by keyboard. */
  @state() private accessor current = '';
  @state() private accessor dragged: OrderSummary | undefined;
  @state() private accessor over = '';

  static override styles = [
    shared,
    css`
      .board {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: minmax(236px, 1fr);
        gap: var(--space-3);
        padding-block-end: var(--space-3);
        overflow-x: auto;
        scroll-snap-type: x proximity;
        overscroll-behavior-x: contain;
      }
      section {
        display: grid;
        grid-template-rows: auto 1fr;
        gap: var(--space-2);
        min-block-size: 60dvh;
        padding: var(--space-2);
        border-radius: var(--radius-l);
        background: var(--surface-sunken);
        scroll-snap-align: start;
      }
      section.over {
        outline: 3px dashed var(--ink);
        outline-offset: -3px;
      }
      section.closed {
        opacity: 0.5;
      }
      h2 {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        padding: var(--space-2) var(--space-2) 0;
        font-size: var(--text-m);
      }
      .count {
        margin-inline-start: auto;
        color: var(--ink-quiet);
      }
      ul {
        display: grid;
        align-content: start;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        position: relative;
        display: grid;
        gap: var(--space-1);
        padding: var(--space-3);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        cursor: grab;
        content-visibility: auto;
        contain-intrinsic-size: auto 138px;
      }
      li.dragged {
        opacity: 0.4;
      }
      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2);
      }
      a {
        display: grid;
        gap: 2px;
        text-decoration: none;
      }
      a strong {
        font-weight: 650;
      }
      a::after {
        content: '';
        position: absolute;
        inset: 0;
      }
      .foot {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: 26px;
        font-size: var(--text-s);
      }
      .technician {
        margin-inline-start: auto;
        padding: 2px 8px;
        border-radius: 12px;
        background: var(--surface-sunken);
        font: 650 0.8125rem / 1.4 var(--font-display);
      }
      .move {
        position: relative;
        z-index: 1;
        margin: calc(-1 * var(--space-2));
        color: var(--ink-quiet);
      }
      .hold {
        display: inline-flex;
        align-items: center;
        gap: 4px;
      }
      .more {
        padding: var(--space-2);
        text-align: center;
      }
      @media (max-width: 699px) {
        .board {
          grid-auto-columns: min(82vw, 320px);
          scroll-snap-type: x mandatory;
          margin-inline: calc(-1 * var(--space-4));
          padding-inline: var(--space-4);
          scroll-padding-inline: var(--space-4);
        }
      }
    `,
  ];

  override render() {
    return html`<div class="board" @keydown=${this.#key}>
      ${this.statuses.filter((status) => this.#isShown(status)).map((status) => this.#renderColumn(status))}
    </div>`;
  }

  /** Ends are not columns of a day's work, unless somebody asked for everything. */
  #isShown(status: Status): boolean {
    const rare = ['draft', 'invoiced', 'delivered', 'cancelled'].includes(status.phase);
    return !rare || this.orders.some((order) => order.status_key === status.key);
  }

  #renderColumn(status: Status) {
    const orders = this.orders.filter((order) => order.status_key === status.key);
    const count = this.counts.find((entry) => entry.status_key === status.key)?.orders ?? orders.length;
    const full = status.wip_limit !== null && count > status.wip_limit;
    const open = !this.dragged || allowedFor(this.dragged, this.statuses).has(status.key);
    return html`<section
      data-status=${status.key}
      aria-label=${nameOf(status, locale())}
      class="${this.over === status.key ? 'over' : ''} ${open ? '' : 'closed'}"
      @dragover=${(event: DragEvent) => this.#dragOver(event, status, open)}
      @dragleave=${() => this.#dragLeave(status)}
      @drop=${(event: DragEvent) => this.#drop(event, status)}
    >
      <h2>
        <ui-icon name=${iconOf(status.key, status.phase)}></ui-icon>${nameOf(status, locale())}
        <span class="count figure ${full ? 'signal' : ''}">
          ${full ? html`<ui-icon name="alert" label=${msg('Demasiadas a la vez')}></ui-icon>` : nothing}
          ${status.wip_limit === null ? count : `${count}/${status.wip_limit}`}
        </span>
      </h2>
      <ul>
        ${repeat(
          orders,
          (order) => order.id,
          (order) => this.#renderCard(order, status),
        )}
        ${count > orders.length ? html`<li class="more small quiet">${msg(str`y ${count - orders.length} más`)}</li>` : nothing}
      </ul>
    </section>`;
  }

  #renderCard(order: OrderSummary, status: Status) {
    const first = this.current === '' ? this.orders[0]?.id : this.current;
    return html`<li
      data-order=${order.id}
      draggable="true"
      class=${this.dragged?.id === order.id ? 'dragged' : ''}
      @dragstart=${(event: DragEvent) => this.#dragStart(event, order)}
      @dragend=${this.#dragEnd}
    >
      <div class="head">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <button
          class="button bare move"
          tabindex="-1"
          aria-label=${msg(str`Mover a… ${order.number}`)}
          @click=${() => this.dispatchEvent(new OrderMoveEvent(order))}
        >
          <ui-icon name="move"></ui-icon>
        </button>
      </div>
      <a
        href="/ordenes/${order.id}"
        draggable="false"
        tabindex=${order.id === first ? '0' : '-1'}
        aria-keyshortcuts="M"
        @focus=${() => {
          this.current = order.id;
        }}
      >
        <strong>${order.vehicle || msg('Vehículo sin datos')}</strong>
        <span class="small quiet">${order.customer}</span>
      </a>
      <div class="foot">
        <promised-time .order=${order} phase=${status.phase} .now=${this.now}></promised-time>
        ${order.hold === 'parts' ? html`<span class="hold"><ui-icon name="parts"></ui-icon>${msg('Piezas')}</span>` : nothing}
        ${order.technician ? html`<span class="technician" title=${order.technician}>${initialsOf(order.technician)}</span>` : nothing}
      </div>
    </li>`;
  }

  #dragStart(event: DragEvent, order: OrderSummary): void {
    event.dataTransfer?.setData('text/plain', order.number);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
    this.dragged = order;
  }

  #dragOver(event: DragEvent, status: Status, open: boolean): void {
    if (!this.dragged || !open) return;
    event.preventDefault();
    this.over = status.key;
  }

  #dragLeave(status: Status): void {
    if (this.over === status.key) this.over = '';
  }

  #drop(event: DragEvent, status: Status): void {
    event.preventDefault();
    const order = this.dragged;
    this.#dragEnd();
    if (order && order.status_key !== status.key) this.dispatchEvent(new OrderMoveEvent(order, status));
  }

  #dragEnd = (): void => {
    this.dragged = undefined;
    this.over = '';
  };

  #key = (event: KeyboardEvent): void => {
    const order = this.orders.find(({ id }) => id === this.current);
    if (!order || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === 'm') {
      event.preventDefault();
      this.dispatchEvent(new OrderMoveEvent(order));
    } else if (event.key === 'Enter' && event.target === this) {
      this.dispatchEvent(new NavigateEvent(`/ordenes/${order.id}`));
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      this.#walk(order, event.key);
    }
  };

  /** Up and down within the column; left and right to the nearest card of the next column that has one. */
  #walk(from: OrderSummary, key: string): void {
    const columns = this.statuses
      .map((status) => this.orders.filter((order) => order.status_key === status.key))
      .filter((orders) => orders.length > 0);
    const column = columns.findIndex((orders) => orders.includes(from));
    const place = columns[column]?.indexOf(from) ?? 0;
    const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
    const vertical = key === 'ArrowDown' || key === 'ArrowUp';
    const orders = vertical ? columns[column] : columns[column + step];
    const to = orders?.[vertical ? place + step : Math.min(place, orders.length - 1)];
    if (!to) return;
    this.current = to.id;
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`li[data-order="${to.id}"] a`)?.focus();
    });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-board': OrderBoard;
  }
}
