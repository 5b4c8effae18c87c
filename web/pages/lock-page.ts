import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { tallerRoles } from '../../shared/taller/roles.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { renderLive } from '../app/live.ts';
import { checkPin } from '../app/lock.ts';
import { type RoleRow, roleName, rolesQuery } from '../app/roles.ts';
import { LockEvent, SignedOutEvent } from '../app/session-events.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/pin-pad.ts';
import type { PinEnteredEvent, PinPad } from '../components/pin-pad.ts';
import { initialsOf } from '../components/presence-list.ts';
import '../components/ui-icon.ts';

interface PersonRow extends ResultRow {
  readonly id: string;
  readonly display_name: string;
  readonly role_id: string;
  readonly pin_hash: string;
  readonly pin_salt: string;
}

/** P38: who takes the tablet over, with a PIN. Needs no network; what may be sent stays a matter of the session. */
@customElement('lock-page')
export class LockPage extends ConnectedElement {
  @state() private accessor chosen: PersonRow | undefined;
  @state() private accessor problem = '';
  @state() private accessor isChecking = false;
  @query('pin-pad') private accessor pad!: PinPad | null;

  #people = new LiveQuery<PersonRow>(
    this,
    () => this.engine,
    () => sql`
      select u.id, u.display_name, u.role_id, u.pin_hash, u.pin_salt
      from users u
      where u.active = 1 and (u.pin_hash <> '' or u.id = ${this.session?.user}) order by u.display_name`,
  );

  #roles = new LiveQuery<RoleRow>(this, () => this.engine, rolesQuery);

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        min-block-size: 100dvh;
        grid-template-rows: auto 1fr auto;
        gap: var(--space-5);
        padding: var(--space-5);
        background: var(--surface);
      }
      header {
        --plate-size: 1.4rem;
      }
      main {
        display: grid;
        align-content: center;
        justify-items: center;
        gap: var(--space-5);
        outline: none;
      }
      .people {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: var(--space-3);
        inline-size: min(100%, 760px);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .person {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        justify-content: start;
        justify-items: start;
        gap: var(--space-3);
        inline-size: 100%;
        min-block-size: 76px;
        padding: var(--space-3) var(--space-4);
        text-align: start;
      }
      .initials {
        display: grid;
        place-items: center;
        inline-size: 48px;
        block-size: 48px;
        border-radius: 50%;
        background: var(--ink);
        color: var(--on-ink);
        font-family: var(--font-display);
      }
      .names {
        display: grid;
        gap: 4px;
        line-height: var(--leading-tight);
      }
      .names .small {
        font-weight: 400;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: var(--space-3);
      }
    `,
  ];

  override render() {
    return html`
      <header><number-plate value="TALLER" country="ES"></number-plate></header>
      <main>
        ${renderLive(this.#people, {
          empty: () => html`<h1>${msg('Nadie tiene PIN todavía')}</h1>`,
          rows: (people) => (this.chosen ? this.#renderPin(this.chosen) : this.#renderPeople(people)),
        })}
      </main>
      <footer>
        ${this.chosen ? html`<button class="button" @click=${() => this.#choose(undefined)}><ui-icon name="chevron-left"></ui-icon>${msg('Otra persona')}</button>` : nothing}
        <button class="button" @click=${this.#signOut}><ui-icon name="key"></ui-icon>${msg('Entrar con contraseña')}</button>
      </footer>
    `;
  }

  #renderPeople(people: readonly PersonRow[]) {
    return html`
      <h1>${msg('¿Quién va a usar la tableta?')}</h1>
      <ul class="people">
        ${repeat(
          people,
          (person) => person.id,
          (person) => html`<li>
            <button class="button person" data-user=${person.id} @click=${() => this.#choose(person)}>
              <span class="initials" aria-hidden="true">${initialsOf(person.display_name || person.id)}</span>
              <span class="names">${person.display_name || person.id}<span class="small quiet">${roleName(this.#roles.rows, person.role_id)}</span></span>
            </button>
          </li>`,
        )}
      </ul>
    `;
  }

  #renderPin(person: PersonRow) {
    return html`
      <h1>${person.display_name || person.id}</h1>
      <pin-pad
        label=${msg('PIN')}
        action=${msg('Entrar')}
        .user=${person.id}
        ?busy=${this.isChecking}
        @pin-entered=${(event: PinEnteredEvent) => this.attempt(() => this.#enter(person, event.pin))}
      ></pin-pad>
      <p class="signal" role="alert">${this.problem}</p>
    `;
  }

  #choose(person: PersonRow | undefined): void {
    this.problem = '';
    // Whoever has no PIN and has it in hand already, only looked.
    if (person && person.pin_hash === '') void this.#takeOver(person);
    else this.chosen = person;
  }

  async #enter(person: PersonRow, pin: string): Promise<void> {
    this.isChecking = true;
    let entry: Awaited<ReturnType<typeof checkPin>>;
    try {
      entry = await checkPin(pin, person, this.now);
    } finally {
      this.isChecking = false;
    }
    if (entry.open) {
      await this.#takeOver(person);
      return;
    }
    const seconds = entry.because === 'wait' ? Math.ceil((entry.untilMs - this.now) / 1000) : 0;
    this.problem =
      entry.because === 'wait'
        ? msg(str`Demasiados intentos. Espera ${seconds} segundos.`)
        : msg('Ese no es el PIN.');
    this.pad?.clear();
  }

  async #takeOver(person: PersonRow): Promise<void> {
    const grants = (tallerRoles as Readonly<Record<string, (typeof tallerRoles)['admin']>>)[person.role_id];
    if (!grants) {
      this.problem = msg('Esta persona tiene un papel que esta versión no conoce.');
      return;
    }
    const displayName = person.display_name || person.id;
    try {
      await this.engine?.actAs({ user: person.id, displayName, role: person.role_id, grants });
      this.dispatchEvent(new LockEvent(false));
    } catch (error) {
      this.dispatchEvent(
        new ToastEvent(error instanceof Error ? error.message : String(error), { tone: 'signal' }),
      );
    }
  }

  /** Without a line nobody could come back, not even with a PIN. */
  #signOut = (): void => {
    const text = msg('Sin conexión. Para entrar con contraseña hace falta internet.');
    const isOnline = this.sync?.connection === 'connected';
    this.dispatchEvent(isOnline ? new SignedOutEvent() : new ToastEvent(text, { tone: 'signal' }));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'lock-page': LockPage;
  }
}
