import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type NewCustomer, updateCustomer } from '../../shared/taller/flows/people-flow.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { sameIds } from '../app/people.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/cell-field.ts';
import type { CellChangedEvent } from '../components/cell-field.ts';
import '../components/customer-anonymize.ts';
import '../components/customer-contacts.ts';
import '../components/merged-note.ts';
import '../components/number-plate.ts';
import '../components/record-history.ts';
import '../components/state-note.ts';
import '../components/sync-badge.ts';
import '../components/ui-icon.ts';

interface CustomerRow extends ResultRow {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly phone: string;
  readonly email: string;
  readonly tax_id: string;
  readonly address: string;
  readonly city: string;
  readonly postal: string;
  readonly notes: string;
  readonly anonymized_at: number | null;
  readonly merged_into_id: string | null;
}

interface VehicleRow extends ResultRow {
  readonly id: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
}

type Field = 'name' | 'phone' | 'email' | 'tax_id' | 'address' | 'city' | 'postal';

/** One customer: how to reach them, their vehicles, their orders, and notes written together. */
@customElement('customer-page')
export class CustomerPage extends TallerPage {
  #customer = new LiveQuery<CustomerRow>(
    this,
    () => this.engine,
    () => sql`
      select id, kind, name, phone, email, tax_id, address, city, postal, notes, anonymized_at, merged_into_id
      from customers where id = ${this.params.id}`,
  );
  #vehicles = new LiveQuery<VehicleRow>(
    this,
    () => this.engine,
    () => sql`
      select v.id, v.plate, v.plate_country, trim(v.make || ' ' || v.model) as vehicle
      from vehicle_owners w join vehicles v on v.id = w.vehicle_id
      where w.customer_id in (${sameIds('customers', this.params.id)}) and w.to_at is null and v.merged_into_id is null
      group by v.id order by v.plate_norm`,
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1240px;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
        gap: var(--space-4);
        align-items: start;
      }
      .vehicle {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        text-decoration: none;
      }
      @media (max-width: 899px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    switch (this.#customer.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#customer.state.failure.message);
      case 'rows': {
        const customer = this.#customer.first;
        return customer
          ? this.#renderCustomer(customer)
          : html`<state-note page icon="customers" heading=${msg('Este cliente no está en este dispositivo')} text=${msg('Puede que aún no haya llegado, o que se haya borrado.')}>
              <a class="button" href="/clientes">${msg('Ver clientes')}</a>
            </state-note>`;
      }
    }
  }

  #renderCustomer(customer: CustomerRow) {
    return html`
      <div class="row spread">
        <h1>${customer.name}</h1>
        <div class="row">
          <sync-badge table="customers" row=${customer.id}></sync-badge>
          ${
            customer.phone
              ? html`<a class="button" href="tel:${customer.phone.replace(/\s/g, '')}"><ui-icon name="phone"></ui-icon>${customer.phone}</a>`
              : ''
          }
        </div>
      </div>
      <merged-note table="customers" .record=${customer.id} .into=${customer.merged_into_id}></merged-note>
      <div class="columns">
        <div class="stack">
        <section class="panel stack" aria-label=${msg('Datos')}>
          <h2>${msg('Datos')}</h2>
          ${this.#renderField(customer, 'name', msg('Nombre'))}
          ${this.#renderField(customer, 'phone', msg('Teléfono'))}
          ${this.#renderField(customer, 'email', msg('Correo'))}
          ${this.#renderField(customer, 'tax_id', msg('NIF'))}
          ${this.#renderField(customer, 'address', msg('Dirección'))}
          <div class="fields">
            ${this.#renderField(customer, 'postal', msg('Código postal'))}
            ${this.#renderField(customer, 'city', msg('Población'))}
          </div>
          <customer-anonymize
            customer=${customer.id}
            name=${customer.name}
            ?done=${customer.anonymized_at !== null}
          ></customer-anonymize>
        </section>
        <customer-contacts .customer=${customer.id}></customer-contacts>
        </div>
        <div class="stack">
          <section class="panel stack" aria-label=${msg('Vehículos')}>
            <h2>${msg('Vehículos')}</h2>
            ${
              this.#vehicles.rows.length === 0
                ? html`<p class="quiet">${msg('Ninguno a su nombre.')}</p>`
                : this.#vehicles.rows.map(
                    (row) => html`<a class="vehicle" href="/vehiculos/${row.id}">
                      <number-plate value=${row.plate} country=${row.plate_country}></number-plate><span>${row.vehicle}</span>
                    </a>`,
                  )
            }
          </section>
          <record-history table="customers" .record=${customer.id} .notes=${customer.notes}></record-history>
        </div>
      </div>
    `;
  }

  #renderField(customer: CustomerRow, field: Field, label: string) {
    return html`<cell-field
      label=${label}
      .value=${customer[field]}
      ?readonly=${customer.anonymized_at !== null}
      @cell-changed=${(event: CellChangedEvent) => this.#save(customer.id, { [field]: String(event.value ?? '') })}
    ></cell-field>`;
  }

  #save(id: string, cells: Partial<NewCustomer>): void {
    void this.write('customer.edit', () => updateCustomer(id, cells));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'customer-page': CustomerPage;
  }
}
