import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ReceptionDemand } from '../../shared/taller/reception.ts';
import { TallerElement } from '../app/element.ts';
import type { Receipt } from '../app/receipt.ts';
import { shared } from '../app/styles/shared.ts';
import './signature-field.ts';
import type { SignatureField, SignatureGiven } from './signature-field.ts';
import './ui-icon.ts';

/** The customer signed what is shown. */
export class SignedEvent extends Event {
  static readonly type = 'reception-signed';
  readonly signature: SignatureGiven;

  constructor(signature: SignatureGiven) {
    super(SignedEvent.type, { bubbles: true, composed: true });
    this.signature = signature;
  }
}

/**
 * Step: everything that will be signed, what is still missing, and the signature.
 *
 * @csspart terms - the legal text
 *
 * @fires reception-signed
 */
@customElement('reception-summary')
export class ReceptionSummary extends TallerElement {
  @property({ attribute: false }) accessor receipt: Receipt | undefined;
  @property({ attribute: false }) accessor missing: readonly ReceptionDemand[] = [];
  /** Name offered for the signature. */
  @property() accessor customer = '';
  @property({ type: Boolean }) accessor signed = false;
  @property({ type: Boolean }) accessor busy = false;
  /** What is wrong with the signature itself. */
  @property() accessor problem = '';
  @query('signature-field') private accessor field!: SignatureField;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr));
        gap: var(--space-4) var(--space-5);
        margin: 0;
      }
      dd {
        margin: 0;
        white-space: pre-line;
      }
      .missing {
        display: grid;
        gap: var(--space-2);
        border-color: var(--signal);
        background: var(--signal-surface);
      }
      ul {
        margin: 0;
        padding-inline-start: 1.2em;
      }
    `,
  ];

  override render() {
    const { receipt } = this;
    if (!receipt) return nothing;
    return html`
      <section class="panel stack" aria-label=${receipt.title}>
        <h2>${receipt.title}</h2>
        <dl>
          ${receipt.sections.map(
            ({ heading, lines }) =>
              html`<div><dt class="label">${heading}</dt><dd>${lines.join('\n')}</dd></div>`,
          )}
        </dl>
        <p part="terms" class="small quiet">${receipt.terms}</p>
      </section>
      ${this.signed ? nothing : this.missing.length > 0 ? this.#renderMissing() : this.#renderSignature()}
    `;
  }

  #renderMissing() {
    return html`<section class="panel missing" role="status">
      <h2><ui-icon name="alert"></ui-icon> ${msg('Antes de firmar falta')}</h2>
      <ul>
        ${this.missing.map((demand) => html`<li>${demandName(demand)}</li>`)}
      </ul>
    </section>`;
  }

  #renderSignature() {
    return html`<section class="panel stack" aria-label=${msg('Firma')}>
      <h2>${msg('Firma del cliente')}</h2>
      <signature-field name=${this.customer}></signature-field>
      ${this.problem ? html`<p class="signal" role="alert">${this.problem}</p>` : nothing}
      <button class="button main" type="button" ?disabled=${this.busy} @click=${this.#sign}>
        <ui-icon name="draft"></ui-icon>${msg('Firmar')}
      </button>
    </section>`;
  }

  #sign = (): void => {
    const signature = this.field.value;
    this.problem = signature ? '' : msg('Falta la firma o el nombre de quien firma.');
    if (signature) this.dispatchEvent(new SignedEvent(signature));
  };
}

function demandName(demand: ReceptionDemand): string {
  switch (demand) {
    case 'vehicle':
      return msg('la matrícula o el bastidor');
    case 'customer':
      return msg('el cliente');
    case 'odometer':
      return msg('el cuentakilómetros');
    case 'odometer-reason':
      return msg('por qué marca menos que la última vez');
    case 'photos':
      return msg('las cuatro fotos');
    case 'purpose':
      return msg('para qué viene');
    case 'promised':
      return msg('la fecha prometida');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'reception-summary': ReceptionSummary;
  }
  interface HTMLElementEventMap {
    'reception-signed': SignedEvent;
  }
}
