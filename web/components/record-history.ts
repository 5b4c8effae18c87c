import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { type OrderSummary, ordersOfQuery } from '../app/orders.ts';
import type { PeopleTable } from '../app/people.ts';
import { type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './order-lines-brief.ts';
import './shared-textarea.ts';

/** What hangs on a customer or a vehicle: the orders, those of merged records too, and notes that are written together. */
@customElement('record-history')
export class RecordHistory extends ConnectedElement {
  @property() accessor table: PeopleTable = 'customers';
  @property() accessor record = '';
  @property() accessor notes = '';

  #orders = new LiveQuery<OrderSummary>(
    this,
    () => this.engine,
    () => ordersOfQuery(this.table, this.record),
  );
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
    `,
  ];

  override render() {
    return html`
      <section class="panel stack" aria-label=${msg('Órdenes')}>
        <h2>${msg('Órdenes')}</h2>
        <order-lines-brief .orders=${this.#orders.rows} .statuses=${this.#statuses.rows} .now=${this.now}></order-lines-brief>
      </section>
      <section class="panel stack" aria-label=${msg('Notas')}>
        <shared-textarea label=${msg('Notas')} .value=${this.notes} .edit=${this.#editNotes}></shared-textarea>
      </section>
    `;
  }

  #editNotes = async (base: string, next: string): Promise<string> =>
    this.engine?.editText({ table: this.table, id: this.record, column: 'notes' }, base, next) ?? next;
}

declare global {
  interface HTMLElementTagNameMap {
    'record-history': RecordHistory;
  }
}
