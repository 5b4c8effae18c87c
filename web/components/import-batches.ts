import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { type BatchRow, batchesQuery } from '../app/files/import-run.ts';
import { entityName } from '../app/files/import-words.ts';
import { formatDateTime, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './import-undo.ts';
import './ui-icon.ts';

/** An import that broke off is gone on with: the batch, and the file that was chosen again. */
export class ImportGoOnEvent extends Event {
  static readonly type = 'import-go-on';
  readonly batch: BatchRow;
  readonly file: File;

  constructor(batch: BatchRow, file: File) {
    super(ImportGoOnEvent.type, { bubbles: true });
    this.batch = batch;
    this.file = file;
  }
}

/**
 * Imports that were made, each with the way to take it back, and to go on with one that broke off.
 *
 * @fires import-go-on
 */
@customElement('import-batches')
export class ImportBatches extends ConnectedElement {
  /** The batch that is asked about. */
  @state() private accessor asking: BatchRow | undefined;

  /** In the page while its file is chosen: a browser may forget one that nothing holds. */
  #picker: HTMLInputElement | undefined;

  #batches = new LiveQuery<BatchRow>(this, () => this.engine, batchesQuery);

  static override styles = [
    shared,
    dividedListStyle,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2) var(--space-4);
        min-block-size: 64px;
        padding-block: var(--space-2);
      }
      li > div {
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    if (this.#batches.rows.length === 0) return nothing;
    return html`<section class="panel stack" aria-label=${msg('Importaciones')}>
      <h2>${msg('Importaciones')}</h2>
      <ul>
        ${repeat(
          this.#batches.rows,
          (batch) => batch.id,
          (batch) => this.#renderBatch(batch),
        )}
      </ul>
      ${
        this.asking
          ? html`<import-undo .batch=${this.asking} @import-undo-closed=${() => this.#ask(undefined)}></import-undo>`
          : nothing
      }
    </section>`;
  }

  #renderBatch(batch: BatchRow) {
    return html`<li data-batch=${batch.id}>
      <div>
        <strong>${entityName(batch.entity)}: ${rowsText(batch)}</strong>
        <div class="small quiet">${batch.file_name} · ${formatDateTime(batch.created_at, this.now, locale())} · ${batch.created_by}</div>
      </div>
      ${
        batch.undone_at !== null
          ? html`<span class="quiet"><ui-icon name="undo"></ui-icon> ${msg('Deshecha')}</span>`
          : html`${this.#renderLeft(batch)}${this.#renderGoOn(batch)}<button
              class="button"
              aria-label=${msg(str`Deshacer la importación de ${batch.file_name}`)}
              @click=${() => this.#ask(batch)}
            >
              <ui-icon name="undo"></ui-icon>${msg('Deshacer')}
            </button>`
      }
    </li>`;
  }

  #renderLeft({ kept }: BatchRow) {
    if (kept === null) return nothing;
    return html`<span class="quiet">${msg(str`Deshecha en parte. Quedan: ${count(kept)}`)}</span>`;
  }

  /** Its file is asked for again: this device does not keep it. */
  #renderGoOn(batch: BatchRow) {
    if (batch.is_unfinished === 0 || batch.kept !== null || !batch.mapping_json.includes('"print"'))
      return nothing;
    return html`<button
      class="button main"
      aria-label=${msg(str`Seguir con ${batch.file_name}`)}
      @click=${() => this.#pick(batch)}
    >
      <ui-icon name="retry"></ui-icon>${msg('Seguir')}
    </button>`;
  }

  #pick(batch: BatchRow): void {
    const picker = document.createElement('input');
    picker.type = 'file';
    picker.accept = '.xlsx,.csv,.txt,text/csv';
    picker.addEventListener('change', () => {
      const file = picker.files?.[0];
      if (file) this.dispatchEvent(new ImportGoOnEvent(batch, file));
    });
    picker.hidden = true;
    this.#picker?.remove();
    this.#picker = picker;
    this.renderRoot.append(picker);
    picker.click();
  }

  #ask(batch: BatchRow | undefined): void {
    this.asking = batch;
  }
}

/** "500 de 10 000 filas" of an import that broke off. */
function rowsText({ rows_ok, rows_there, is_unfinished }: BatchRow): string {
  return is_unfinished === 1
    ? msg(str`${count(rows_there)} de ${count(rows_ok)} filas. Sin terminar.`)
    : msg(str`${count(rows_ok)} filas`);
}

function count(value: number): string {
  return formatQuantity(value * 1000, locale());
}

declare global {
  interface HTMLElementEventMap {
    'import-go-on': ImportGoOnEvent;
  }
  interface HTMLElementTagNameMap {
    'import-batches': ImportBatches;
  }
}
