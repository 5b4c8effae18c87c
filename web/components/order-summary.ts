import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { statements, update } from '../../shared/taller/flows/statement.ts';
import { isLocked } from '../../shared/taller/status.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { type OrderView, type Person, peopleQuery } from '../app/order-view.ts';
import type { PresenceHere } from '../app/presence.ts';
import { fieldLabelStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './cell-field.ts';
import type { CellChangedEvent, CellFieldValue } from './cell-field.ts';
import './presence-list.ts';
import './shared-textarea.ts';

type Field = 'complaint' | 'customer_note' | 'promised_at' | 'odometer_in' | 'technician_id' | 'hold';
type SharedField = 'diagnosis' | 'internal_note';

/** What an order is about: notes written together, and its own data, each field saving itself. */
@customElement('order-summary')
export class OrderSummaryTab extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;
  @property({ attribute: false }) accessor presence: PresenceHere | undefined;
  /** Changes when the companions do, so that this element draws them anew. */
  @property({ attribute: false }) accessor companions: PresenceHere['companions'] = [];

  #people = new LiveQuery<Person>(this, () => this.engine, peopleQuery);

  static override styles = [
    shared,
    fieldLabelStyle,
    selectStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
        gap: var(--space-4);
        align-items: start;
      }
      @media (max-width: 899px) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return '';
    return html`
      <section class="panel stack" aria-label=${msg('Notas compartidas')}>
        <h2>${msg('Notas compartidas')}</h2>
        ${this.#renderShared(order, 'diagnosis', msg('Diagnóstico'))}
        ${this.#renderShared(order, 'internal_note', msg('Notas del taller'), msg('El cliente no las ve.'))}
      </section>
      <section class="panel stack" aria-label=${msg('Datos de la orden')}>
        <h2>${msg('Datos de la orden')}</h2>
        ${this.#renderField(order, 'complaint', 'lines', msg('Lo que cuenta el cliente'))}
        ${this.#renderField(order, 'promised_at', 'moment', msg('Prometido para'))}
        ${this.#renderField(order, 'odometer_in', 'number', msg('Cuentakilómetros'), order.odometer_unit)}
        <label>
          ${msg('Técnico')}
          <select
            ?disabled=${isLocked(order)}
            .value=${order.technician_id ?? ''}
            @change=${(event: Event) => this.#save(order.id, 'technician_id', (event.target as HTMLSelectElement).value || null)}
          >
            <option value="" ?selected=${!order.technician_id}>${msg('Sin asignar')}</option>
            ${this.#people.rows
              .filter((person) => person.is_technician === 1)
              .map(
                (person) =>
                  html`<option value=${person.id} ?selected=${person.id === order.technician_id}>${person.display_name}</option>`,
              )}
          </select>
        </label>
        ${this.#renderField(order, 'customer_note', 'lines', msg('Nota para el cliente'))}
      </section>
    `;
  }

  #renderShared(order: OrderView, field: SharedField, label: string, hint = '') {
    return html`<shared-textarea
      label=${label}
      hint=${hint}
      .value=${order[field]}
      ?readonly=${isLocked(order)}
      .edit=${(base: string, next: string) => this.#editText(order.id, field, base, next)}
      @focus-change=${(event: Event) => this.#enter(event, field)}
    >
      <presence-list
        slot="aside"
        scope="field"
        .companions=${this.companions.filter((companion) => companion.field === field)}
      ></presence-list>
    </shared-textarea>`;
  }

  #renderField(
    order: OrderView,
    field: 'complaint' | 'customer_note' | 'promised_at' | 'odometer_in',
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
      <presence-list
        slot="aside"
        scope="field"
        .companions=${this.companions.filter((companion) => companion.field === field)}
      ></presence-list>
    </cell-field>`;
  }

  #enter(event: Event, field: string): void {
    const inside = (event.target as HTMLElement).matches(':focus-within');
    this.presence?.enter(inside ? field : '');
  }

  #save(id: string, field: Field, value: CellFieldValue): void {
    void this.write('wo.edit', () => statements(update('work_orders', id, { [field]: value })));
  }

  async #editText(id: string, column: SharedField, base: string, next: string): Promise<string> {
    if (!this.engine) return next;
    return this.engine.editText({ table: 'work_orders', id, column }, base, next);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-summary': OrderSummaryTab;
  }
}
