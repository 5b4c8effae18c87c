import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { isLocked } from '../../shared/taller/status.ts';
import { DECLARATIONS, unsignedUrgentQuery } from '../app/declarations.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { type OrderView, orderQuery } from '../app/order-view.ts';
import { TallerPage } from '../app/page.ts';
import { PresenceHere } from '../app/presence.ts';
import { allowedFor, phaseOf, type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import { tabStyle } from '../app/styles/tabs.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/number-plate.ts';
import '../components/order-history.ts';
import '../components/order-jobs.ts';
import '../components/order-lines.ts';
import '../components/order-mover.ts';
import type { OrderMover } from '../components/order-mover.ts';
import '../components/order-photos.ts';
import '../components/order-signatures.ts';
import '../components/order-summary.ts';
import '../components/presence-list.ts';
import '../components/promised-time.ts';
import '../components/status-select.ts';
import '../components/sync-badge.ts';
import type { StatusChosenEvent } from '../components/status-select.ts';
import '../components/ui-icon.ts';

const TABS = ['resumen', 'trabajos', 'piezas', 'fotos', 'firmas', 'historial'] as const;
type Tab = (typeof TABS)[number];
/** Rows that are part of an order, and the column that says of which. */
const PARTS = [
  ['wo_jobs', 'work_order_id'],
  ['wo_lines', 'work_order_id'],
  ['wo_status_log', 'work_order_id'],
  ['time_entries', 'work_order_id'],
  ['inspections', 'work_order_id'],
  ['estimates', 'work_order_id'],
  ['comments', 'entity_id'],
  ['attachments', 'entity_id'],
  ['signatures', 'entity_id'],
] as const;
/** The vehicle is about to be fetched. */
const LEAVING = new Set(['ready', 'invoiced']);

/** One order: what it is about, its jobs, parts, photos and history, its state, and who else has it open. */
@customElement('order-page')
export class OrderPage extends TallerPage {
  @query('order-mover') private accessor mover!: OrderMover;

  #order = new LiveQuery<OrderView>(
    this,
    () => this.engine,
    () => orderQuery(this.params.id ?? ''),
  );
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #unsigned = new LiveQuery<ResultRow & { readonly urgent: number }>(
    this,
    () => this.engine,
    () => {
      const order = this.#order.first;
      return order && LEAVING.has(phaseOf(this.#statuses.rows, order.status_key))
        ? unsignedUrgentQuery(order)
        : undefined;
    },
  );
  #presence = new PresenceHere(this, {
    engine: () => this.engine,
    table: 'work_orders',
    row: () => this.#order.first?.id ?? '',
    displayName: () => this.session?.displayName ?? '',
  });

  static override styles = [
    shared,
    tabStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1240px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-3) var(--space-5);
      }
      .head > div {
        flex: 1 1 20rem;
        min-inline-size: 0;
        overflow-wrap: anywhere;
      }
      .head status-select {
        flex: 0 1 15rem;
      }
      .head number-plate {
        --plate-size: 2rem;
      }
      .notice {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--signal);
        border-radius: var(--radius-m);
        background: var(--signal-surface);
      }
      .notice span {
        display: inline-flex;
        align-items: center;
        gap: var(--space-3);
      }
      .head a {
        padding-block: var(--space-3);
        margin-block: calc(-1 * var(--space-3));
      }
      .locked {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
        background: var(--surface-sunken);
        border-radius: var(--radius-m);
      }
      @media (max-width: 899px) {
        .head {
          display: grid;
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  get #tab(): Tab {
    const given = this.search.get('pestana');
    return TABS.find((tab) => tab === given) ?? 'resumen';
  }

  override render() {
    switch (this.#order.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#order.state.failure.message);
      case 'rows': {
        const order = this.#order.first;
        return order ? this.#renderOrder(order) : this.#renderMissing();
      }
    }
  }

  #renderMissing() {
    return html`<state-note page
      heading=${msg('Esta orden no está en este dispositivo')}
      text=${msg('Puede que aún no haya llegado, o que se haya borrado.')}
      icon="search"
    >
      <a class="button" href="/ordenes">${msg('Ver órdenes')}</a>
    </state-note>`;
  }

  #renderOrder(order: OrderView) {
    const statuses = this.#statuses.rows;
    return html`
      <div class="head">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <div>
          <h1>${order.vehicle || msg('Vehículo sin datos')}</h1>
          <div class="row quiet">
            <span class="figure">${order.number}</span>
            ${
              order.customer_id
                ? html`<a href="/clientes/${order.customer_id}">${order.customer}</a>`
                : html`<span>${order.customer}</span>`
            }
            <promised-time .order=${order} phase=${phaseOf(statuses, order.status_key)} .now=${this.now}></promised-time>
            <sync-badge table="work_orders" row=${order.id} .parts=${PARTS}></sync-badge>
            <presence-list .companions=${this.#presence.companions}></presence-list>
          </div>
        </div>
        <status-select
          label=${msg(str`Estado de ${order.number}`)}
          .statuses=${statuses}
          .allowed=${allowedFor(order, statuses)}
          value=${order.status_key}
          @status-chosen=${(event: StatusChosenEvent) => this.mover.move(order, event.status)}
        ></status-select>
      </div>
      <order-mover .statuses=${statuses}></order-mover>
      ${isLocked(order) ? html`<p class="locked"><ui-icon name="lock"></ui-icon>${msg('Facturada: ya no se puede cambiar.')}</p>` : nothing}
      ${this.#renderUnsigned(order)}
      <nav class="no-print" aria-label=${msg('Partes de la orden')}>
        ${TABS.map(
          (tab) => html`<a
            href="/ordenes/${order.id}${tab === 'resumen' ? '' : `?pestana=${tab}`}"
            aria-current=${tab === this.#tab ? 'page' : nothing}
            >${tabName(tab)}</a
          >`,
        )}
        <a href="/ordenes/${order.id}/inspeccion">${msg('Inspección')}</a>
        <a href="/ordenes/${order.id}/presupuesto">${msg('Presupuesto')}</a>
      </nav>
      ${this.#renderTab(order)}
    `;
  }

  /** A vehicle that leaves unsafe: the customer signs that they know. */
  #renderUnsigned(order: OrderView) {
    const urgent = this.#unsigned.first?.urgent ?? 0;
    if (urgent === 0 || this.#tab === 'firmas') return nothing;
    return html`<div class="notice no-print" role="status">
      <span
        ><ui-icon name="alert"></ui-icon>${
          urgent === 1
            ? msg('Se va con un hallazgo urgente sin reparar.')
            : msg(str`Se va con ${urgent} hallazgos urgentes sin reparar.`)
        }</span
      >
      <a class="button" href="/ordenes/${order.id}?pestana=firmas&firmar=refusal">
        <ui-icon name="draft"></ui-icon>${msg('Firmar que lo sabe')}
      </a>
    </div>`;
  }

  #renderTab(order: OrderView) {
    switch (this.#tab) {
      case 'resumen':
        return html`<order-summary
          .order=${order}
          .presence=${this.#presence}
          .companions=${this.#presence.companions}
        ></order-summary>`;
      case 'trabajos':
        return html`<order-jobs .order=${order}></order-jobs>`;
      case 'piezas':
        return html`<order-lines .order=${order}></order-lines>`;
      case 'fotos':
        return html`<order-photos .order=${order}></order-photos>`;
      case 'firmas':
        return html`<order-signatures
          .order=${order}
          start=${DECLARATIONS.find((kind) => kind === this.search.get('firmar')) ?? ''}
        ></order-signatures>`;
      case 'historial':
        return html`<order-history .order=${order}></order-history>`;
    }
  }
}

function tabName(tab: Tab): string {
  switch (tab) {
    case 'resumen':
      return msg('Resumen');
    case 'trabajos':
      return msg('Trabajos');
    case 'piezas':
      return msg('Piezas');
    case 'fotos':
      return msg('Fotos');
    case 'firmas':
      return msg('Firmas');
    case 'historial':
      return msg('Historial');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-page': OrderPage;
  }
}
