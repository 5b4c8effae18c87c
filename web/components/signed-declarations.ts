import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { ConnectedElement } from '../app/connected-element.ts';
import {
  declarationIcon,
  declarationName,
  type SignedDeclaration,
  signedDeclarationsQuery,
} from '../app/declarations.ts';
import { formatDateTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import type { OrderView } from '../app/order-view.ts';
import { receiptOfText } from '../app/receipt.ts';
import { saveFile } from '../app/save-file.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './reception-summary.ts';
import './ui-icon.ts';

/** What the customer has signed about an order: each to be read, printed, or kept as a PDF. */
@customElement('signed-declarations')
export class SignedDeclarations extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;
  @state() private accessor open = '';

  #signed = new LiveQuery<SignedDeclaration>(
    this,
    () => this.engine,
    () => signedDeclarationsQuery(this.order?.id ?? ''),
  );

  static override styles = [
    shared,
    dividedListStyle,
    css`
      li {
        display: grid;
        gap: var(--space-3);
        padding-block: var(--space-3);
      }
      .what {
        display: flex;
        align-items: center;
        gap: var(--space-3);
      }
      @media print {
        .panel {
          border: 0;
          padding: 0;
        }
      }
    `,
  ];

  override render() {
    if (this.#signed.state.name === 'pending') return nothing;
    const signed = this.#signed.rows;
    return html`<section class="panel stack" aria-label=${msg('Firmado')}>
      <h2 class="no-print">${msg('Firmado')}</h2>
      ${
        signed.length === 0
          ? html`<p class="quiet">${msg('Nada todavía. El resguardo está en la recepción, y la respuesta al presupuesto en el presupuesto.')}</p>`
          : html`<ul>
              ${repeat(
                signed,
                ({ id }) => id,
                (declaration) => this.#renderDeclaration(declaration),
              )}
            </ul>`
      }
    </section>`;
  }

  #renderDeclaration(signed: SignedDeclaration) {
    const { id, purpose, doc_hash: hash } = signed;
    const isOpen = this.open === id;
    const at = formatDateTime(signed.created_at, this.now, locale());
    const title = declarationName(purpose);
    return html`<li class=${isOpen ? '' : 'no-print'} data-signature=${id}>
      <div class="row spread no-print">
        <div class="what">
          <ui-icon name=${declarationIcon(purpose)}></ui-icon>
          <div>
            <strong>${title}</strong>
            <div class="small quiet">${msg(str`Firmado por ${signed.signer_name}, ${at}`)}</div>
          </div>
        </div>
        <div class="row">
          <button class="button" aria-expanded=${isOpen} aria-label=${isOpen ? msg(str`Cerrar: ${title}`) : msg(str`Ver: ${title}`)} @click=${() => this.#show(isOpen ? '' : id)}>
            ${isOpen ? msg('Cerrar') : msg('Ver')}
          </button>
          <button class="button" aria-label=${msg(str`PDF: ${title}`)} @click=${() => this.attempt(() => this.#download(signed))}>
            <ui-icon name="download"></ui-icon>PDF
          </button>
        </div>
      </div>
      ${
        isOpen
          ? html`<reception-summary signed .receipt=${receiptOfText(signed.text)}></reception-summary>
              <div class="row spread">
                <span class="small">${msg(str`Firmado por ${signed.signer_name}, ${at}`)} <span class="quiet">SHA-256 ${hash.slice(0, 16)}…</span></span>
                <button class="button no-print" @click=${() => window.print()}>
                  <ui-icon name="printer"></ui-icon>${msg('Imprimir')}
                </button>
              </div>`
          : nothing
      }
    </li>`;
  }

  #show(id: string): void {
    this.open = id;
  }

  async #download(signed: SignedDeclaration): Promise<void> {
    const receipt = receiptOfText(signed.text);
    const { order } = this;
    if (!receipt || !order) return;
    const [{ receiptPdf }, { strokesPicture }] = await Promise.all([
      import('../app/receipt-pdf.ts'),
      import('../app/strokes-picture.ts'),
    ]);
    const picture = strokesPicture(signed.strokes_json);
    const blob = await receiptPdf(receipt, {
      name: signed.signer_name,
      atText: formatDateTime(signed.created_at, this.now, locale()),
      number: order.number,
      signedWord: msg('Firmado por'),
      hash: signed.doc_hash,
      ...(picture === undefined ? {} : { picture }),
    });
    saveFile(blob, `${order.number}-${signed.purpose}.pdf`);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'signed-declarations': SignedDeclarations;
  }
}
