import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type NewVehicle, updateVehicle } from '../../shared/taller/flows/people-flow.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { sameIds } from '../app/people.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/cell-field.ts';
import type { CellChangedEvent } from '../components/cell-field.ts';
import '../components/merged-note.ts';
import '../components/number-plate.ts';
import '../components/odometer-chart.ts';
import type { Reading } from '../components/odometer-chart.ts';
import '../components/open-findings.ts';
import '../components/record-history.ts';
import '../components/state-note.ts';
import '../components/sync-badge.ts';
import '../components/ui-icon.ts';
import '../components/vehicle-owners.ts';

interface VehicleRow extends ResultRow {
  readonly id: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vin: string;
  readonly make: string;
  readonly model: string;
  readonly year: number | null;
  readonly color: string;
  readonly notes: string;
  readonly merged_into_id: string | null;
}

type Field = 'plate' | 'vin' | 'make' | 'model' | 'year' | 'color';

/** One vehicle: what it is, who has it and had it, how far it went, what was done, and what was put off. */
@customElement('vehicle-page')
export class VehiclePage extends TallerPage {
  #vehicle = new LiveQuery<VehicleRow>(
    this,
    () => this.engine,
    () =>
      sql`select id, plate, plate_country, vin, make, model, year, color, notes, merged_into_id from vehicles where id = ${this.params.id}`,
  );
  #readings = new LiveQuery<Reading>(
    this,
    () => this.engine,
    () =>
      sql`select value, unit, created_at from odometer_readings
        where vehicle_id in (${sameIds('vehicles', this.params.id)}) order by created_at`,
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
      .head number-plate {
        --plate-size: 2rem;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
        gap: var(--space-4);
        align-items: start;
      }
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-1) var(--space-4);
        min-block-size: 40px;
      }
      @media (max-width: 899px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    switch (this.#vehicle.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#vehicle.state.failure.message);
      case 'rows': {
        const vehicle = this.#vehicle.first;
        return vehicle
          ? this.#renderVehicle(vehicle)
          : html`<state-note page icon="car" heading=${msg('Este vehículo no está en este dispositivo')} text=${msg('Puede que aún no haya llegado, o que se haya borrado.')}>
              <a class="button" href="/clientes">${msg('Ver clientes')}</a>
            </state-note>`;
      }
    }
  }

  #renderVehicle(vehicle: VehicleRow) {
    return html`
      <div class="row head">
        <number-plate value=${vehicle.plate} country=${vehicle.plate_country}></number-plate>
        <h1>${`${vehicle.make} ${vehicle.model}`.trim() || msg('Vehículo sin datos')}</h1>
        <sync-badge table="vehicles" row=${vehicle.id}></sync-badge>
      </div>
      <merged-note table="vehicles" .record=${vehicle.id} .into=${vehicle.merged_into_id}></merged-note>
      <div class="columns">
        <div class="stack">
          <section class="panel stack" aria-label=${msg('Datos')}>
            <h2>${msg('Datos')}</h2>
            <div class="fields">
              ${this.#renderField(vehicle, 'plate', msg('Matrícula'))}
              ${this.#renderField(vehicle, 'make', msg('Marca'))}
              ${this.#renderField(vehicle, 'model', msg('Modelo'))}
              ${this.#renderField(vehicle, 'year', msg('Año'))}
              ${this.#renderField(vehicle, 'color', msg('Color'))}
            </div>
            ${this.#renderField(vehicle, 'vin', msg('Bastidor (VIN)'))}
          </section>
          <vehicle-owners .vehicle=${vehicle.id}></vehicle-owners>
        </div>
        <div class="stack">
          <open-findings vehicle=${vehicle.id}></open-findings>
          <section class="panel stack" aria-label=${msg('Cuentakilómetros')}>
            <h2>${msg('Cuentakilómetros')}</h2>
            <odometer-chart .readings=${this.#readings.rows}></odometer-chart>
          </section>
          <record-history table="vehicles" .record=${vehicle.id} .notes=${vehicle.notes}></record-history>
        </div>
      </div>
    `;
  }

  #renderField(vehicle: VehicleRow, field: Field, label: string) {
    return html`<cell-field
      label=${label}
      kind=${field === 'year' ? 'number' : 'text'}
      .value=${vehicle[field]}
      @cell-changed=${(event: CellChangedEvent) =>
        this.#save(vehicle.id, { [field]: field === 'year' ? event.value : String(event.value ?? '') })}
    ></cell-field>`;
  }

  #save(id: string, cells: Partial<NewVehicle>): void {
    void this.write('vehicle.edit', () => updateVehicle(id, cells));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'vehicle-page': VehiclePage;
  }
}
