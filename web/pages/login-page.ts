import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import '../app/field-controls.ts';
import { TallerElement } from '../app/element.ts';
import { locale, setLocale } from '../app/localisation.ts';
import { SignedInEvent } from '../app/session-events.ts';
import { joinWithCode, type SignIn, signIn } from '../app/sign-in.ts';
import { shared } from '../app/styles/shared.ts';
import '../components/number-plate.ts';
import '../components/ui-icon.ts';

type Refusal = Exclude<SignIn, { allowed: true }>['because'];

/**
 * Name and password for a workshop, or the code of a new device: typed, or in the address of its QR code. Needs the network once per device; afterwards the last session opens by itself.
 *
 * @fires app-signed-in
 */
@customElement('login-page')
export class LoginPage extends TallerElement {
  @state() private accessor busy = false;
  @state() private accessor refusal: Refusal | undefined;
  @state() private accessor isJoining = new URLSearchParams(window.location.search).has('codigo');

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        min-block-size: 100dvh;
        grid-template-columns: minmax(0, 5fr) minmax(0, 6fr);
      }
      .mark {
        display: grid;
        align-content: space-between;
        gap: var(--space-6);
        padding: var(--space-7);
        background: var(--surface-rail);
        color: var(--on-rail);
      }
      .mark number-plate {
        --plate-size: clamp(2.4rem, 5.4vw, 4.25rem);
      }
      .mark h1 {
        font-size: clamp(2rem, 4vw, 3.25rem);
        max-inline-size: 14ch;
      }
      .mark p {
        max-inline-size: 40ch;
        color: var(--on-rail-quiet);
      }
      .sign {
        display: grid;
        align-content: center;
        justify-items: center;
        padding: var(--space-5);
      }
      form {
        display: grid;
        gap: var(--space-4);
        inline-size: min(100%, 400px);
      }
      .refusal {
        display: flex;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
        border-inline-start: 4px solid var(--signal);
        background: var(--signal-surface);
        border-radius: var(--radius-s);
      }
      .refusal ui-icon {
        color: var(--signal-text);
      }
      @media (max-width: 699px), (orientation: portrait) {
        :host {
          grid-template: auto 1fr / minmax(0, 1fr);
        }
        .mark {
          gap: var(--space-4);
          padding: var(--space-5) var(--space-4);
        }
        .mark p {
          display: none;
        }
      }
    `,
  ];

  override render() {
    return html`
      <section class="mark">
        <number-plate value="TALLER" country="ES"></number-plate>
        <div class="stack">
          <h1>${msg('El taller sigue, con o sin internet')}</h1>
          <p>${msg('Todo lo que apuntas queda guardado en esta tableta al instante y llega a las demás en cuanto hay conexión.')}</p>
        </div>
      </section>
      <section class="sign">
        ${this.isJoining ? this.#renderJoin() : this.#renderSignIn()}
      </section>
    `;
  }

  #renderSignIn() {
    return html`<form @submit=${this.#submit}>
      <h2>${msg('Entrar')}</h2>
      ${this.#renderRefusal()}
      <wa-input name="workspace" label=${msg('Taller')} autocomplete="organization" autocapitalize="off" required value=${lastUsed('workspace')}></wa-input>
      <wa-input name="user" label=${msg('Usuario')} autocomplete="username" autocapitalize="off" required value=${lastUsed('user')}></wa-input>
      <wa-input name="password" type="password" label=${msg('Contraseña')} autocomplete="current-password" password-toggle required></wa-input>
      <button class="button main" type="submit" ?disabled=${this.busy}>
        ${this.busy ? msg('Entrando…') : msg('Entrar')}
      </button>
      <button class="button" type="button" @click=${this.#toggle}>
        <ui-icon name="key"></ui-icon>${msg('Tengo un código')}
      </button>
      <button class="button bare" type="button" @click=${() => setLocale(locale() === 'es' ? 'en' : 'es')}>
        <ui-icon name="globe"></ui-icon>${locale() === 'es' ? 'English' : 'Español'}
      </button>
    </form>`;
  }

  #renderJoin() {
    const code = new URLSearchParams(window.location.search).get('codigo') ?? '';
    return html`<form @submit=${this.#join}>
      <h2>${msg('Unir esta tableta')}</h2>
      ${this.#renderRefusal()}
      <p class="quiet">${msg('El código lo hace quien administra el taller, en Dispositivos. Vale una vez y un cuarto de hora.')}</p>
      <wa-input name="code" label=${msg('Código')} value=${code} required autocomplete="one-time-code" autocapitalize="characters" maxlength="12"></wa-input>
      <button class="button main" type="submit" ?disabled=${this.busy}>
        ${this.busy ? msg('Uniendo…') : msg('Unir esta tableta')}
      </button>
      <button class="button" type="button" @click=${this.#toggle}>
        <ui-icon name="user"></ui-icon>${msg('Entrar con contraseña')}
      </button>
    </form>`;
  }

  #toggle = (): void => {
    this.isJoining = !this.isJoining;
    this.refusal = undefined;
  };

  #renderRefusal() {
    if (!this.refusal) return nothing;
    return html`<div class="refusal" role="alert">
      <ui-icon name="alert"></ui-icon><span>${sentenceOf(this.refusal, this.isJoining)}</span>
    </div>`;
  }

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const credentials = {
      workspace: String(form.get('workspace') ?? '').trim(),
      user: String(form.get('user') ?? '').trim(),
      password: String(form.get('password') ?? ''),
    };
    await this.#enter((deps) => signIn(credentials, deps));
  };

  #join = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const code = String(new FormData(event.target as HTMLFormElement).get('code') ?? '').trim();
    await this.#enter((deps) => joinWithCode(code, deps));
  };

  async #enter(ask: (deps: Parameters<typeof signIn>[1]) => Promise<SignIn>): Promise<void> {
    this.busy = true;
    this.refusal = undefined;
    const answer = await ask({ fetch: window.fetch.bind(window), relayUrl: window.location.origin });
    this.busy = false;
    if (!answer.allowed) {
      this.refusal = answer.because;
      return;
    }
    localStorage.setItem('taller.last.workspace', answer.session.workspace);
    localStorage.setItem('taller.last.user', answer.session.user);
    this.dispatchEvent(new SignedInEvent(answer.session));
  }
}

function lastUsed(field: 'workspace' | 'user'): string {
  return localStorage.getItem(`taller.last.${field}`) ?? '';
}

function sentenceOf(refusal: Refusal, isJoining: boolean): string {
  switch (refusal) {
    case 'offline':
      return msg('Sin conexión. Para entrar con contraseña hace falta internet.');
    case 'wrong-password':
      return isJoining
        ? msg('El código no es correcto, ya se usó o ha caducado. Pide otro.')
        : msg('El taller, el usuario o la contraseña no son correctos.');
    case 'too-many':
      return msg('Demasiados intentos. Espera un minuto y vuelve a probar.');
    case 'relay-failed':
      return msg('El servidor no pudo responder. Vuelve a probar en un momento.');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'login-page': LoginPage;
  }
}
