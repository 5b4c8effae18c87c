import { msg, str } from '@lit/localize';
import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { turnPassage, voidPassage } from '../../shared/taller/flows/gate-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import { type GateRow, wayName } from './gate-log.ts';
import './ui-icon.ts';

/**
 * Asks what was wrong with a passage of the gate: it went the other way, or it was none.
 * @fires gate-correction-closed
 */
@customElement('gate-correction')
export class GateCorrection extends ConnectedElement {
  @property({ attribute: false }) accessor passage!: GateRow;

  static override styles = [shared];

  override render() {
    const { passage } = this;
    const turned = passage.direction === 'in' ? msg('Era una salida') : msg('Era una entrada');
    return html`<wa-dialog open label=${msg(str`Corregir: ${passageText(passage)}`)} @wa-after-hide=${this.#close}>
      <div class="stack">
        <p>${msg('Este paso se queda en la lista, tachado, con quién lo anuló y por qué.')}</p>
        <button class="button" @click=${() => this.#turn(turned)}>
          <ui-icon name=${passage.direction === 'in' ? 'outbox' : 'received'}></ui-icon>${turned}
        </button>
        <form class="stack" @submit=${this.#void}>
          <wa-textarea name="reason" label=${msg('O anúlalo. ¿Por qué?')} required rows="2"></wa-textarea>
          <div class="row">
            <button class="button act" type="submit">${msg('Anular')}</button>
            <button class="button" type="button" @click=${this.#close}>${msg('Volver')}</button>
          </div>
        </form>
      </div>
    </wa-dialog>`;
  }

  #close = (): void => {
    this.dispatchEvent(new Event('gate-correction-closed'));
  };

  async #turn(reason: string): Promise<void> {
    const { passage } = this;
    if (!(await this.write('gate.correct', (actor) => turnPassage(actor, passage, reason)))) return;
    this.dispatchEvent(new ToastEvent(msg(str`Corregido: ${passageText(passage)}`)));
    this.#close();
  }

  #void = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { passage } = this;
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim();
    if (reason === '') return;
    if (!(await this.write('gate.correct', (actor) => voidPassage(actor, passage, reason)))) return;
    this.dispatchEvent(new ToastEvent(msg(str`Anulado: ${passageText(passage)}`)));
    this.#close();
  };
}

/** "Entra 1234 BCD, 10:31". */
function passageText({ direction, kind, plate, person, at }: GateRow): string {
  return `${wayName(direction)} ${kind === 'person' ? person : plate}, ${formatTime(at, locale())}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gate-correction': GateCorrection;
  }
}
