import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { concernsOf } from '../../shared/taller/flows/reception-flow.ts';
import { TallerElement } from '../app/element.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import { CellChangedEvent } from './cell-field.ts';
import './dictation-button.ts';
import type { DictatedEvent } from './dictation-button.ts';

/**
 * What the customer reports, one per line: frequent concerns as chips, everything else as text.
 *
 * @fires cell-changed
 */
@customElement('concern-chips')
export class ConcernChips extends TallerElement {
  @property() accessor value = '';
  @property({ attribute: false }) accessor chips: readonly { readonly es: string; readonly en: string }[] =
    [];

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .button {
        font-size: var(--text-s);
        font-weight: 500;
      }
      .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
    `,
  ];

  override render() {
    const lines = concernsOf(this.value);
    return html`
      <div class="chips" role="group" aria-label=${msg('Motivos frecuentes')}>
        ${this.chips.map((chip) => {
          const text = chip[locale()];
          return html`<button
            type="button"
            class="button"
            aria-pressed=${lines.includes(text)}
            @click=${() => this.#toggle(text)}
          >
            ${text}
          </button>`;
        })}
      </div>
      <cell-field
        kind="lines"
        label=${msg('Motivos de la visita')}
        hint=${msg('Uno por línea: cada línea será un trabajo.')}
        .value=${this.value}
        @cell-changed=${(event: CellChangedEvent) => this.#change(String(event.value ?? ''))}
      >
        <dictation-button
          slot="aside"
          @dictated=${({ text }: DictatedEvent) => this.#change([...concernsOf(this.value), text].join('\n'))}
        ></dictation-button>
      </cell-field>
    `;
  }

  #toggle(text: string): void {
    const lines = concernsOf(this.value);
    const next = lines.includes(text) ? lines.filter((line) => line !== text) : [...lines, text];
    this.#change(next.join('\n'));
  }

  /** Kept here too: a chip that is pressed before the row has come back adds to what was pressed before it. */
  #change(concerns: string): void {
    this.value = concerns;
    this.dispatchEvent(new CellChangedEvent(concerns));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'concern-chips': ConcernChips;
  }
}
