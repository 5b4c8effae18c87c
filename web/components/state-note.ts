import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import type { IconName } from '../app/icons.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/**
 * What a place says while it has nothing to show: still loading, empty, or failed.
 *
 * @slot - what to do about it
 */
@customElement('state-note')
export class StateNote extends TallerElement {
  @property() accessor kind: 'loading' | 'empty' | 'failed' = 'empty';
  @property() accessor heading = '';
  @property() accessor text = '';
  /** It stands for the whole page, and so is its first heading. */
  @property({ type: Boolean }) accessor page = false;
  @property() accessor icon: IconName | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: var(--space-3);
        padding: var(--space-7) var(--space-4);
        text-align: center;
      }
      ui-icon {
        font-size: 2.25rem;
        color: var(--ink-quiet);
      }
      :host([kind='failed']) ui-icon {
        color: var(--signal-text);
      }
      h1 {
        font-size: var(--text-xl);
      }
      p {
        max-inline-size: 46ch;
        color: var(--ink-quiet);
      }
      .loading ui-icon {
        animation: breathe 1.6s ease-in-out infinite alternate;
      }
      @keyframes breathe {
        from {
          opacity: 0.35;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .loading ui-icon {
          animation: none;
        }
      }
    `,
  ];

  override render() {
    const icon =
      this.icon ?? (this.kind === 'failed' ? 'alert' : this.kind === 'loading' ? 'hourglass' : 'list');
    return html`
      <div class=${this.kind}><ui-icon name=${icon}></ui-icon></div>
      <div role=${this.kind === 'failed' ? 'alert' : 'status'}>
        ${this.page ? html`<h1>${this.heading}</h1>` : html`<h2>${this.heading}</h2>`}
      </div>
      ${this.text ? html`<p>${this.text}</p>` : nothing}
      <slot></slot>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'state-note': StateNote;
  }
}
