import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { addContact, removeContact, updateContact } from '../../shared/taller/flows/people-flow.ts';
import '../app/field-controls.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { sameIds } from '../app/people.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface ContactRow extends ResultRow {
  readonly id: string;
  readonly customer_id: string;
  readonly name: string;
  readonly phone: string;
  readonly id_doc: string;
  readonly may_authorize: number;
  readonly may_pick_up: number;
}

type Right = 'may_authorize' | 'may_pick_up';

/** Who acts for a customer: who may approve work, and who may collect the vehicle. */
@customElement('customer-contacts')
export class CustomerContacts extends ConnectedElement {
  @property() accessor customer = '';

  @state() private accessor isAdding = false;

  #contacts = new LiveQuery<ContactRow>(
    this,
    () => this.engine,
    () => sql`
      select id, customer_id, name, phone, id_doc, may_authorize, may_pick_up from customer_contacts
      where customer_id in (${sameIds('customers', this.customer)}) order by created_at, id`,
  );

  static override styles = [
    shared,
    dividedListStyle,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-2);
      }
      .rights {
        grid-column: 1 / -1;
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      form {
        display: grid;
        gap: var(--space-3);
      }
    `,
  ];

  override render() {
    return html`<section class="panel stack" aria-label=${msg('Personas autorizadas')}>
      <h2>${msg('Personas autorizadas')}</h2>
      ${
        this.#contacts.rows.length === 0
          ? html`<p class="quiet">${msg('Nadie más que el cliente aprueba trabajos o recoge el vehículo.')}</p>`
          : html`<ul>
              ${repeat(
                this.#contacts.rows,
                (row) => row.id,
                (row) => this.#renderContact(row),
              )}
            </ul>`
      }
      ${this.isAdding ? this.#renderForm() : html`<button class="button" @click=${this.#toggleForm}><ui-icon name="plus"></ui-icon>${msg('Añadir persona')}</button>`}
    </section>`;
  }

  #renderContact(row: ContactRow) {
    const right = (name: Right, label: string) => html`<button
      class="button ${row[name] === 1 ? 'main' : ''}"
      aria-pressed=${row[name] === 1}
      aria-label=${`${label}: ${row.name}`}
      @click=${() => this.write('contact.edit', () => updateContact(row.id, { [name]: row[name] === 1 ? 0 : 1 }))}
    >
      <ui-icon name=${row[name] === 1 ? 'check' : 'plus'}></ui-icon>${label}
    </button>`;
    return html`<li data-contact=${row.id}>
      <div>
        <strong>${row.name}</strong>
        <div class="small quiet">${[row.phone, row.id_doc].filter(Boolean).join(' · ')}</div>
      </div>
      <button class="button bare" aria-label=${msg(str`Quitar a ${row.name}`)} @click=${() => this.#remove(row)}>
        <ui-icon name="trash"></ui-icon>
      </button>
      <div class="rights">${right('may_authorize', msg('Aprueba trabajos'))} ${right('may_pick_up', msg('Recoge el vehículo'))}</div>
    </li>`;
  }

  #renderForm() {
    return html`<form @submit=${this.#add}>
      <div class="fields">
        <wa-input name="name" label=${msg('Nombre')} required autofocus autocomplete="off"></wa-input>
        <wa-input name="phone" type="tel" label=${msg('Teléfono')} autocomplete="off"></wa-input>
        <wa-input name="id_doc" label=${msg('Documento de identidad')} autocomplete="off"></wa-input>
      </div>
      <div class="row">
        <button class="button main" type="submit">${msg('Añadir')}</button>
        <button class="button" type="button" @click=${this.#toggleForm}>${msg('Volver')}</button>
      </div>
    </form>`;
  }

  #toggleForm = (): void => {
    this.isAdding = !this.isAdding;
  };

  /** Whoever is added may collect; approving work is given on purpose. */
  #add = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    if (text('name') === '') return;
    const added = await this.write(
      'contact.add',
      (actor) =>
        addContact(actor, this.customer, {
          name: text('name'),
          phone: text('phone'),
          id_doc: text('id_doc'),
          may_pick_up: 1,
        }).statements,
    );
    if (added) this.isAdding = false;
  };

  async #remove(row: ContactRow): Promise<void> {
    if (!(await this.write('contact.remove', () => removeContact(row.id)))) return;
    const { customer_id, name, phone, id_doc, may_authorize, may_pick_up } = row;
    const again = { name, phone, id_doc, may_authorize, may_pick_up };
    const undo = () =>
      void this.write('contact.add', (actor) => addContact(actor, customer_id, again).statements);
    this.dispatchEvent(
      new ToastEvent(msg(str`${name} ya no figura.`), { action: { label: msg('Deshacer'), run: undo } }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'customer-contacts': CustomerContacts;
  }
}
