import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type UndoPlan, undoImport } from '../../shared/taller/import/undo-import.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { type BatchRow, undoPlan } from '../app/files/import-run.ts';
import { keptName } from '../app/files/import-words.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { sql } from '../client/sql-tag.ts';

/** Nobody reads more of them in a dialog; the number of the others is said. */
const MAX_KEPT_SHOWN = 50;

type Step =
  | { readonly name: 'checking' }
  | { readonly name: 'asking'; readonly plan: UndoPlan }
  | { readonly name: 'undoing' };

/**
 * Asks about taking back one import: how much goes, what stays and why.
 * @fires import-undo-closed
 */
@customElement('import-undo')
export class ImportUndo extends ConnectedElement {
  @property({ attribute: false }) accessor batch!: BatchRow;
  @state() private accessor step: Step = { name: 'checking' };

  static override styles = [
    shared,
    dividedListStyle,
    css`
      ul {
        max-block-size: 40vh;
        overflow-y: auto;
        border-block: var(--line) solid var(--rule);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        justify-content: space-between;
        gap: var(--space-1) var(--space-4);
        padding-block: var(--space-2);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#check();
  }

  override render() {
    return html`<wa-dialog
      open
      label=${msg('¿Deshacer esta importación?')}
      @wa-hide=${this.#stayWhileUndoing}
      @wa-after-hide=${this.#close}
    >
      ${this.#renderStep()}
    </wa-dialog>`;
  }

  #renderStep() {
    const { step } = this;
    switch (step.name) {
      case 'checking':
        return html`<p role="status">${msg('Comprobando qué se puede quitar…')}</p>`;
      case 'asking':
        return this.#renderPlan(step.plan);
      case 'undoing':
        return html`<p role="status">${msg('Deshaciendo…')}</p>`;
    }
  }

  #renderPlan({ goingCount, kept }: UndoPlan) {
    const canGo = goingCount > 0 || kept.length === 0;
    return html`<div class="stack">
      <p>${canGo ? this.#goingText(goingCount) : msg('No se puede quitar nada todavía.')}</p>
      ${kept.length > 0 ? this.#renderKept(kept) : nothing}
      <div class="row">
        ${canGo ? html`<button class="button act" @click=${this.#undo}>${msg('Deshacer la importación')}</button>` : nothing}
        <button class="button" @click=${this.#close}>${msg('Volver')}</button>
      </div>
    </div>`;
  }

  #goingText(goingCount: number): string {
    const { entity, file_name } = this.batch;
    return entity === 'work_orders'
      ? msg(str`Órdenes que se cancelan, de las que trajo ${file_name}: ${count(goingCount)}.`)
      : msg(str`Filas que se quitan, de las que trajo ${file_name}: ${count(goingCount)}.`);
  }

  #renderKept(kept: UndoPlan['kept']) {
    const more = kept.length - MAX_KEPT_SHOWN;
    return html`
      <p><strong>${msg(str`Se quedan: ${count(kept.length)}`)}</strong></p>
      <ul aria-label=${msg('Filas que se quedan')} tabindex="0">
        ${kept
          .slice(0, MAX_KEPT_SHOWN)
          .map(
            ({ title, because }) =>
              html`<li><span>${title}</span><span class="quiet">${keptName(because)}</span></li>`,
          )}
      </ul>
      ${more > 0 ? html`<p class="quiet">${msg(str`Y otras ${count(more)}.`)}</p>` : nothing}
      <p class="quiet small">${msg('Se puede repetir: lo que ya no se use se quitará entonces.')}</p>
    `;
  }

  #stayWhileUndoing = (event: Event): void => {
    if (this.step.name === 'undoing') event.preventDefault();
  };

  #close = (): void => {
    this.dispatchEvent(new Event('import-undo-closed'));
  };

  async #check(): Promise<void> {
    await this.updateComplete;
    await this.attempt(async () => {
      const { engine } = this;
      if (engine) this.step = { name: 'asking', plan: await undoPlan(engine, this.batch) };
    });
    if (this.step.name === 'checking') this.#close();
  }

  /** By what is true now: the question may have been open for long. */
  #undo = async (): Promise<void> => {
    const { engine, batch } = this;
    if (!engine) return;
    this.step = { name: 'undoing' };
    await this.attempt(async () => {
      const { kept } = await undoPlan(engine, batch);
      if (
        await this.write('import.undo', (actor) => [
          // From now on it is a batch of the rows that came in.
          ...(batch.is_unfinished === 1
            ? [sql`update import_batches set rows_ok = ${batch.rows_there} where id = ${batch.id}`]
            : []),
          ...undoImport(actor, batch, kept),
        ])
      )
        this.dispatchEvent(new ToastEvent(doneText(kept.length)));
    });
    this.#close();
  };
}

function doneText(keptCount: number): string {
  return keptCount === 0
    ? msg('La importación se ha deshecho.')
    : msg(str`La importación se ha deshecho en parte. Se quedan: ${count(keptCount)}`);
}

function count(value: number): string {
  return formatQuantity(value * 1000, locale());
}

declare global {
  interface HTMLElementTagNameMap {
    'import-undo': ImportUndo;
  }
}
