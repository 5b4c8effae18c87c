import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { normalizePhone } from '../../shared/taller/normalize.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import '../app/field-controls.ts';
import { renderLive } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { type PairRow, pairsQuery } from '../app/people.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/ui-icon.ts';

interface CustomerLine extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly kind: string;
  readonly plates: string | null;
}

/** More are not counted. */
const MAX_PAIRS = 100;

/** Customers by name, phone, tax id or plate, with their vehicles. */
@customElement('customers-page')
export class CustomersPage extends TallerPage {
  @state() private accessor text = '';

  #customers = new LiveQuery<CustomerLine>(
    this,
    () => this.engine,
    () => {
      const words = fold(this.text);
      const code = words.replace(/[^a-z0-9]/g, '').toUpperCase();
      const digits = words.replace(/\D/g, '');
      const phone = digits.length > 3 ? normalizePhone(digits).replace('+', '') : 'none';
      return sql`
        with merged as materialized (select id, merged_into_id from customers where merged_into_id is not null)
        select c.id, c.name, c.phone, c.kind,
          (select group_concat(v.plate, '|') from vehicle_owners w join vehicles v on v.id = w.vehicle_id
            where w.customer_id in (select c.id union all select m.id from merged m where m.merged_into_id = c.id)
              and w.to_at is null and v.merged_into_id is null) as plates
        from customers c
        where c.merged_into_id is null and (${words === ''}
          or c.name glob ${foldedGlob(words)}
          or c.phone_norm like ${`%${phone}%`} or (${code.length > 2} and c.tax_id_norm like ${`%${code}%`})
          or exists (select 1 from vehicle_owners w join vehicles v on v.id = w.vehicle_id
            where w.customer_id = c.id and ${code.length > 1} and v.plate_norm like ${`%${code}%`}))
        order by c.name limit 200`;
    },
  );

  #pairs = new LiveQuery<PairRow>(
    this,
    () => this.engine,
    () => pairsQuery(MAX_PAIRS),
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
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        min-block-size: 64px;
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        text-decoration: none;
      }
      .plates {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: var(--space-2);
      }
      .plates number-plate {
        --plate-size: 1rem;
      }
      @media (max-width: 699px) {
        a.line {
          grid-template-columns: minmax(0, 1fr);
        }
        .plates {
          justify-content: flex-start;
        }
      }
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Clientes')}</h1>
        <div class="row">
          ${
            this.#pairs.rows.length === 0
              ? nothing
              : html`<a class="button" href="/repetidos">
                  <ui-icon name="customers"></ui-icon>${msg(str`Fichas repetidas: ${this.#pairs.rows.length}`)}
                </a>`
          }
          <a class="button" href="/admin/datos?lista=customers"><ui-icon name="download"></ui-icon>${msg('Exportar')}</a>
        </div>
      </div>
      <wa-input
        class="no-print"
        type="search"
        label=${msg('Buscar por nombre, teléfono, NIF o matrícula')}
        autocomplete="off"
        with-clear
        .value=${this.text}
        @input=${this.#type}
        @wa-clear=${this.#clear}
      ></wa-input>
      ${renderLive(this.#customers, {
        empty: () => html`<state-note icon="customers" heading=${msg('Nadie con esos datos')}></state-note>`,
        rows: (rows) => html`<ul aria-label=${msg('Clientes')}>
          ${repeat(
            rows,
            (row) => row.id,
            (row) => html`<li>
              <a class="line" href="/clientes/${row.id}" data-customer=${row.id}>
                <div>
                  <strong>${row.name}</strong>
                  <div class="small quiet">${row.phone}</div>
                </div>
                <span class="plates">
                  ${(row.plates ?? '')
                    .split('|')
                    .filter(Boolean)
                    .slice(0, 3)
                    .map((plate) => html`<number-plate value=${plate}></number-plate>`)}
                </span>
              </a>
            </li>`,
          )}
        </ul>`,
      })}
    `;
  }

  #type = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
  };

  #clear = (): void => {
    this.text = '';
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'customers-page': CustomersPage;
  }
}
