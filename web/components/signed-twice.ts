import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { type TwiceSigned, twiceSignedQuery } from '../app/violations.ts';
import { LiveQuery } from '../client/live-query.ts';
import './number-plate.ts';

/** Receptions that two tablets signed while they could not see one another: each made an order, and one is too many. */
@customElement('signed-twice')
export class SignedTwice extends ConnectedElement {
  #orders = new LiveQuery<TwiceSigned>(this, () => this.engine, twiceSignedQuery);

  static override styles = [
    shared,
    cardListStyle,
    css`
      :host {
        display: contents;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
      }
      p {
        max-inline-size: var(--measure);
      }
    `,
  ];

  override render() {
    const orders = this.#orders.rows;
    if (orders.length === 0) return nothing;
    const receptions = [...new Set(orders.map(({ reception_id }) => reception_id))];
    return html`<section class="stack" aria-label=${msg('Firmadas en dos tabletas')}>
      <h2>${msg('Firmadas en dos tabletas')}</h2>
      <p class="quiet">
        ${msg('Dos tabletas sin conexión firmaron la misma recepción, y cada una abrió una orden. Pasa lo que haga falta a la orden del resguardo y anula la otra.')}
      </p>
      <ul>
        ${receptions.map((id) => this.#renderReception(orders.filter(({ reception_id }) => reception_id === id)))}
      </ul>
    </section>`;
  }

  #renderReception(orders: readonly TwiceSigned[]) {
    const { plate = '', plate_country = '' } = orders[0] ?? {};
    return html`<li>
      <number-plate value=${plate} country=${plate_country}></number-plate>
      ${orders.map(
        ({ id, number, stands }) =>
          html`<a class="button" href="/ordenes/${id}">${stands ? msg(str`${number}: la del resguardo`) : number}</a>`,
      )}
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'signed-twice': SignedTwice;
  }
}
