import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { undoImport } from '../../shared/taller/import/import-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { type BatchRow, batchesQuery, undoDecision } from '../app/files/import-run.ts';
import { entityName } from '../app/files/import-words.ts';
import { formatDateTime, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './ui-icon.ts';

/** Imports that were made, and taking one back: possible until somebody edits or uses one of its rows. */
@customElement('import-batches')
export class ImportBatches extends ConnectedElement {
  /** The batch that is asked about, or being taken back. */
  @state() private accessor asking: BatchRow | undefined;
  @state() private accessor undoing = '';

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
      ${this.asking ? this.#renderQuestion(this.asking) : nothing}
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
          : html`<button
              class="button"
              aria-label=${msg(str`Deshacer la importación de ${batch.file_name}`)}
              ?disabled=${this.undoing !== ''}
              @click=${() => this.#ask(batch)}
            >
              <ui-icon name="undo"></ui-icon>${this.undoing === batch.id ? msg('Deshaciendo…') : msg('Deshacer')}
            </button>`
      }
    </li>`;
  }

  #renderQuestion(batch: BatchRow) {
    const rows = formatQuantity(batch.rows_ok * 1000, locale());
    return html`<wa-dialog open label=${msg('¿Deshacer esta importación?')} @wa-after-hide=${() => this.#ask(undefined)}>
      <div class="stack">
        <p>
          ${
            batch.entity === 'work_orders'
              ? msg(str`Se cancelan las ${rows} órdenes que trajo ${batch.file_name}.`)
              : msg(str`Se quitan las ${rows} filas que trajo ${batch.file_name}.`)
          }
        </p>
        <div class="row">
          <button class="button act" @click=${() => this.#undo(batch)}>${msg('Deshacer la importación')}</button>
          <button class="button" @click=${() => this.#ask(undefined)}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #ask(batch: BatchRow | undefined): void {
    this.asking = batch;
  }

  async #undo(batch: BatchRow): Promise<void> {
    const { engine } = this;
    this.asking = undefined;
    if (!engine) return;
    this.undoing = batch.id;
    try {
      const decision = await undoDecision(engine, batch);
      if (!decision.allowed) {
        this.dispatchEvent(new ToastEvent(refusalName(decision.because), { tone: 'signal' }));
      } else if (await this.write('import.undo', (actor) => undoImport(actor, batch))) {
        this.dispatchEvent(new ToastEvent(msg('La importación se ha deshecho.')));
      }
    } finally {
      this.undoing = '';
    }
  }
}

function refusalName(because: 'undone-already' | 'edited' | 'in-use'): string {
  switch (because) {
    case 'undone-already':
      return msg('Esta importación ya se deshizo.');
    case 'edited':
      return msg('No se puede deshacer: alguien ha cambiado una de sus filas.');
    case 'in-use':
      return msg('No se puede deshacer: alguna de sus filas ya se usa.');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'import-batches': ImportBatches;
  }
}
