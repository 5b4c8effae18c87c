import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { sessionContext, statusContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import { NavigateEvent } from '../app/events.ts';
import { locale, setLocale } from '../app/localisation.ts';
import { roleName } from '../app/roles.ts';
import { LockEvent, SignedOutEvent } from '../app/session-events.ts';
import { signOutWarning } from '../app/sign-out.ts';
import { shared } from '../app/styles/shared.ts';
import { applyTheme, storedTheme, type Theme } from '../app/theme.ts';
import type { Session, Status } from '../client/engine-messages.ts';
import { initialsOf } from './presence-list.ts';
import './ui-icon.ts';

/** Who is signed in, and what is theirs: language, appearance, leaving. */
@customElement('user-menu')
export class UserMenu extends TallerElement {
  @consume({ context: sessionContext, subscribe: true })
  @property({ attribute: false })
  accessor session: Session | undefined;

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor sync: Status | undefined;

  /** What leaving would mean; asked before. */
  @state() private accessor warning: string | undefined;
  @state() private accessor theme: Theme = storedTheme();
  /** The menu's own script is there. */
  @state() private accessor isReady = false;
  @query('wa-dropdown') private accessor menu!: HTMLElement & { open: boolean };

  static override styles = [
    shared,
    css`
      .trigger {
        inline-size: var(--target);
        padding: 0;
        border-radius: 50%;
        font-family: var(--font-display);
        font-stretch: var(--width-display);
      }
      wa-dropdown-item {
        min-block-size: var(--target);
      }
      .who {
        padding: var(--space-2) var(--space-4) var(--space-3);
        border-block-end: var(--line) solid var(--rule);
        margin-block-end: var(--space-2);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void customElements.whenDefined('wa-dropdown').then(() => {
      this.isReady = true;
    });
  }

  override render() {
    return html`<wa-dropdown placement="bottom-end" @wa-select=${this.#choose}>
      <button
        slot="trigger"
        class="button trigger"
        aria-label=${msg('Usuario y ajustes')}
        aria-haspopup="menu"
        @pointerenter=${loadMenu}
        @focus=${loadMenu}
        @click=${this.#openLoaded}
      >
        ${initialsOf(this.session?.displayName ?? '?')}
      </button>
      ${this.isReady ? this.#renderItems() : nothing}
    </wa-dropdown>
    ${this.warning === undefined ? nothing : this.#renderWarning(this.warning)}`;
  }

  #renderWarning(warning: string) {
    return html`<wa-dialog open label=${msg('¿Salir?')} @wa-after-hide=${this.#stay}>
      <div class="stack">
        <p>${warning}</p>
        <div class="row">
          <button class="button act" @click=${() => this.dispatchEvent(new SignedOutEvent())}>${msg('Salir')}</button>
          <button class="button" @click=${this.#stay}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #stay = (): void => {
    this.warning = undefined;
  };

  #signOut(): void {
    this.warning = this.sync && signOutWarning(this.sync);
    if (this.warning === undefined) this.dispatchEvent(new SignedOutEvent());
  }

  #renderItems() {
    const session = this.session;
    return html`<div class="who">
        <strong>${session?.displayName ?? ''}</strong>
        <div class="quiet small">${session?.workspace ?? ''} · ${roleName([], session?.role ?? '')}</div>
      </div>
      <wa-dropdown-item value="locale">
        <ui-icon slot="icon" name="globe"></ui-icon>${locale() === 'es' ? 'English' : 'Español'}
      </wa-dropdown-item>
      ${this.#themes().map(
        ([theme, label, icon]) => html`<wa-dropdown-item
          type="checkbox"
          value="theme:${theme}"
          ?checked=${this.theme === theme}
        >
          <ui-icon slot="icon" name=${icon}></ui-icon>${label}
        </wa-dropdown-item>`,
      )}
      <wa-dropdown-item value="lock"><ui-icon slot="icon" name="lock"></ui-icon>${msg('Cambiar de persona')}</wa-dropdown-item>
      ${
        session?.role === 'admin'
          ? html`<wa-dropdown-item value="admin"><ui-icon slot="icon" name="settings"></ui-icon>${msg('Administración')}</wa-dropdown-item>`
          : nothing
      }
      <wa-dropdown-item value="welcome"><ui-icon slot="icon" name="check"></ui-icon>${msg('Preparar la tableta')}</wa-dropdown-item>
      <wa-dropdown-item value="help"><ui-icon slot="icon" name="help"></ui-icon>${msg('Ayuda')}</wa-dropdown-item>
      <wa-dropdown-item value="sign-out">
        <ui-icon slot="icon" name="logout"></ui-icon>${msg('Salir')}
      </wa-dropdown-item>`;
  }

  /** The menu opens itself once it is there; this is for who was quicker. */
  #openLoaded = async (): Promise<void> => {
    if (this.isReady) return;
    await loadMenu();
    this.isReady = true;
    await this.updateComplete;
    this.menu.open = true;
  };

  #themes() {
    return [
      ['system', msg('Como el sistema'), 'settings'],
      ['light', msg('Claro'), 'sun'],
      ['dark', msg('Oscuro'), 'moon'],
      ['contrast', msg('Alto contraste'), 'contrast'],
    ] as const;
  }

  #choose = (event: CustomEvent<{ item: { value: string } }>): void => {
    const { value } = event.detail.item;
    if (value === 'locale') void setLocale(locale() === 'es' ? 'en' : 'es');
    else if (value === 'help') this.dispatchEvent(new NavigateEvent('/ayuda'));
    else if (value === 'lock') this.dispatchEvent(new LockEvent(true));
    else if (value === 'admin') this.dispatchEvent(new NavigateEvent('/admin'));
    else if (value === 'welcome') this.dispatchEvent(new NavigateEvent('/bienvenida'));
    else if (value === 'sign-out') this.#signOut();
    else if (value.startsWith('theme:')) {
      this.theme = value.slice('theme:'.length) as Theme;
      applyTheme(this.theme);
    }
  };
}

function loadMenu(): Promise<unknown> {
  return import('../app/overlay-controls.ts');
}

declare global {
  interface HTMLElementTagNameMap {
    'user-menu': UserMenu;
  }
}
