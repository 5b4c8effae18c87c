import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { takeBack } from '../app/customer-mode.ts';
import { NavigateEvent } from '../app/events.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import './ui-icon.ts';

interface PinRow extends ResultRow {
  readonly pin_hash: string;
  readonly pin_salt: string;
}

/** The way out of customer mode, for the workshop: a quiet button, and a PIN. */
@customElement('take-back')
export class TakeBack extends ConnectedElement {
  @state() private accessor asking = false;
  @state() private accessor trying = false;
  @state() private accessor problem = '';
  @query('input') private accessor pin!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: var(--space-4);
      }
      label {
        display: grid;
        gap: 6px;
        font-weight: 600;
        font-size: var(--text-s);
      }
      input {
        min-block-size: 60px;
        border: var(--line-strong) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: 650 var(--text-xl) var(--font-display);
        letter-spacing: 0.4em;
        text-align: center;
      }
    `,
  ];

  override render() {
    return html`
      <button class="button bare" @click=${this.#ask}><ui-icon name="lock"></ui-icon>${msg('Taller')}</button>
      ${this.asking ? this.#renderPin() : nothing}
    `;
  }

  #renderPin() {
    return html`<wa-dialog open label=${msg('Devolver la tableta al taller')} @wa-after-hide=${this.#leave}>
      <form @submit=${this.#try}>
        <label>${msg('PIN de alguien del taller')}
          <input type="password" inputmode="numeric" autocomplete="off" maxlength="8" autofocus />
        </label>
        ${this.problem ? html`<p class="signal" role="alert">${this.problem}</p>` : nothing}
        <button class="button main" ?disabled=${this.trying}>${msg('Volver al taller')}</button>
      </form>
    </wa-dialog>`;
  }

  #ask = (): void => {
    this.asking = true;
  };

  #leave = (): void => {
    this.asking = false;
    this.problem = '';
  };

  #try = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { engine } = this;
    if (!engine || this.trying) return;
    this.trying = true;
    this.problem = '';
    try {
      const users = await engine.query<PinRow>(
        "select pin_hash, pin_salt from users where active = 1 and pin_hash <> ''",
      );
      const taken = await takeBack(this.pin.value, users, this.now);
      if (taken.done) {
        this.dispatchEvent(new NavigateEvent(taken.returnTo, { replace: true }));
        return;
      }
      this.pin.value = '';
      this.problem =
        taken.because === 'wrong'
          ? msg('Ese PIN no es de nadie del taller.')
          : msg(str`Demasiados intentos. Espera ${Math.ceil((taken.untilMs - this.now) / 1000)} s.`);
    } finally {
      this.trying = false;
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'take-back': TakeBack;
  }
}
