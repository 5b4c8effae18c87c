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

/** Imports that were made, each with the way to take it back. */
@customElement('import-batches')
export class ImportBatches extends ConnectedElement {
  /** The batch that is asked about. */
  @state() private accessor asking: BatchRow | undefined;

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
    const rows = formatQuantity(batch.rows_ok * 1000, locale());
    return html`<li data-batch=${batch.id}>
      <div>
        <strong>${entityName(batch.entity)}: ${msg(str`${rows} filas`)}</strong>
        <div class="small quiet">${batch.file_name} · ${formatDateTime(batch.created_at, this.now, locale())} · ${batch.created_by}</div>
      </div>
      ${
        batch.undone_at !== null
          ? html`<span class="quiet"><ui-icon name="undo"></ui-icon> ${msg('Deshecha')}</span>`
          : html`${this.#renderLeft(batch)}<button
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
    const rows = formatQuantity(kept * 1000, locale());
    return html`<span class="quiet">${msg(str`Deshecha en parte. Quedan: ${rows}`)}</span>`;
  }

  #ask(batch: BatchRow | undefined): void {
    this.asking = batch;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'import-batches': ImportBatches;
  }
}
