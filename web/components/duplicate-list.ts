import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { TallerElement } from '../app/element.ts';
import { mergePath, type PairRow, reasonName } from '../app/people.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** Customers and vehicles that are probably there twice, each pair with the way to compare the two. */
@customElement('duplicate-list')
export class DuplicateList extends TallerElement {
  @property({ attribute: false }) accessor pairs: readonly PairRow[] = [];

  static override styles = [
    shared,
    cardListStyle,
    css`
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
      }
      .names > div {
        overflow-wrap: anywhere;
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: auto minmax(0, 1fr);
        }
        li .button {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    return html`<ul aria-label=${msg('Repetidos')}>
      ${repeat(
        this.pairs,
        (pair) => pair.first_id + pair.second_id,
        (pair) => this.#renderPair(pair),
      )}
    </ul>`;
  }

  #renderPair(pair: PairRow) {
    return html`<li data-pair=${pair.second_id}>
      <ui-icon name=${pair.kind === 'customers' ? 'customers' : 'car'}></ui-icon>
      <div class="names">
        <div>${pair.first}</div>
        <div>${pair.second}</div>
        <div class="small quiet">${reasonName(pair.because)}</div>
      </div>
      <a class="button" href=${mergePath(pair.kind, pair.first_id, pair.second_id)}>
        <span>${msg('Comparar y unir')}<span class="visually-hidden"> ${pair.first}</span></span>
      </a>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'duplicate-list': DuplicateList;
  }
}
