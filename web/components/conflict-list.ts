import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { listedAfter } from '../../shared/registers/conflict.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { columnName, tableName } from '../app/column-names.ts';
import { cellInWords, isWritable, writtenCell } from '../app/conflict-values.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDateTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { type Person, peopleQuery, personName } from '../app/order-view.ts';
import { nameOf, type Status, statusesQuery } from '../app/statuses.ts';
import { fieldLabelStyle, inputStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface ConflictRow extends ResultRow {
  readonly table_name: string;
  readonly row_id: string;
  readonly column_name: string;
  readonly winner_device: string;
  readonly winner_hlc: number;
  readonly winner_value: CellValue;
  readonly loser_device: string;
  readonly loser_hlc: number;
  readonly loser_value: CellValue;
  readonly policy: string;
  /** Names of the devices, and who works with them; empty where nobody gave one. */
  readonly winner: string;
  readonly winner_person: string;
  readonly loser: string;
  readonly loser_person: string;
  /** What people call the row; empty where they do not. */
  readonly record: string;
}

/** Where a row is looked at. */
const PLACES: Readonly<Record<string, string>> = {
  work_orders: '/ordenes',
  customers: '/clientes',
  vehicles: '/vehiculos',
};

/** hlc = ms × 4096 + counter. */
const HLC_PER_MS = 4096;

/** Cells that two devices wrote without seeing each other: both values, whose and when, and which one is to stand. */
@customElement('conflict-list')
export class ConflictList extends ConnectedElement {
  /** Key of the conflict for which another value is being written. */
  @state() private accessor writing = '';
  @state() private accessor problem = '';

  #conflicts = new LiveQuery<ConflictRow>(
    this,
    () => this.engine,
    () => sql`
      select c.*, coalesce(nullif(w.name, w.id), '') as winner, coalesce(wu.display_name, w.registered_by, '') as winner_person,
        coalesce(nullif(l.name, l.id), '') as loser, coalesce(lu.display_name, l.registered_by, '') as loser_person,
        coalesce(o.number, p.name, v.plate, i.name_es, '') as record
      from (select * from _conflict where policy = 'manual' or winner_hlc > ${listedAfter(this.now)} order by policy = 'manual' desc, winner_hlc desc limit 100) c
      left join devices w on w.id = c.winner_device left join users wu on wu.id = w.registered_by
      left join devices l on l.id = c.loser_device left join users lu on lu.id = l.registered_by
      left join work_orders o on c.table_name = 'work_orders' and o.id = c.row_id
      left join customers p on c.table_name = 'customers' and p.id = c.row_id
      left join vehicles v on c.table_name = 'vehicles' and v.id = c.row_id
      left join items i on c.table_name = 'items' and i.id = c.row_id
      order by c.policy = 'manual' desc, c.winner_hlc desc`,
  );
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #people = new LiveQuery<Person>(this, () => this.engine, peopleQuery);

  static override styles = [
    shared,
    fieldLabelStyle,
    inputStyle,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
      }
      .values {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr));
        gap: var(--space-3);
      }
      .value {
        display: grid;
        gap: var(--space-2);
        padding: var(--space-3);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-3);
      }
      form label {
        flex: 1;
        min-inline-size: 12rem;
      }
      #problem:empty {
        display: none;
      }
      .value q {
        quotes: none;
        overflow-wrap: anywhere;
        white-space: pre-line;
        font-weight: 600;
      }
    `,
  ];

  override render() {
    return repeat(this.#conflicts.rows, keyOf, (row) => this.#renderConflict(row));
  }

  #renderConflict(row: ConflictRow) {
    const mine = this.sync?.device;
    const who = (device: string, name: string, person: string) =>
      device === mine
        ? msg('Este dispositivo')
        : [name, person].filter((part) => part !== '').join(' · ') || device;
    const place = PLACES[row.table_name];
    const record = `${tableName(row.table_name)} ${row.record}`.trim();
    return html`<article class="panel stack" data-conflict="${row.table_name}.${row.column_name}">
      <h3>
        ${place === undefined ? record : html`<a href="${place}/${row.row_id}">${record}</a>`} ·
        ${columnName(row.column_name) || msg('Borrado')}
      </h3>
      ${
        row.policy === 'manual'
          ? html`<p class="signal">
              ${msg('Otro cambio actualizó este registro. ¿Usar tus cambios (sobrescribir) o los del servidor (recargar)?')}
            </p>`
          : nothing
      }
      <div class="values">
        <div class="value">
          ${this.#renderInside(msg('Vale ahora'), this.#inWords(row, row.winner_value), who(row.winner_device, row.winner, row.winner_person), row.winner_hlc)}
          <button class="button" @click=${() => this.#resolve(row, row.winner_value)}>${msg('Dejar este')}</button>
        </div>
        <div class="value">
          ${this.#renderInside(msg('No se tomó'), this.#inWords(row, row.loser_value), who(row.loser_device, row.loser, row.loser_person), row.loser_hlc)}
          ${
            row.column_name === ''
              ? nothing
              : html`<button class="button" @click=${() => this.#resolve(row, row.loser_value)}>${msg('Usar este')}</button>`
          }
        </div>
      </div>
      ${this.#renderOther(row)}
    </article>`;
  }

  /** Neither is right: a third value. */
  #renderOther(row: ConflictRow) {
    if (!isWritable(row.table_name, row.column_name)) return nothing;
    if (this.writing !== keyOf(row))
      return html`<div>
        <button class="button" @click=${() => this.#write(keyOf(row))}>
          <ui-icon name="draft"></ui-icon>${msg('Escribir otro')}
        </button>
      </div>`;
    return html`<form @submit=${(event: SubmitEvent) => this.#saveOther(event, row)}>
      <label>
        ${columnName(row.column_name)}
        <input name="other" autocomplete="off" aria-describedby="problem" aria-invalid=${this.problem === '' ? nothing : 'true'} />
      </label>
      <button class="button main">${msg('Dejar lo escrito')}</button>
      <button class="button" type="button" @click=${() => this.#write('')}>${msg('Volver')}</button>
      <span id="problem" class="signal small" role="alert">${this.problem}</span>
    </form>`;
  }

  #write(key: string): void {
    this.writing = key;
    this.problem = '';
  }

  #saveOther(event: SubmitEvent, row: ConflictRow): void {
    event.preventDefault();
    const text = String(new FormData(event.target as HTMLFormElement).get('other') ?? '');
    const value = writtenCell(row.table_name, row.column_name, text);
    if (value === undefined) {
      this.problem = msg('Eso no puede ir aquí.');
      return;
    }
    this.#write('');
    void this.#resolve(row, value);
  }

  #inWords({ table_name: table, column_name: column }: ConflictRow, value: CellValue): string {
    if (column === 'technician_id' && value) return personName(this.#people.rows, String(value));
    const status = column === 'status_key' && this.#statuses.rows.find(({ key }) => key === value);
    if (status) return nameOf(status, locale());
    return cellInWords(table, column, value, { nowMs: this.now, locale: locale() });
  }

  #renderInside(heading: string, value: string, who: string, hlc: number) {
    return html`<span class="label">${heading}</span><q>${value}</q>
      <span class="small quiet">${who} · ${formatDateTime(hlc / HLC_PER_MS, this.now, locale())}</span>`;
  }

  async #resolve(row: ConflictRow, value: CellValue): Promise<void> {
    const { table_name: table, row_id: id, column_name: column } = row;
    await this.attempt(async () => {
      await this.engine?.resolve({ table, id, column }, value);
    });
  }
}

function keyOf(row: ConflictRow): string {
  return `${row.table_name} ${row.row_id} ${row.column_name} ${row.loser_device}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'conflict-list': ConflictList;
  }
}
