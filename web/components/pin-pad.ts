import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** A PIN was typed. */
export class PinEnteredEvent extends Event {
  static readonly type = 'pin-entered';
  readonly pin: string;

  constructor(pin: string) {
    super(PinEnteredEvent.type, { bubbles: true });
    this.pin = pin;
  }
}

const MAX_DIGITS = 8;

/**
 * A PIN by keys as large as a gloved thumb, by keyboard, or pasted by a password manager.
 *
 * @fires pin-entered
 */
@customElement('pin-pad')
export class PinPad extends TallerElement {
  @property() accessor label = '';
  @property() accessor action = '';
  /** For the browser's password manager: whose PIN it is. */
  @property() accessor user = '';
  @property({ type: Boolean }) accessor busy = false;
  @query('#pin') private accessor field!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: var(--space-3);
        inline-size: min(100%, 320px);
      }
      label {
        font-weight: 600;
        text-align: center;
      }
      input#pin {
        inline-size: 100%;
        min-block-size: 60px;
        border: var(--line-strong) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: 650 var(--text-xl) var(--font-display);
        letter-spacing: 0.4em;
        text-align: center;
      }
      .keys {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--space-2);
      }
      .keys .button {
        min-block-size: 60px;
        font: 650 var(--text-xl) / 1 var(--font-display);
      }
    `,
  ];

  /** Ready for the next try. */
  clear(): void {
    this.field.value = '';
    this.field.focus();
  }

  override firstUpdated(): void {
    this.field.focus();
  }

  override render() {
    return html`<form @submit=${this.#submit}>
      <input type="text" autocomplete="username" .value=${this.user} hidden />
      <label for="pin">${this.label}</label>
      <input
        id="pin"
        type="password"
        inputmode="numeric"
        pattern="[0-9]*"
        maxlength=${MAX_DIGITS}
        autocomplete="current-password"
        required
      />
      <div class="keys" role="group" aria-label=${msg('Teclado')}>
        ${['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => this.#renderDigit(digit))}
        <button class="button" type="button" aria-label=${msg('Borrar')} @click=${this.#erase}><ui-icon name="chevron-left"></ui-icon></button>
        ${this.#renderDigit('0')}
        <button class="button main" type="submit" aria-label=${this.action} ?disabled=${this.busy}><ui-icon name="check"></ui-icon></button>
      </div>
    </form>`;
  }

  #renderDigit(digit: string) {
    return html`<button class="button" type="button" @click=${() => this.#type(digit)}>${digit}</button>`;
  }

  #type(digit: string): void {
    if (this.field.value.length < MAX_DIGITS) this.field.value += digit;
  }

  #erase = (): void => {
    this.field.value = this.field.value.slice(0, -1);
  };

  #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!this.busy) this.dispatchEvent(new PinEnteredEvent(this.field.value.trim()));
  };
}

declare global {
  interface HTMLElementEventMap {
    'pin-entered': PinEnteredEvent;
  }
  interface HTMLElementTagNameMap {
    'pin-pad': PinPad;
  }
}
