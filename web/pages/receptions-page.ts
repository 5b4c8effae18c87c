import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { formatDateTime } from '../app/format.ts';
import { renderLive } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { joinKept } from '../app/people.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/ui-icon.ts';

interface ReceptionLine extends ResultRow {
  readonly id: string;
  readonly status: string;
  readonly number: string;
  readonly work_order_id: string | null;
  readonly received_at: number;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly customer: string;
}

/** Receptions that were begun and not signed, and the latest arrivals. */
@customElement('receptions-page')
export class ReceptionsPage extends TallerPage {
  #receptions = new LiveQuery<ReceptionLine>(
    this,
    () => this.engine,
    () => sql`
      select r.id, r.status, r.number, r.work_order_id, r.received_at, coalesce(v.plate, '') as plate,
        coalesce(v.plate_country, 'ES') as plate_country,
        trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle, coalesce(c.name, '') as customer
      from receptions r ${joinKept('vehicles', 'v', 'r.vehicle_id')} ${joinKept('customers', 'c', 'r.customer_id')}
      where r.status <> 'cancelled' order by r.status = 'draft' and r.work_order_id is null desc, r.received_at desc limit 60`,
  );

  static override styles = [
    shared,
    columnStyle,
    css`
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      a.line {
        display: grid;
        grid-template-columns: 9.5rem minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        min-block-size: 64px;
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        text-decoration: none;
      }
      strong,
      .customer {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 699px) {
        a.line {
          grid-template-columns: auto minmax(0, 1fr);
        }
        a.line > :last-child {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Recepción')}</h1>
        <div class="row">
          <a class="button" href="/admin/datos?lista=receptions"><ui-icon name="download"></ui-icon>${msg('Exportar')}</a>
          <a class="button" href="/porteria"><ui-icon name="gate"></ui-icon>${msg('Portón')}</a>
          <a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>
        </div>
      </div>
      ${renderLive(this.#receptions, {
        empty: () => html`<state-note
          heading=${msg('Todavía no ha llegado nadie')}
          text=${msg('Cuando llegue un vehículo, empieza por su matrícula.')}
          icon="reception"
        ></state-note>`,
        rows: (rows) => html`<ul aria-label=${msg('Recepciones')}>
          ${repeat(
            rows,
            (row) => row.id,
            (row) => this.#renderLine(row),
          )}
        </ul>`,
      })}
    `;
  }

  #renderLine(row: ReceptionLine) {
    const open = row.status === 'draft' && row.work_order_id === null;
    const href =
      row.status === 'draft' && row.work_order_id ? `/ordenes/${row.work_order_id}` : `/recepcion/${row.id}`;
    return html`<li>
      <a class="line" href=${href} data-reception=${row.id}>
        <number-plate value=${row.plate} country=${row.plate_country}></number-plate>
        <span>
          <strong>${row.vehicle || msg('Vehículo sin datos')}</strong>
          <span class="customer small quiet">${row.customer}</span>
        </span>
        <span class="row small">
          ${open ? html`<span class="signal"><ui-icon name="draft"></ui-icon> ${msg('Sin firmar')}</span>` : nothing}
          <span class="quiet">${formatDateTime(row.received_at, this.now, locale())}</span>
        </span>
      </a>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'receptions-page': ReceptionsPage;
  }
}
