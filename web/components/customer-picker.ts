import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { normalizePhone } from '../../shared/taller/normalize.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import '../app/field-controls.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';

/** A customer was chosen. */
export class CustomerPickedEvent extends Event {
  static readonly type = 'customer-picked';
  readonly id: string;
  readonly name: string;

  constructor(id: string, name: string) {
    super(CustomerPickedEvent.type, { bubbles: true });
    this.id = id;
    this.name = name;
  }
}

interface FoundRow extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
}

/**
 * Finds one customer by name or phone.
 *
 * @fires customer-picked
 */
@customElement('customer-picker')
export class CustomerPicker extends ConnectedElement {
  @state() private accessor text = '';

  #found = new LiveQuery<FoundRow>(
    this,
    () => this.engine,
    () => {
      const words = fold(this.text);
      if (words.length < 2) return undefined;
      const digits = words.replace(/\D/g, '');
      const phone = digits.length > 3 ? normalizePhone(digits).replace('+', '') : 'none';
      return sql`
        select id, name, phone from customers
        where merged_into_id is null and anonymized_at is null
          and (name glob ${foldedGlob(words)} or phone_norm like ${`%${phone}%`})
        order by name limit 6`;
    },
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
      }
      .found {
        display: grid;
        gap: var(--space-2);
      }
      .found .button {
        justify-content: space-between;
        block-size: auto;
        padding-block: var(--space-2);
      }
    `,
  ];

  override render() {
    const isSearching = fold(this.text).length >= 2 && this.#found.state.name === 'rows';
    return html`
      <wa-input type="search" label=${msg('Nombre o teléfono')} autocomplete="off" autofocus @input=${this.#type}></wa-input>
      <div class="found" role="group" aria-label=${msg('Clientes encontrados')}>
        ${repeat(
          isSearching ? this.#found.rows : [],
          (row) => row.id,
          (
            row,
          ) => html`<button class="button" @click=${() => this.dispatchEvent(new CustomerPickedEvent(row.id, row.name))}>
            <span>${row.name}</span><span class="small quiet">${row.phone}</span>
          </button>`,
        )}
        ${isSearching && this.#found.rows.length === 0 ? html`<p class="quiet">${msg('Nadie con esos datos')}</p>` : nothing}
      </div>
    `;
  }

  #type = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
  };
}

declare global {
  interface HTMLElementEventMap {
    'customer-picked': CustomerPickedEvent;
  }
  interface HTMLElementTagNameMap {
    'customer-picker': CustomerPicker;
  }
}
