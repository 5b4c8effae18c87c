import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isPin } from '../../shared/taller/pin.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { handOver } from '../app/customer-mode.ts';
import { NavigateEvent } from '../app/events.ts';
import { shared } from '../app/styles/shared.ts';
import type { EngineClient } from '../client/engine-client.ts';
import './ui-icon.ts';

/** True where somebody can take a tablet back with a PIN of their own. */
export async function hasPins(engine: EngineClient): Promise<boolean> {
  const rows = await engine.query("select 1 from users where active = 1 and pin_hash <> '' limit 1");
  return rows.length > 0;
}

/** The button that hands the tablet over; asks for a code to take it back with where nobody has a PIN. */
@customElement('hand-over')
export class HandOver extends ConnectedElement {
  @property() accessor order = '';
  @property() accessor estimate = '';
  @state() private accessor asking = false;
  @state() private accessor problem = '';
  @query('input') private accessor code!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      .start {
        inline-size: 100%;
      }
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
      <button class="button main start" @click=${this.#start}>
        <ui-icon name="hand"></ui-icon>${msg('Mostrar al cliente')}
      </button>
      ${this.asking ? this.#renderCode() : nothing}
    `;
  }

  #renderCode() {
    return html`<wa-dialog open label=${msg('Un código para recuperar la tableta')} @wa-after-hide=${this.#leave}>
      <form @submit=${this.#giveCode}>
        <p>${msg('Nadie del taller tiene PIN todavía. Elige un código de cuatro cifras: hará falta para salir de la vista del cliente.')}</p>
        <label>${msg('Código')}
          <input type="password" inputmode="numeric" autocomplete="new-password" maxlength="8" />
        </label>
        ${this.problem ? html`<p class="signal" role="alert">${this.problem}</p>` : nothing}
        <button class="button main">${msg('Entregar la tableta')}</button>
      </form>
    </wa-dialog>`;
  }

  #start = async (): Promise<void> => {
    const { engine } = this;
    if (!engine) return;
    if (await hasPins(engine)) await this.#handOver();
    else this.asking = true;
  };

  #giveCode = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const code = this.code.value;
    if (isPin(code)) await this.#handOver(code);
    else this.problem = msg('El código tiene de cuatro a ocho cifras.');
  };

  #leave = (): void => {
    this.asking = false;
    this.problem = '';
  };

  async #handOver(code?: string): Promise<void> {
    const returnTo = `/ordenes/${this.order}/presupuesto?version=${this.estimate}`;
    const path = await handOver({ orderId: this.order, estimateId: this.estimate, returnTo }, code);
    this.dispatchEvent(new NavigateEvent(path));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'hand-over': HandOver;
  }
}
