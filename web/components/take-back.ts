import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { takeBack } from '../app/customer-mode.ts';
import { NavigateEvent } from '../app/events.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import './pin-pad.ts';
import type { PinEnteredEvent, PinPad } from './pin-pad.ts';
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
  @query('pin-pad') private accessor pad!: PinPad | null;

  static override styles = [
    shared,
    css`
      pin-pad {
        display: grid;
        justify-items: center;
      }
      p {
        margin-block-start: var(--space-3);
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
      <pin-pad
        label=${msg('PIN de alguien del taller')}
        action=${msg('Volver al taller')}
        ?busy=${this.trying}
        @pin-entered=${(event: PinEnteredEvent) => this.attempt(() => this.#try(event))}
      ></pin-pad>
      <p class="signal" role="alert">${this.problem}</p>
    </wa-dialog>`;
  }

  #ask = (): void => {
    this.asking = true;
  };

  #leave = (): void => {
    this.asking = false;
    this.problem = '';
  };

  async #try({ pin }: PinEnteredEvent): Promise<void> {
    const { engine } = this;
    if (!engine || this.trying) return;
    this.trying = true;
    this.problem = '';
    try {
      const users = await engine.query<PinRow>(
        "select pin_hash, pin_salt from users where active = 1 and pin_hash <> ''",
      );
      const taken = await takeBack(pin, users, this.now);
      if (taken.done) {
        this.dispatchEvent(new NavigateEvent(taken.returnTo, { replace: true }));
        return;
      }
      this.pad?.clear();
      this.problem =
        taken.because === 'wrong'
          ? msg('Ese PIN no es de nadie del taller.')
          : msg(str`Demasiados intentos. Espera ${Math.ceil((taken.untilMs - this.now) / 1000)} s.`);
    } finally {
      this.trying = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'take-back': TakeBack;
  }
}
