import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { CellValue } from '../../shared/schema/table.ts';
import { columnName, tableName } from '../app/column-names.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDateTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
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
}

/** hlc = ms × 4096 + counter. */
const HLC_PER_MS = 4096;

/** Cells that two devices wrote without seeing each other: both values, whose and when, and which one is to stand. */
@customElement('conflict-list')
export class ConflictList extends ConnectedElement {
  #conflicts = new LiveQuery<ConflictRow>(
    this,
    () => this.engine,
    () => sql`select * from _conflict order by policy = 'manual' desc, winner_hlc desc limit 100`,
  );

  static override styles = [
    shared,
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
      .value q {
        quotes: none;
        overflow-wrap: anywhere;
        white-space: pre-line;
        font-weight: 600;
      }
    `,
  ];

  override render() {
    return repeat(
      this.#conflicts.rows,
      (row) => `${row.table_name} ${row.row_id} ${row.column_name} ${row.loser_device}`,
      (row) => this.#renderConflict(row),
    );
  }

  #renderConflict(row: ConflictRow) {
    const mine = this.sync?.device;
    const who = (device: string) => (device === mine ? msg('Este dispositivo') : device);
    return html`<article class="panel stack" data-conflict="${row.table_name}.${row.column_name}">
      <h3>${tableName(row.table_name)} · ${columnName(row.column_name) || msg('Borrado')}</h3>
      ${
        row.policy === 'manual'
          ? html`<p class="signal">
              ${msg('Otro cambio actualizó este registro. ¿Usar tus cambios (sobrescribir) o los del servidor (recargar)?')}
            </p>`
          : nothing
      }
      <div class="values">
        <div class="value">
          ${this.#renderInside(msg('Vale ahora'), row.winner_value, who(row.winner_device), row.winner_hlc)}
          <button class="button" @click=${() => this.#resolve(row, row.winner_value)}>${msg('Dejar este')}</button>
        </div>
        <div class="value">
          ${this.#renderInside(msg('No se tomó'), row.loser_value, who(row.loser_device), row.loser_hlc)}
          ${
            row.column_name === ''
              ? nothing
              : html`<button class="button" @click=${() => this.#resolve(row, row.loser_value)}>${msg('Usar este')}</button>`
          }
        </div>
      </div>
    </article>`;
  }

  #renderInside(heading: string, value: CellValue, who: string, hlc: number) {
    return html`<span class="label">${heading}</span><q>${value === null || value === '' ? msg('vacío') : String(value)}</q>
      <span class="small quiet">${who} · ${formatDateTime(hlc / HLC_PER_MS, this.now, locale())}</span>`;
  }

  async #resolve(row: ConflictRow, value: CellValue): Promise<void> {
    const { table_name: table, row_id: id, column_name: column } = row;
    try {
      await this.engine?.resolve({ table, id, column }, value);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'conflict-list': ConflictList;
  }
}
