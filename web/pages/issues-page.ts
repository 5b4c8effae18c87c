import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { DUPLICATE_CUSTOMERS_SQL, DUPLICATE_VEHICLES_SQL } from '../../shared/taller/duplicates.ts';
import { mergeInto } from '../../shared/taller/flows/people-flow.ts';
import { columnName, tableName } from '../app/column-names.ts';
import { TallerPage } from '../app/page.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/conflict-list.ts';
import '../components/number-plate.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface ViolationRow extends ResultRow {
  readonly kind: string;
  readonly table_name: string;
  readonly row_id: string;
  readonly rule: string;
}

interface PairRow extends ResultRow {
  readonly kind: 'customers' | 'vehicles';
  readonly first_id: string;
  readonly second_id: string;
  readonly because: string;
  readonly first: string;
  readonly second: string;
  readonly orders_first: number;
  readonly orders_second: number;
}

/** What needs a person: two values for one cell, rules that merged rows break, and people or vehicles that are there twice. */
@customElement('issues-page')
export class IssuesPage extends TallerPage {
  /** The pair that is being merged. */
  @state() private accessor merging: PairRow | undefined;

  #violations = new LiveQuery<ViolationRow>(
    this,
    () => this.engine,
    () => sql`select kind, table_name, row_id, rule from _violation order by table_name, row_id limit 100`,
  );
  #pairs = new LiveQuery<PairRow>(
    this,
    () => this.engine,
    () => ({
      sql: `
        select 'customers' as kind, p.first_id, p.second_id, p.because, a.name || ' · ' || a.phone as first, b.name || ' · ' || b.phone as second,
          (select count(*) from work_orders o where o.customer_id = p.first_id) as orders_first,
          (select count(*) from work_orders o where o.customer_id = p.second_id) as orders_second
        from (${DUPLICATE_CUSTOMERS_SQL}) p join customers a on a.id = p.first_id join customers b on b.id = p.second_id
        union all
        select 'vehicles', p.first_id, p.second_id, p.because, a.plate || ' · ' || a.make || ' ' || a.model, b.plate || ' · ' || b.make || ' ' || b.model,
          (select count(*) from work_orders o where o.vehicle_id = p.first_id),
          (select count(*) from work_orders o where o.vehicle_id = p.second_id)
        from (${DUPLICATE_VEHICLES_SQL}) p join vehicles a on a.id = p.first_id join vehicles b on b.id = p.second_id
        limit 100`,
      params: [],
    }),
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 980px;
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
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      .choices {
        display: grid;
        gap: var(--space-2);
      }
      .choices .button {
        block-size: auto;
        padding-block: var(--space-3);
        line-height: var(--leading);
      }
    `,
  ];

  override render() {
    const conflicts = this.sync?.conflicts ?? 0;
    const violations = this.#violations.rows;
    const pairs = this.#pairs.rows;
    const none = conflicts + violations.length + pairs.length === 0;
    return html`
      <h1>${msg('Para revisar')}</h1>
      ${
        none
          ? html`<state-note icon="check" heading=${msg('Nada que revisar')} text=${msg('Aquí aparece lo que dos tabletas cambiaron a la vez y lo que está repetido.')}></state-note>`
          : nothing
      }
      ${
        conflicts === 0
          ? nothing
          : html`<section class="stack" aria-label=${msg('Cambios a la vez')}>
              <h2>${msg('Cambios a la vez')}</h2>
              <conflict-list></conflict-list>
            </section>`
      }
      ${pairs.length === 0 ? nothing : this.#renderPairs(pairs)}
      ${violations.length === 0 ? nothing : this.#renderViolations(violations)}
      ${this.merging ? this.#renderMerge(this.merging) : nothing}
    `;
  }

  #renderPairs(pairs: readonly PairRow[]) {
    return html`<section class="stack" aria-label=${msg('Repetidos')}>
      <h2>${msg('Repetidos')}</h2>
      <ul>
        ${repeat(
          pairs,
          (pair) => pair.first_id + pair.second_id,
          (pair) => html`<li>
            <div>
              <div>${pair.first}</div>
              <div>${pair.second}</div>
              <div class="small quiet">${reasonName(pair.because)}</div>
            </div>
            <button class="button" @click=${() => this.#open(pair)}>${msg('Unir…')}</button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #renderMerge(pair: PairRow) {
    const keep = (id: string, other: string, text: string, orders: number) => html`<button
      class="button"
      @click=${() => this.#merge(pair, id, other)}
    >
      ${text} · ${msg(str`Órdenes: ${orders}`)}
    </button>`;
    return html`<wa-dialog open label=${msg('¿Cuál se queda?')} @wa-after-hide=${() => this.#open(undefined)}>
      <div class="choices">
        ${keep(pair.first_id, pair.second_id, pair.first, pair.orders_first)}
        ${keep(pair.second_id, pair.first_id, pair.second, pair.orders_second)}
        <p class="small quiet">${msg('El otro apuntará a este; su historial no se reescribe.')}</p>
      </div>
    </wa-dialog>`;
  }

  #renderViolations(violations: readonly ViolationRow[]) {
    return html`<section class="stack" aria-label=${msg('Reglas incumplidas')}>
      <h2>${msg('Reglas incumplidas')}</h2>
      <ul>
        ${violations.map(
          (row) => html`<li>
            <span>${tableName(row.table_name)} · ${columnName(row.rule)}</span>
            <span class="signal">${violationName(row.kind)}</span>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #open(pair: PairRow | undefined): void {
    this.merging = pair;
  }

  #merge(pair: PairRow, keptId: string, duplicateId: string): void {
    this.merging = undefined;
    void this.write('people.merge', () => mergeInto(pair.kind, duplicateId, keptId));
  }
}

function reasonName(because: string): string {
  switch (because) {
    case 'plate':
      return msg('La misma matrícula');
    case 'vin':
      return msg('El mismo bastidor');
    case 'tax-id':
      return msg('El mismo NIF');
    default:
      return msg('El mismo teléfono');
  }
}

function violationName(kind: string): string {
  switch (kind) {
    case 'unique':
      return msg('Está repetido');
    case 'reference':
      return msg('Falta la ficha a la que apunta');
    case 'sealed':
    case 'append-only':
      return msg('Se cambió algo que ya estaba cerrado');
    default:
      return msg('Valor no permitido');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'issues-page': IssuesPage;
  }
}
