import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { setPin } from '../../shared/taller/flows/people-flow.ts';
import { hashPin, isPin } from '../../shared/taller/pin.ts';
import '../app/field-controls.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { type Account, Anything, askRelay } from '../app/relay-admin.ts';
import { type RoleRow, roleName } from '../app/roles.ts';
import { fieldLabelStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

export interface Person {
  readonly id: string;
  readonly display_name: string;
  readonly role_id: string;
  readonly active: number;
  readonly has_pin: number;
}

/** The relay changed an account; `text` says what, for a toast. */
export class AccountChangedEvent extends Event {
  static readonly type = 'account-changed';
  readonly text: string;

  constructor(text: string) {
    super(AccountChangedEvent.type, { bubbles: true });
    this.text = text;
  }
}

type Form = 'none' | 'pin' | 'password';

/**
 * One person: role, PIN, password, and whether they may come in at all.
 *
 * @fires account-changed
 */
@customElement('user-editor')
export class UserEditor extends ConnectedElement {
  @property({ attribute: false }) accessor person: Person | undefined;
  /** As the relay has it; undefined while it was not reached. */
  @property({ attribute: false }) accessor account: Account | undefined;
  @property({ attribute: false }) accessor roles: readonly RoleRow[] = [];
  @property({ type: Boolean }) accessor offline = false;

  @state() private accessor form: Form = 'none';
  @state() private accessor isBusy = false;

  static override styles = [
    shared,
    fieldLabelStyle,
    selectStyle,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
        padding: var(--space-4);
        border-block-start: var(--line) solid var(--rule);
      }
      label {
        max-inline-size: 20rem;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-3);
      }
      form wa-input {
        flex: 1 1 14rem;
        max-inline-size: 22rem;
      }
    `,
  ];

  override render() {
    const { person, account } = this;
    if (!person) return nothing;
    const isStuck = this.offline || this.isBusy || !account;
    return html`
      <label>
        ${msg('Papel')}
        <select ?disabled=${isStuck} @change=${(event: Event) => this.#setRole(person, event.target as HTMLSelectElement)}>
          ${this.roles.map((role) => html`<option value=${role.id} ?selected=${role.id === person.role_id}>${roleName(this.roles, role.id)}</option>`)}
        </select>
      </label>
      <div class="row">
        <button class="button" @click=${() => this.#show('pin')}>
          <ui-icon name="lock"></ui-icon>${person.has_pin === 1 ? msg('Cambiar PIN') : msg('Poner PIN')}
        </button>
        ${person.has_pin === 1 ? html`<button class="button" @click=${() => this.#setPin(person, '')}>${msg('Quitar PIN')}</button>` : nothing}
        ${
          account?.provider
            ? nothing
            : html`<button class="button" ?disabled=${isStuck} @click=${() => this.#show('password')}>
                <ui-icon name="key"></ui-icon>${msg('Contraseña nueva')}
              </button>`
        }
        ${
          account?.secondFactor
            ? html`<button class="button" ?disabled=${isStuck} @click=${() => this.#change(person, 'DELETE', '/second-factor', msg(str`${nameOf(person)} pondrá otro segundo factor al entrar.`))}>
                ${msg('Olvidar el segundo factor')}
              </button>`
            : nothing
        }
        <button class="button" ?disabled=${isStuck} @click=${() => this.#change(person, 'DELETE', '/sessions', msg(str`${nameOf(person)} tendrá que entrar otra vez.`))}>
          <ui-icon name="logout"></ui-icon>${msg('Cerrar sus sesiones')}
        </button>
        <button class="button ${person.active === 1 ? '' : 'main'}" ?disabled=${isStuck} @click=${() => this.#setDisabled(person, person.active === 1)}>
          ${person.active === 1 ? msg('Desactivar') : msg('Activar')}
        </button>
      </div>
      ${this.#renderForm(person)}
    `;
  }

  #renderForm(person: Person) {
    switch (this.form) {
      case 'none':
        return nothing;
      case 'pin':
        return html`<form @submit=${(event: SubmitEvent) => this.#submitPin(event, person)}>
          <wa-input name="pin" type="password" inputmode="numeric" label=${msg('PIN de cuatro a ocho cifras')} required password-toggle autocomplete="off" autofocus></wa-input>
          <button class="button main" type="submit">${msg('Guardar PIN')}</button>
        </form>`;
      case 'password':
        return html`<form @submit=${(event: SubmitEvent) => this.#submitPassword(event, person)}>
          <wa-input name="password" type="password" label=${msg('Contraseña nueva')} required password-toggle autocomplete="new-password" autofocus></wa-input>
          <button class="button main" type="submit" ?disabled=${this.isBusy}>${msg('Guardar contraseña')}</button>
        </form>`;
    }
  }

  #show(form: Form): void {
    this.form = this.form === form ? 'none' : form;
  }

  #submitPin(event: SubmitEvent, person: Person): void {
    event.preventDefault();
    const pin = String(new FormData(event.target as HTMLFormElement).get('pin') ?? '').trim();
    if (isPin(pin)) void this.#setPin(person, pin);
    else this.dispatchEvent(new ToastEvent(msg('El PIN tiene de cuatro a ocho cifras.'), { tone: 'signal' }));
  }

  async #setPin(person: Person, pin: string): Promise<void> {
    const made = pin === '' ? { hash: '', salt: '' } : await hashPin(pin);
    if (!(await this.write('user.pin', () => setPin(person.id, made)))) return;
    this.form = 'none';
    this.dispatchEvent(
      new ToastEvent(
        pin === ''
          ? msg(str`${nameOf(person)} ya no tiene PIN.`)
          : msg(str`PIN de ${nameOf(person)} guardado.`),
      ),
    );
  }

  async #submitPassword(event: SubmitEvent, person: Person): Promise<void> {
    event.preventDefault();
    const password = String(new FormData(event.target as HTMLFormElement).get('password') ?? '');
    const text = msg(str`Contraseña de ${nameOf(person)} cambiada. Sus sesiones se han cerrado.`);
    if (await this.#change(person, 'POST', '/password', text, { password })) this.form = 'none';
  }

  async #setRole(person: Person, select: HTMLSelectElement): Promise<void> {
    const text = msg(str`${nameOf(person)}: ${roleName(this.roles, select.value)}`);
    if (!(await this.#change(person, 'PATCH', '', text, { role: select.value })))
      select.value = person.role_id;
  }

  #setDisabled(person: Person, disabled: boolean): void {
    const text = disabled
      ? msg(str`${nameOf(person)} ya no puede entrar.`)
      : msg(str`${nameOf(person)} puede entrar otra vez.`);
    void this.#change(person, 'PATCH', '', text, { disabled });
  }

  async #change(
    person: Person,
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    text: string,
    body?: unknown,
  ): Promise<boolean> {
    this.isBusy = true;
    const answer = await askRelay(
      this.engine,
      Anything,
      method,
      `/api/users/${encodeURIComponent(person.id)}${path}`,
      body,
    );
    this.isBusy = false;
    if (answer.ok) this.dispatchEvent(new AccountChangedEvent(text));
    else this.dispatchEvent(new ToastEvent(answer.text, { tone: 'signal' }));
    return answer.ok;
  }
}

function nameOf(person: Person): string {
  return person.display_name || person.id;
}

declare global {
  interface HTMLElementEventMap {
    'account-changed': AccountChangedEvent;
  }
  interface HTMLElementTagNameMap {
    'user-editor': UserEditor;
  }
}
