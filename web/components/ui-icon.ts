import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { ICONS, type IconName } from '../app/icons.ts';

/** One drawing, as large as the text around it. Says nothing to a screen reader unless it has a label. */
@customElement('ui-icon')
export class UiIcon extends LitElement {
  @property() accessor name: IconName = 'more';
  @property() accessor label = '';

  static override styles = css`
    :host {
      display: inline-flex;
      flex: none;
      inline-size: 1.35em;
      block-size: 1.35em;
      vertical-align: -0.3em;
    }
    svg {
      inline-size: 100%;
      block-size: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 2;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `;

  override render() {
    return html`<svg
      viewBox="0 0 24 24"
      role=${this.label ? 'img' : nothing}
      aria-label=${this.label || nothing}
      aria-hidden=${this.label ? nothing : 'true'}
    >
      ${svg`<path d=${ICONS[this.name] ?? ICONS.more} />`}
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ui-icon': UiIcon;
  }
}
