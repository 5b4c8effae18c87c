import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { locale } from '../app/localisation.ts';
import type { OrderSummary } from '../app/orders.ts';
import { nameOf, type Status } from '../app/statuses.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import './promised-time.ts';
import './status-mark.ts';

/** Orders in a line each, to be followed: number or plate, what for, and where each stands. */
@customElement('order-lines-brief')
export class OrderLinesBrief extends TallerElement {
  @property({ attribute: false }) accessor orders: readonly OrderSummary[] = [];
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  @property({ attribute: false }) accessor now = 0;
  /** Leads each line with the plate, where the orders are of several vehicles. */
  @property({ type: Boolean }) accessor plates = false;

  static override styles = [
    shared,
    dividedListStyle,
    css`
      :host {
        container-type: inline-size;
      }
      ul {
        grid-template-columns: auto minmax(0, 1fr) auto auto;
      }
      /* What each line says of the same thing stands below each other. */
      li,
      a {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
        align-items: center;
        gap: var(--space-1) var(--space-4);
      }
      .state {
        display: contents;
      }
      a {
        min-block-size: 56px;
        padding-block: var(--space-2);
        text-decoration: none;
      }
      .what {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @container (max-width: 600px) {
        ul {
          grid-template-columns: auto minmax(0, 1fr);
        }
        .state {
          display: flex;
          grid-column: 1 / -1;
          justify-content: space-between;
          gap: var(--space-1) var(--space-2);
          font-size: var(--text-s);
        }
      }
    `,
  ];

  override render() {
    if (this.orders.length === 0) return html`<p class="quiet">${msg('Ninguna.')}</p>`;
    return html`<ul>
      ${this.orders.map((order) => this.#renderOrder(order))}
    </ul>`;
  }

  #renderOrder(order: OrderSummary) {
    const status = this.statuses.find(({ key }) => key === order.status_key);
    return html`<li>
      <a href="/ordenes/${order.id}" data-order=${order.id}>
        ${
          this.plates
            ? html`<number-plate value=${order.plate} country=${order.plate_country}></number-plate>`
            : html`<span class="figure">${order.number}</span>`
        }
        <span class="what">${this.plates ? `${order.vehicle} · ${order.customer}` : (order.complaint.split('\n')[0] ?? '')}</span>
        <span class="row state">
          <promised-time .order=${order} phase=${status?.phase ?? ''} .now=${this.now}></promised-time>
          <status-mark
            status=${order.status_key}
            phase=${status?.phase ?? ''}
            label=${status ? nameOf(status, locale()) : order.status_key}
          ></status-mark>
        </span>
      </a>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-lines-brief': OrderLinesBrief;
  }
}
