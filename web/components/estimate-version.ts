import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { EstimateState } from '../../shared/taller/estimates.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { answerOf, type DocumentSource, estimateDocument } from '../app/estimate-document.ts';
import { estimateFile, signedBy } from '../app/estimate-file.ts';
import { type ApprovalRow, type EstimateSignature, stateMark } from '../app/estimates.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDateTime } from '../app/format.ts';
import { saveFile } from '../app/save-file.ts';
import { shareFile } from '../app/share-file.ts';
import { shared } from '../app/styles/shared.ts';
import './estimate-reply.ts';
import type { Reply, ReplyNotedEvent } from './estimate-reply.ts';
import './estimate-sheet.ts';
import './hand-over.ts';
import './ui-icon.ts';

/** A version that was sent: what became of it, what can be done with it, and the estimate itself. */
@customElement('estimate-version')
export class EstimateVersion extends ConnectedElement {
  @property({ attribute: false }) accessor source: DocumentSource | undefined;
  @property({ attribute: false }) accessor state: EstimateState = 'sent';
  @property({ attribute: false }) accessor decisions: ReadonlyMap<string, Approval['decision']> = new Map();
  @property({ attribute: false }) accessor signature: EstimateSignature | undefined;
  /** The answer to the whole of it. */
  @property({ attribute: false }) accessor approval: ApprovalRow | undefined;
  @property({ type: Boolean }) accessor isLast = false;
  /** An answer from afar may be noted. */
  @property({ type: Boolean }) accessor mayNote = false;
  /** Notes an answer; true once it is stored. */
  @property({ attribute: false }) accessor note: (reply: Reply) => Promise<boolean> = async () => false;
  @state() private accessor noting = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
      }
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-size: var(--text-l);
        font-weight: 650;
      }
      @media (max-width: 699px) {
        .bar .row {
          display: grid;
          grid-template-columns: repeat(2, minmax(0, 1fr));
          inline-size: 100%;
        }
        .bar .button {
          padding-inline: var(--space-2);
        }
        hand-over {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    const { source, state } = this;
    if (!source) return nothing;
    const document = estimateDocument(source);
    const answered = this.decisions.size > 0;
    const open = this.isLast && (state === 'sent' || state === 'expired' || state === 'partial');
    const waits = open && document.jobs.some(({ id }) => id !== null && !this.decisions.has(id));
    const [icon, word] = stateMark(state);
    return html`
      <div class="bar no-print">
        <span class="state ${waits ? 'signal' : ''}"><ui-icon name=${icon}></ui-icon>${word}</span>
        <div class="row">
          ${
            waits && this.mayNote
              ? html`<button class="button" @click=${this.#ask}><ui-icon name="phone"></ui-icon>${msg('Apuntar respuesta')}</button>`
              : nothing
          }
          <button class="button" @click=${() => window.print()}><ui-icon name="printer"></ui-icon>${msg('Imprimir')}</button>
          <button class="button" @click=${() => this.attempt(() => this.#give(source, 'save'))}><ui-icon name="download"></ui-icon>PDF</button>
          <button class="button" @click=${() => this.attempt(() => this.#give(source, 'share'))}><ui-icon name="share"></ui-icon>${msg('Compartir')}</button>
          ${waits ? html`<hand-over order=${source.order.id} estimate=${source.estimate.id}></hand-over>` : nothing}
        </div>
      </div>
      <estimate-sheet
        .document=${document}
        .decisions=${this.decisions}
        ?unanswered=${!answered}
        ?isSigned=${this.signature !== undefined}
        .approved=${answered ? answerOf(source, this.decisions).approved : undefined}
      >
        ${this.#renderAnswer(source)}
      </estimate-sheet>
      ${
        this.noting
          ? html`<estimate-reply
              .jobs=${document.jobs.filter(({ id }) => !this.decisions.has(id ?? ''))}
              name=${source.order.customer}
              @reply-noted=${this.#note}
              @reply-left=${this.#leave}
            ></estimate-reply>`
          : nothing
      }
    `;
  }

  /** Who answered, how, and with what signature. */
  #renderAnswer({ locale }: DocumentSource) {
    const { signature, approval } = this;
    if (signature) {
      return html`<p><ui-icon name="draft"></ui-icon> ${signedBy(signature, this.now, locale)}</p>
        <p class="small quiet">SHA-256 ${signature.doc_hash.slice(0, 16)}…</p>`;
    }
    if (!approval) return nothing;
    const at = formatDateTime(approval.created_at, this.now, locale);
    return html`<p>${channelText(approval.channel, approval.by_name)}, ${at}.
      ${approval.note === '' ? nothing : html`<q>${approval.note}</q>`}</p>`;
  }

  #ask = (): void => {
    this.noting = true;
  };

  #leave = (): void => {
    this.noting = false;
  };

  #note = async (event: ReplyNotedEvent): Promise<void> => {
    if (await this.note(event.reply)) this.noting = false;
  };

  async #give(source: DocumentSource, how: 'share' | 'save'): Promise<void> {
    const { decisions, signature } = this;
    const file = await estimateFile(source, { decisions, signature, nowMs: this.now });
    if (how === 'save') saveFile(file.blob, file.name);
    else if ((await shareFile(file.blob, file.name, file.title, file.message)) === 'saved') {
      this.dispatchEvent(new ToastEvent(msg('Este navegador no comparte archivos: se ha descargado.')));
    }
  }
}

function channelText(channel: Approval['channel'], name: string): string {
  switch (channel) {
    case 'in_person':
      return msg(str`Respuesta en persona de ${name}`);
    case 'phone':
      return msg(str`Respuesta por teléfono de ${name}`);
    case 'whatsapp':
      return msg(str`Respuesta por WhatsApp de ${name}`);
    case 'email':
    case 'link':
      return msg(str`Respuesta por correo de ${name}`);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-version': EstimateVersion;
  }
}
