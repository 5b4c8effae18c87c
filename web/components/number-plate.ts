import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';

/**
 * A number plate, drawn like one: the application's recurring mark, so that a vehicle is recognised before its line is
 * read. `1234BCD` -> 1234 BCD.
 *
 * @cssprop --plate-size - height of the characters
 */
@customElement('number-plate')
export class NumberPlate extends LitElement {
  @property() accessor value = '';
  /** ISO 3166; the letter on the band. */
  @property() accessor country = 'ES';

  static override styles = css`
    :host {
      display: inline-flex;
      vertical-align: middle;
      max-inline-size: 100%;
      font-size: var(--plate-size, 1.25rem);
    }
    .plate {
      display: inline-flex;
      align-items: stretch;
      min-inline-size: 5.4em;
      overflow: hidden;
      border: max(1.5px, 0.07em) solid var(--plate-edge);
      border-radius: 0.22em;
      background: var(--plate-field);
      color: var(--plate-ink);
      line-height: 1;
      forced-color-adjust: none;
    }
    .band {
      display: grid;
      align-content: end;
      justify-items: center;
      padding-block-end: 0.22em;
      background: var(--plate-band);
      color: var(--on-plate-band);
      font: 700 0.46em / 1 var(--font-text);
      inline-size: 1.5em;
    }
    .characters {
      flex: 1;
      padding: 0.16em 0.36em 0.14em;
      text-align: center;
      font-family: var(--font-display);
      font-stretch: var(--width-plate);
      font-weight: 700;
      font-variant-numeric: tabular-nums slashed-zero;
      letter-spacing: 0.045em;
      white-space: nowrap;
    }
    .empty {
      opacity: 0.35;
    }
  `;

  override render() {
    const text = spaced(this.value);
    return html`<span class="plate" part="plate" translate="no">
      <span class="band" aria-hidden="true">${letterOf(this.country)}</span>
      <span class="characters ${text ? '' : 'empty'}">${text || '– – – –'}</span>
    </span>`;
  }
}

/** Letters and digits in groups, as they are painted: `1234bcd` -> `1234 BCD`. A plate typed with gaps keeps them. */
function spaced(plate: string): string {
  const text = plate.trim().toUpperCase();
  if (/[\s-]/.test(text)) return text.replace(/[\s-]+/g, ' ');
  return text.match(/\d+|\D+/g)?.join(' ') ?? '';
}

/** The letter a country paints on its plates; else its own code. */
function letterOf(country: string): string {
  return { ES: 'E', PT: 'P', FR: 'F', DE: 'D', IT: 'I', BE: 'B', AT: 'A' }[country] ?? country;
}

declare global {
  interface HTMLElementTagNameMap {
    'number-plate': NumberPlate;
  }
}
