import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { renderLive } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/promised-time.ts';
import '../components/order-status.ts';
import type { OrderState } from '../components/order-status.ts';

interface OrderRow extends ResultRow, OrderState {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly customer: string;
  readonly complaint: string;
  readonly promised_at: number | null;
}

/** More rows than a person scrolls; search finds the rest. */
const LIMIT = 400;

/** Every order that is open (or all of them), with its state, which can be changed here. */
@customElement('orders-page')
export class OrdersPage extends TallerPage {
  @state() private accessor showAll = false;

  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #orders = new LiveQuery<OrderRow>(
    this,
    () => this.engine,
    () => sql`
      select o.id, o.number, o.status_key, o.complaint, o.promised_at, o.ready_at, o.delivered_at, o.locked_at, o.unlocked_at,
        coalesce(v.plate, '') as plate, coalesce(v.plate_country, '') as plate_country,
        trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(c.name, '') as customer
      from work_orders o
      left join vehicles v on v.id = o.vehicle_id
      left join customers c on c.id = o.customer_id
      where ${this.showAll} or o.status_key not in (select key from wo_statuses where phase in ('delivered', 'cancelled'))
      order by o.opened_at desc
      limit ${LIMIT}`,
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 10.5rem minmax(0, 1fr) auto 13rem;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-4) var(--space-2) var(--space-3);
        background: var(--surface-raised);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
      }
      .plate {
        display: grid;
        gap: 2px;
        justify-items: start;
        text-decoration: none;
        min-block-size: var(--target);
        align-content: center;
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
      .filters {
        display: inline-flex;
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        overflow: hidden;
      }
      .filters .button {
        border: 0;
        border-radius: 0;
      }
      .filters .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
      @media (max-width: 899px) {
        li {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        .what {
          grid-column: 1 / -1;
          grid-row: 2;
        }
        promised-time {
          grid-column: 2;
          grid-row: 1;
        }
        order-status {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Órdenes')}</h1>
        <div class="row">
          <div class="filters" role="group" aria-label=${msg('Mostrar')}>
            <button class="button" aria-pressed=${!this.showAll} @click=${() => this.#show(false)}>${msg('Abiertas')}</button>
            <button class="button" aria-pressed=${this.showAll} @click=${() => this.#show(true)}>${msg('Todas')}</button>
          </div>
          <a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>
        </div>
      </div>
      ${renderLive(this.#orders, {
        empty: () => html`<state-note
          heading=${msg('No hay órdenes abiertas')}
          text=${msg('Cuando llegue un vehículo, empieza por su matrícula.')}
          icon="orders"
        >
          <a class="button main" href="/recepcion/nueva">${msg('Nueva recepción')}</a>
        </state-note>`,
        rows: (rows) => html`<ul aria-label=${msg('Órdenes')}>
          ${repeat(
            rows,
            (row) => row.id,
            (row) => this.#renderOrder(row),
          )}
        </ul>`,
      })}
    `;
  }

  #renderOrder(row: OrderRow) {
    const status = this.#statuses.rows.find(({ key }) => key === row.status_key);
    return html`<li data-order=${row.id}>
      <a class="plate" href="/ordenes/${row.id}">
        <number-plate value=${row.plate} country=${row.plate_country || 'ES'}></number-plate>
        <span class="small quiet">${row.number}</span>
      </a>
      <div class="what">
        <div class="vehicle">${row.vehicle || msg('Vehículo sin datos')}</div>
        <div class="small quiet">${row.customer} · ${firstLine(row.complaint)}</div>
      </div>
      <promised-time .order=${row} phase=${status?.phase ?? ''} .now=${this.now}></promised-time>
      <order-status .order=${row} .statuses=${this.#statuses.rows}></order-status>
    </li>`;
  }

  #show(all: boolean): void {
    this.showAll = all;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'orders-page': OrdersPage;
  }
}
