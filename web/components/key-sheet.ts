import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { type Shortcut, shortcuts } from '../app/help.ts';
import { hasSingleKeys, setSingleKeys } from '../app/shortcuts.ts';
import { keyStyle } from '../app/styles/keys.ts';
import { shared } from '../app/styles/shared.ts';

/** The keys of the page one is on, and those that work everywhere. */
@customElement('key-sheet')
export class KeySheet extends TallerElement {
  /** Pattern of the page's route. */
  @property() accessor path = '';
  @state() private accessor isOpen = false;

  static override styles = [
    shared,
    keyStyle,
    css`
      :host {
        display: contents;
      }
      .single {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
      }
      .single input {
        inline-size: 24px;
        block-size: 24px;
        margin: 0;
        accent-color: var(--ink);
      }
    `,
  ];

  open(): void {
    this.isOpen = true;
  }

  override render() {
    if (!this.isOpen) return nothing;
    const all = shortcuts();
    return html`<wa-dialog open light-dismiss label=${msg('Atajos de teclado')} @wa-after-hide=${this.#close}>
      <div class="stack">
        ${this.#renderKeys(
          msg('En esta página'),
          all.filter(({ path }) => path === this.path),
        )}
        ${this.#renderKeys(
          msg('En todas partes'),
          all.filter(({ path }) => path === undefined),
        )}
        <label class="single">
          <input type="checkbox" .checked=${hasSingleKeys()} @change=${this.#choose} />
          ${msg('Usar atajos de una sola tecla')}
        </label>
      </div>
    </wa-dialog>`;
  }

  #renderKeys(heading: string, keys: readonly Shortcut[]) {
    if (keys.length === 0) return nothing;
    return html`<section class="stack">
      <h2>${heading}</h2>
      <dl class="keys">
        ${keys.map((one) => html`<dt>${one.keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${one.what}</dd>`)}
      </dl>
    </section>`;
  }

  #choose = (event: Event): void => {
    setSingleKeys((event.target as HTMLInputElement).checked);
  };

  #close = (): void => {
    this.isOpen = false;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'key-sheet': KeySheet;
  }
}
