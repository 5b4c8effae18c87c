import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { anonymizeCustomer } from '../../shared/taller/flows/people-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { may, permissionsQuery } from '../app/permissions.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './ui-icon.ts';

/** Anonymises a customer [TALLER-23]: asked about once, for it cannot be undone. Shown to whoever may. */
@customElement('customer-anonymize')
export class CustomerAnonymize extends ConnectedElement {
  /** customers.id */
  @property() accessor customer = '';
  @property() accessor name = '';
  /** It has been done: there is nothing to offer. */
  @property({ type: Boolean }) accessor done = false;
  @state() private accessor asking = false;

  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);

  static override styles = [shared];

  override render() {
    if (this.done || !may(this.session, this.#permissions.rows, 'customer.anonymize')) return nothing;
    return html`
      <button class="button" @click=${() => this.#ask(true)}>${msg('Anonimizar')}</button>
      ${this.asking ? this.#renderQuestion() : nothing}
    `;
  }

  #renderQuestion() {
    return html`<wa-dialog open label=${msg(str`¿Anonimizar a ${this.name}?`)} @wa-after-hide=${() => this.#ask(false)}>
      <div class="stack">
        <p>${msg('Se borran su nombre, sus teléfonos, su correo, su NIF, su dirección y sus contactos. Quedan sus vehículos, sus órdenes y las notas. No se puede deshacer.')}</p>
        <div class="row">
          <button class="button act" @click=${this.#anonymize}>${msg('Anonimizar para siempre')}</button>
          <button class="button" @click=${() => this.#ask(false)}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #ask(isAsking: boolean): void {
    this.asking = isAsking;
  }

  #anonymize = async (): Promise<void> => {
    const { customer } = this;
    const done = await this.write('customer.anonymize', (actor) =>
      anonymizeCustomer(actor, customer, msg('Cliente anonimizado')),
    );
    if (!done) return;
    this.dispatchEvent(new ToastEvent(msg('Cliente anonimizado')));
    this.#ask(false);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'customer-anonymize': CustomerAnonymize;
  }
}
