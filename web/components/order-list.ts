import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { TallerElement } from '../app/element.ts';
import type { OrderSummary } from '../app/orders.ts';
import { allowedFor, phaseOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import './promised-time.ts';
import './status-select.ts';
import type { StatusChosenEvent } from './status-select.ts';

/** An order is to go to another state. */
export class OrderMoveEvent extends Event {
  static readonly type = 'order-move';
  readonly order: OrderSummary;
  /** Absent: ask where to. */
  readonly to: Status | undefined;

  constructor(order: OrderSummary, to?: Status) {
    super(OrderMoveEvent.type, { bubbles: true, composed: true });
    this.order = order;
    this.to = to;
  }
}

/**
 * Orders line by line, each with its state, which can be changed here.
 *
 * @fires order-move
 */
@customElement('order-list')
export class OrderList extends TallerElement {
  @property({ attribute: false }) accessor orders: readonly OrderSummary[] = [];
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  @property({ attribute: false }) accessor now = 0;

  static override styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 9.5rem minmax(0, 1fr) auto 15rem;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-3);
        background: var(--surface-raised);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        content-visibility: auto;
        contain-intrinsic-size: auto 66px;
      }
      .plate {
        display: grid;
        align-content: center;
        justify-items: start;
        gap: 3px;
        min-block-size: var(--target);
        text-decoration: none;
      }
      .number {
        font-size: var(--text-s);
        color: var(--ink-quiet);
      }
      .what {
        min-inline-size: 0;
      }
      .what > * {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .vehicle {
        font-weight: 650;
      }
      @media (max-width: 899px) {
        li {
          grid-template-columns: minmax(0, 1fr) auto;
          contain-intrinsic-size: auto 176px;
        }
        .what {
          grid-column: 1 / -1;
          grid-row: 2;
        }
        promised-time {
          grid-column: 2;
          grid-row: 1;
        }
        status-select {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    return html`<ul aria-label=${msg('Órdenes')}>
      ${repeat(
        this.orders,
        (order) => order.id,
        (order) => this.#renderOrder(order),
      )}
    </ul>`;
  }

  #renderOrder(order: OrderSummary) {
    return html`<li data-order=${order.id}>
      <a class="plate" href="/ordenes/${order.id}">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <span class="figure number">${order.number}</span>
      </a>
      <div class="what">
        <div class="vehicle">${order.vehicle || msg('Vehículo sin datos')}</div>
        <div class="small quiet">${order.customer} · ${firstLine(order.complaint)}</div>
      </div>
      <promised-time
        .order=${order}
        phase=${phaseOf(this.statuses, order.status_key)}
        .now=${this.now}
      ></promised-time>
      <status-select
        label=${msg(str`Estado de ${order.number}`)}
        .statuses=${this.statuses}
        .allowed=${allowedFor(order, this.statuses)}
        value=${order.status_key}
        @status-chosen=${(event: StatusChosenEvent) => this.dispatchEvent(new OrderMoveEvent(order, event.status))}
      ></status-select>
    </li>`;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'order-list': OrderList;
  }
  interface HTMLElementEventMap {
    'order-move': OrderMoveEvent;
  }
}
