import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { statements, update } from '../../shared/taller/flows/statement.ts';
import { isLocked } from '../../shared/taller/status.ts';
import { formatDateTime } from '../app/format.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { PresenceHere } from '../app/presence.ts';
import { allowedFor, nameOf, type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/cell-field.ts';
import type { CellChangedEvent, CellFieldValue } from '../components/cell-field.ts';
import '../components/number-plate.ts';
import '../components/order-mover.ts';
import type { OrderMover } from '../components/order-mover.ts';
import '../components/presence-list.ts';
import '../components/promised-time.ts';
import '../components/shared-textarea.ts';
import '../components/status-mark.ts';
import '../components/status-select.ts';
import type { StatusChosenEvent } from '../components/status-select.ts';

interface OrderRow extends ResultRow {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly opened_at: number;
  readonly promised_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
  readonly odometer_in: number | null;
  readonly complaint: string;
  readonly diagnosis: string;
  readonly internal_note: string;
  readonly customer_note: string;
  readonly vehicle_id: string | null;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly odometer_unit: string;
  readonly customer_id: string | null;
  readonly customer: string;
  readonly phone: string;
}

interface Step extends ResultRow {
  readonly id: string;
  readonly to_key: string;
  readonly reason: string;
  readonly created_at: number;
  readonly created_by: string;
}

/** Fields of the order that are written here, in words of the person. */
type Field = 'complaint' | 'customer_note' | 'promised_at' | 'odometer_in';
type SharedField = 'diagnosis' | 'internal_note';

/** One order: what it is about, its state, notes written together, and who else has it open. */
@customElement('order-page')
export class OrderPage extends TallerPage {
  @query('order-mover') private accessor mover!: OrderMover;

  #order = new LiveQuery<OrderRow>(
    this,
    () => this.engine,
    () => sql`
      select o.id, o.number, o.status_key, o.opened_at, o.promised_at, o.ready_at, o.delivered_at, o.locked_at, o.unlocked_at,
        o.odometer_in, o.complaint, o.diagnosis, o.internal_note, o.customer_note, o.vehicle_id, o.customer_id,
        coalesce(v.plate, '') as plate, coalesce(v.plate_country, 'ES') as plate_country,
        trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(v.odometer_unit, 'km') as odometer_unit,
        coalesce(c.name, '') as customer, coalesce(c.phone, '') as phone
      from work_orders o
      left join vehicles v on v.id = o.vehicle_id
      left join customers c on c.id = o.customer_id
      where o.id = ${this.params.id}`,
  );
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #steps = new LiveQuery<Step>(
    this,
    () => this.engine,
    () => sql`
      select id, to_key, reason, created_at, created_by from wo_status_log
      where work_order_id = ${this.params.id} order by created_at desc, id desc limit 30`,
  );
  #presence = new PresenceHere(this, {
    engine: () => this.engine,
    table: 'work_orders',
    row: () => this.params.id ?? '',
    displayName: () => this.session?.displayName ?? '',
  });

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
        max-inline-size: 1240px;
      }
      .head {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) minmax(13rem, auto);
        align-items: center;
        gap: var(--space-3) var(--space-5);
      }
      .head number-plate {
        --plate-size: 2rem;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
        gap: var(--space-4);
        align-items: start;
      }
      ol {
        display: grid;
        gap: var(--space-3);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      ol li {
        display: grid;
        gap: 2px;
        padding-inline-start: var(--space-3);
        border-inline-start: 3px solid var(--rule);
      }
      @media (max-width: 899px) {
        .head {
          grid-template-columns: minmax(0, 1fr);
        }
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

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
    return html`<state-note
      heading=${msg('Esta orden no está en este dispositivo')}
      text=${msg('Puede que aún no haya llegado, o que se haya borrado.')}
      icon="search"
    >
      <a class="button" href="/ordenes">${msg('Ver órdenes')}</a>
    </state-note>`;
  }

  #renderOrder(order: OrderRow) {
    const phase = this.#statuses.rows.find(({ key }) => key === order.status_key)?.phase ?? '';
    return html`
      <div class="head">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <div>
          <h1>${order.vehicle || msg('Vehículo sin datos')}</h1>
          <div class="row quiet">
            <span class="figure">${order.number}</span><span>${order.customer}</span>
            <promised-time .order=${order} phase=${phase} .now=${this.now}></promised-time>
          </div>
        </div>
        <status-select
          label=${msg(str`Estado de ${order.number}`)}
          .statuses=${this.#statuses.rows}
          .allowed=${allowedFor(order, this.#statuses.rows)}
          value=${order.status_key}
          @status-chosen=${(event: StatusChosenEvent) => this.mover.move(order, event.status)}
        ></status-select>
      </div>
      <order-mover .statuses=${this.#statuses.rows}></order-mover>
      <presence-list .companions=${this.#presence.companions}></presence-list>
      ${isLocked(order) ? html`<p class="panel"><ui-icon name="lock"></ui-icon> ${msg('Facturada: ya no se puede cambiar.')}</p>` : nothing}
      <div class="columns">
        <section class="panel stack" aria-label=${msg('Notas compartidas')}>
          <h2>${msg('Notas compartidas')}</h2>
          ${this.#renderShared(order, 'diagnosis', msg('Diagnóstico'))}
          ${this.#renderShared(order, 'internal_note', msg('Notas del taller'), msg('El cliente no las ve.'))}
        </section>
        <div class="stack">
          <section class="panel stack" aria-label=${msg('Datos de la orden')}>
            <h2>${msg('Datos de la orden')}</h2>
            ${this.#renderField(order, 'complaint', 'lines', msg('Lo que cuenta el cliente'))}
            ${this.#renderField(order, 'promised_at', 'moment', msg('Prometido para'))}
            ${this.#renderField(order, 'odometer_in', 'number', msg('Cuentakilómetros'), order.odometer_unit)}
            ${this.#renderField(order, 'customer_note', 'lines', msg('Nota para el cliente'))}
          </section>
          <section class="panel stack" aria-label=${msg('Recorrido')}>
            <h2>${msg('Recorrido')}</h2>
            <ol>
              ${repeat(
                this.#steps.rows,
                (step) => step.id,
                (step) => this.#renderStep(step),
              )}
            </ol>
          </section>
        </div>
      </div>
    `;
  }

  #renderShared(order: OrderRow, field: SharedField, label: string, hint = '') {
    return html`<shared-textarea
      label=${label}
      hint=${hint}
      .value=${order[field]}
      ?readonly=${isLocked(order)}
      .edit=${(base: string, next: string) => this.#editText(order.id, field, base, next)}
      @focus-change=${(event: Event) => this.#enter(event, field)}
    >
      <presence-list slot="aside" scope="field" .companions=${this.#presence.companionsIn(field)}></presence-list>
    </shared-textarea>`;
  }

  #renderField(
    order: OrderRow,
    field: Field,
    kind: 'lines' | 'number' | 'moment',
    label: string,
    suffix = '',
  ) {
    return html`<cell-field
      kind=${kind}
      label=${label}
      suffix=${suffix}
      .value=${order[field]}
      ?readonly=${isLocked(order)}
      @cell-changed=${(event: CellChangedEvent) => this.#save(order.id, field, event.value)}
      @focus-change=${(event: Event) => this.#enter(event, field)}
    >
      <presence-list slot="aside" scope="field" .companions=${this.#presence.companionsIn(field)}></presence-list>
    </cell-field>`;
  }

  #renderStep(step: Step) {
    const status = this.#statuses.rows.find(({ key }) => key === step.to_key);
    return html`<li>
      <status-mark status=${step.to_key} phase=${status?.phase ?? ''} label=${status ? nameOf(status, locale()) : step.to_key}></status-mark>
      <span class="small quiet">${formatDateTime(step.created_at, this.now, locale())} · ${step.created_by}</span>
      ${step.reason ? html`<span class="small">${step.reason}</span>` : nothing}
    </li>`;
  }

  #enter(event: Event, field: string): void {
    const left = !(event.target as HTMLElement).matches(':focus-within');
    this.#presence.enter(left ? '' : field);
  }

  #save(id: string, field: Field, value: CellFieldValue): void {
    void this.write('wo.edit', () =>
      statements(update('work_orders', id, { [field]: value ?? (field === 'complaint' ? '' : null) })),
    );
  }

  async #editText(id: string, column: SharedField, base: string, next: string): Promise<string> {
    if (!this.engine) return next;
    return this.engine.editText({ table: 'work_orders', id, column }, base, next);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-page': OrderPage;
  }
}
