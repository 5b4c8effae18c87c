import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';
import { CellChangedEvent } from './cell-field.ts';

const EIGHTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/**
 * How full the tank is, in eighths, as a row of bars that is pressed where the needle stands.
 *
 * @fires cell-changed
 */
@customElement('fuel-gauge')
export class FuelGauge extends TallerElement {
  @property({ attribute: false }) accessor value: number | null = null;
  @property() accessor label = '';

  static override styles = [
    shared,
    css`
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
        min-inline-size: 0;
      }
      legend {
        padding: 0 0 6px;
        font-size: var(--text-s);
        font-weight: 600;
      }
      .bars {
        display: grid;
        grid-template-columns: repeat(9, minmax(0, 1fr));
        gap: 4px;
      }
      label {
        position: relative;
        display: grid;
        align-items: end;
        min-block-size: var(--target);
        cursor: pointer;
      }
      input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: pointer;
      }
      .bar {
        display: grid;
        place-items: end center;
        block-size: var(--target);
        padding-block-end: 4px;
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-s);
        font: 650 var(--text-s) / 1 var(--font-display);
      }
      .full {
        background: var(--ink);
        color: var(--on-ink);
      }
      input:focus-visible + .bar {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
    `,
  ];

  override render() {
    return html`<fieldset>
      <legend>${this.label}</legend>
      <div class="bars">
        ${EIGHTHS.map(
          (eighths) => html`<label>
            <input
              type="radio"
              name="fuel"
              aria-label=${msg(str`${eighths} de 8`)}
              .checked=${this.value === eighths}
              @change=${() => this.dispatchEvent(new CellChangedEvent(eighths))}
            />
            <span class="bar ${this.value !== null && eighths <= this.value ? 'full' : ''}" aria-hidden="true">
              ${MARKS[eighths] ?? ''}
            </span>
          </label>`,
        )}
      </div>
    </fieldset>`;
  }
}

const MARKS: Readonly<Record<number, string>> = { 0: 'E', 2: '¼', 4: '½', 6: '¾', 8: 'F' };

declare global {
  interface HTMLElementTagNameMap {
    'fuel-gauge': FuelGauge;
  }
}
