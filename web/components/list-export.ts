import { msg, str } from '@lit/localize';
import { html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { newId } from '../../shared/base/ids.ts';
import { insert } from '../../shared/taller/flows/statement.ts';
import { readSettings } from '../../shared/taller/settings.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import {
  csvOptions,
  EXPORT_LISTS,
  type ExportList,
  type ExportRange,
  exportCountQuery,
  exportList,
  exportRowsQuery,
} from '../app/files/export-lists.ts';
import { eachRows } from '../app/files/import-run.ts';
import { openFileWorker } from '../app/files/open-file-worker.ts';
import type { FileFormat } from '../app/files/spreadsheet.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { saveFile } from '../app/save-file.ts';
import { fieldLabelStyle, inputStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './ui-icon.ts';

/** Takes a list out as CSV or Excel, whole or between two dates. Made on this device, so it needs no network. */
@customElement('list-export')
export class ListExport extends ConnectedElement {
  @property() accessor list: ExportList = 'orders';

  @state() private accessor from = '';
  @state() private accessor to = '';
  @state() private accessor isWriting = false;

  #count = new LiveQuery(
    this,
    () => this.engine,
    () => exportCountQuery(this.list, this.#range()),
  );

  static override styles = [shared, fieldLabelStyle, inputStyle, selectStyle];

  override render() {
    const { name, date } = exportList(this.list);
    const rows = Number(this.#count.first?.rows ?? 0);
    return html`<section class="panel stack" aria-label=${msg('Exportar')}>
      <h2>${msg('Exportar')}</h2>
      <div class="fields">
        <label>
          ${msg('Lista')}
          <select .value=${this.list} @change=${this.#chooseList}>
            ${EXPORT_LISTS.map((list) => html`<option value=${list} ?selected=${list === this.list}>${exportList(list).name}</option>`)}
          </select>
        </label>
        <label>${msg(str`${date}: desde`)}<input type="date" .value=${this.from} max=${this.to} @change=${this.#chooseFrom} /></label>
        <label>${msg(str`${date}: hasta`)}<input type="date" .value=${this.to} min=${this.from} @change=${this.#chooseTo} /></label>
      </div>
      <div class="row spread">
        <span class="quiet" role="status">${msg(str`${name}: ${formatQuantity(rows * 1000, locale())} filas`)}</span>
        <div class="row">
          <button class="button" ?disabled=${this.isWriting || rows === 0} @click=${() => this.#export('csv')}>
            <ui-icon name="download"></ui-icon>CSV
          </button>
          <button class="button main" ?disabled=${this.isWriting || rows === 0} @click=${() => this.#export('xlsx')}>
            <ui-icon name="download"></ui-icon>${this.isWriting ? msg('Preparando…') : 'Excel'}
          </button>
        </div>
      </div>
    </section>`;
  }

  #chooseList = (event: Event): void => {
    this.list = (event.target as HTMLSelectElement).value as ExportList;
  };

  #chooseFrom = (event: Event): void => {
    this.from = (event.target as HTMLInputElement).value;
  };

  #chooseTo = (event: Event): void => {
    this.to = (event.target as HTMLInputElement).value;
  };

  /** Days as this device counts them; the last one is included. */
  #range(): ExportRange {
    const day = (text: string, days: number) => {
      const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
      return text === '' ? undefined : new Date(year, month - 1, date + days).getTime();
    };
    return { fromMs: day(this.from, 0), toMs: day(this.to, 1) };
  }

  async #export(format: FileFormat): Promise<void> {
    const { engine, list } = this;
    if (!engine) return;
    const range = this.#range();
    const files = openFileWorker();
    this.isWriting = true;
    try {
      const { tz } = readSettings(
        (await engine.query('select key, value_json, scope, scope_id from settings')) as never,
      );
      let count = 0;
      await eachRows(
        engine,
        (after, limit) => exportRowsQuery(list, range, after, limit),
        (rows) => {
          count += rows.length;
          return files.worker.addRows(rows);
        },
      );
      const { name, columns } = exportList(list);
      saveFile(
        await files.worker.write(format, columns, csvOptions(locale(), tz)),
        `${fileNameOf(name)}.${format}`,
      );
      await this.write('data.export', (actor) => [
        insert('export_log', newId(actor.nowMs), {
          entity: list,
          from_at: range.fromMs ?? null,
          to_at: range.toMs ?? null,
          format,
          rows: count,
        }),
      ]);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
    } finally {
      files.close();
      this.isWriting = false;
    }
  }
}

function fileNameOf(name: string): string {
  return name.toLowerCase().replace(/\s+/g, '-');
}

declare global {
  interface HTMLElementTagNameMap {
    'list-export': ListExport;
  }
}
