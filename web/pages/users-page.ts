import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { setWorkshopSetting } from '../../shared/taller/flows/settings-flow.ts';
import { readSettings } from '../../shared/taller/settings.ts';
import '../app/field-controls.ts';
import { ToastEvent } from '../app/events.ts';
import { formatAgo } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { Accounts, type Answer, Anything, askRelay } from '../app/relay-admin.ts';
import { RelayReading } from '../app/relay-reading.ts';
import { type RoleRow, roleName, rolesQuery } from '../app/roles.ts';
import { columnStyle } from '../app/styles/column.ts';
import { fieldLabelStyle, selectStyle } from '../app/styles/fields.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import { initialsOf } from '../components/presence-list.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';
import '../components/user-editor.ts';
import type { AccountChangedEvent, Person } from '../components/user-editor.ts';

type PersonRow = ResultRow & Person;

/** 0: never. */
const LOCK_MINUTES = [0, 2, 5, 15, 30, 60];

/** P31: who works here. The list is there offline; accounts and passwords are changed with a connection, PINs without. */
@customElement('users-page')
export class UsersPage extends TallerPage {
  @state() private accessor openUser = '';
  @state() private accessor isAdding = false;
  @state() private accessor isBusy = false;

  #accounts = new RelayReading(this, Accounts, '/api/users');
  #people = new LiveQuery<PersonRow>(
    this,
    () => this.engine,
    () =>
      sql`select id, display_name, role_id, active, pin_hash <> '' as has_pin from users order by active desc, display_name`,
  );
  #roles = new LiveQuery<RoleRow>(this, () => this.engine, rolesQuery);
  #settings = new LiveQuery(
    this,
    () => this.engine,
    () => sql`select key, value_json, scope, scope_id from settings where key = 'idle_lock_min'`,
  );

  static override styles = [
    shared,
    fieldLabelStyle,
    selectStyle,
    cardListStyle,
    columnStyle,
    css`
      li {
      }
      .head {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto auto;
        align-items: center;
        justify-content: start;
        gap: var(--space-1) var(--space-4);
        inline-size: 100%;
        min-block-size: 68px;
        padding-block: var(--space-3);
        border: 0;
        text-align: start;
        line-height: var(--leading-tight);
      }
      .names {
        display: grid;
        gap: 4px;
      }
      .head .small {
        font-weight: 400;
      }
      .initials {
        display: grid;
        place-items: center;
        inline-size: 40px;
        block-size: 40px;
        border-radius: 50%;
        background: var(--ink);
        color: var(--on-ink);
        font-family: var(--font-display);
      }
      .off .initials {
        background: var(--surface-sunken);
        color: var(--ink-quiet);
      }
      section label {
        max-inline-size: 20rem;
      }
      @media (max-width: 699px) {
        .head {
          grid-template-columns: auto minmax(0, 1fr) auto;
        }
        .initials {
          grid-row: span 2;
        }
        .state {
          grid-column: 2;
          grid-row: 2;
        }
      }
    `,
  ];

  override render() {
    const { isOffline, isForbidden } = this.#accounts;
    const isReadOnly = isOffline || isForbidden;
    return html`
      <div class="row spread">
        <h1>${msg('Usuarios')}</h1>
        <button class="button main" ?disabled=${isReadOnly} @click=${this.#toggleForm}>
          <ui-icon name="plus"></ui-icon>${msg('Usuario nuevo')}
        </button>
      </div>
      ${this.#accounts.renderNotice(msg('Sin conexión: se ve lo que sabe este dispositivo. El PIN se puede cambiar; las cuentas y las contraseñas, con conexión.'))}
      ${this.isAdding ? this.#renderForm() : nothing}
      <ul aria-label=${msg('Usuarios')}>
        ${repeat(
          this.#people.rows,
          (person) => person.id,
          (person) => this.#renderPerson(person, isReadOnly),
        )}
      </ul>
      ${this.session?.role === 'admin' ? this.#renderLock() : nothing}
    `;
  }

  #renderLock() {
    const { idle_lock_min: minutes } = readSettings(this.#settings.rows as never);
    const choices = [...new Set([...LOCK_MINUTES, minutes])].sort((a, b) => a - b);
    return html`<section class="panel stack" aria-label=${msg('Tableta compartida')}>
      <h2>${msg('Tableta compartida')}</h2>
      <label>
        ${msg('Se bloquea cuando nadie la toca')}
        <select @change=${this.#setLock}>
          ${choices.map(
            (choice) => html`<option value=${choice} ?selected=${choice === minutes}>
              ${choice === 0 ? msg('Nunca') : msg(str`${choice} min`)}
            </option>`,
          )}
        </select>
      </label>
      <p class="small quiet">${msg('Solo se bloquea a quien tiene PIN: los demás no podrían volver.')}</p>
    </section>`;
  }

  #setLock = (event: Event): void => {
    const minutes = Number((event.target as HTMLSelectElement).value);
    void this.write('settings.edit', () => setWorkshopSetting('idle_lock_min', minutes));
  };

  #renderPerson(person: PersonRow, isReadOnly: boolean) {
    const account = this.#accounts.value?.users.find(({ name }) => name === person.id);
    const isOpen = this.openUser === person.id;
    const seen = account?.lastLoginAtMs;
    return html`<li class=${person.active === 1 ? '' : 'off'} data-user=${person.id}>
      <button class="button head" aria-expanded=${isOpen} @click=${() => this.#toggle(person.id)}>
        <span class="initials" aria-hidden="true">${initialsOf(person.display_name || person.id)}</span>
        <span class="names">
          ${person.display_name || person.id}
          <span class="small quiet">${person.id} · ${roleName(this.#roles.rows, person.role_id)}</span>
        </span>
        <span class="small quiet state">
          ${
            person.active === 0
              ? msg('Desactivado')
              : [
                  person.has_pin === 1 ? msg('Con PIN') : msg('Sin PIN'),
                  seen ? msg(str`entró ${formatAgo(seen, this.now, locale())}`) : '',
                ]
                  .filter(Boolean)
                  .join(' · ')
          }
        </span>
        <ui-icon name=${isOpen ? 'chevron-down' : 'chevron-right'}></ui-icon>
      </button>
      ${
        isOpen
          ? html`<user-editor
              .person=${person}
              .account=${account}
              .roles=${this.#roles.rows}
              ?offline=${isReadOnly}
              @account-changed=${(event: AccountChangedEvent) => this.#changed(event)}
            ></user-editor>`
          : nothing
      }
    </li>`;
  }

  #renderForm() {
    return html`<form class="panel stack" aria-label=${msg('Usuario nuevo')} @submit=${this.#create}>
      <h2>${msg('Usuario nuevo')}</h2>
      <div class="fields">
        <wa-input name="displayName" label=${msg('Nombre')} required autocomplete="off" autofocus></wa-input>
        <wa-input name="name" label=${msg('Usuario para entrar')} required autocomplete="off" autocapitalize="off"></wa-input>
        <label>
          ${msg('Papel')}
          <select name="role">
            ${this.#roles.rows.map((role) => html`<option value=${role.id}>${roleName(this.#roles.rows, role.id)}</option>`)}
          </select>
        </label>
        <wa-input name="password" type="password" label=${msg('Contraseña')} required password-toggle autocomplete="new-password"></wa-input>
      </div>
      <div class="row">
        <button class="button main" type="submit" ?disabled=${this.isBusy}>${msg('Crear usuario')}</button>
        <button class="button" type="button" @click=${this.#toggleForm}>${msg('Volver')}</button>
      </div>
    </form>`;
  }

  #toggle(user: string): void {
    this.openUser = this.openUser === user ? '' : user;
  }

  #toggleForm = (): void => {
    this.isAdding = !this.isAdding;
  };

  #create = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const body = {
      name: text('name'),
      displayName: text('displayName'),
      role: text('role'),
      password: String(form.get('password') ?? ''),
    };
    this.isBusy = true;
    const answer = await askRelay(this.engine, Anything, 'POST', '/api/users', body);
    this.isBusy = false;
    if (!this.#told(answer)) return;
    this.isAdding = false;
    this.openUser = body.name;
    this.dispatchEvent(new ToastEvent(msg(str`${body.displayName} ya puede entrar.`)));
    await this.#accounts.read();
  };

  async #changed(event: AccountChangedEvent): Promise<void> {
    if (event.text !== '') this.dispatchEvent(new ToastEvent(event.text));
    await this.#accounts.read();
  }

  #told(answer: Answer<unknown>): boolean {
    if (!answer.ok) this.dispatchEvent(new ToastEvent(answer.text, { tone: 'signal' }));
    return answer.ok;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'users-page': UsersPage;
  }
}
