import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type DeclarationKind, signDeclaration } from '../../shared/taller/flows/declaration-flow.ts';
import { countedJobs } from '../../shared/taller/options.ts';
import { readSettings } from '../../shared/taller/settings.ts';
import { isLocked } from '../../shared/taller/status.ts';
import type { Setting } from '../../shared/taller/tables/admin.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import {
  consentNames,
  DECLARATION_TEXT_VERSION,
  DECLARATIONS,
  declarationIcon,
  declarationName,
  declarationOf,
  type RefusableFinding,
  refusableQuery,
} from '../app/declarations.ts';
import { jobsQuery, type ProposedJob } from '../app/estimates.ts';
import { ToastEvent } from '../app/events.ts';
import { locale } from '../app/localisation.ts';
import type { OrderView } from '../app/order-view.ts';
import { sha256Of } from '../app/photos/prepare-photo.ts';
import { type Receipt, receiptText } from '../app/receipt.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import { severityMark } from './open-findings.ts';
import './reception-summary.ts';
import type { SignedEvent } from './reception-summary.ts';
import './signed-declarations.ts';
import './state-note.ts';
import './ui-icon.ts';

interface Point {
  readonly id: string;
  readonly text: string;
  readonly severity?: string;
}

/** What the customer signs about an order besides the deposit receipt and the estimate; below it, what was signed. */
@customElement('order-signatures')
export class OrderSignatures extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;
  /** Opened at once, as from the notice of the order. */
  @property() accessor start: DeclarationKind | '' = '';
  @state() private accessor kind: DeclarationKind | undefined;
  /** Points that were taken out or put in by hand; the others are as they come. */
  @state() private accessor chosen: ReadonlyMap<string, boolean> = new Map();
  @state() private accessor busy = false;

  #findings = new LiveQuery<RefusableFinding>(
    this,
    () => this.engine,
    () => this.order && refusableQuery(this.order),
  );
  #jobs = new LiveQuery<ProposedJob>(
    this,
    () => this.engine,
    () => jobsQuery(this.order?.id),
  );
  #settings = new LiveQuery<Setting & ResultRow>(
    this,
    () => this.engine,
    () => sql`select * from settings`,
  );

  static override styles = [
    shared,
    columnStyle,
    css`
      .kinds {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr));
        gap: var(--space-3);
      }
      .kinds .button {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        place-content: start;
        place-items: start;
        gap: var(--space-1) var(--space-3);
        min-block-size: 88px;
        padding: var(--space-3) var(--space-4);
        line-height: var(--leading-tight);
        text-align: start;
      }
      reception-summary::part(terms) {
        max-inline-size: var(--measure);
        color: var(--ink);
        font-size: var(--text-m);
        font-weight: 600;
      }
      .kinds .small {
        grid-column: 2;
        font-weight: 400;
      }
      .point {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        padding-block: var(--space-1);
      }
      .point input {
        flex: none;
        inline-size: 28px;
        block-size: 28px;
        margin: 0;
        accent-color: var(--ink);
      }
      .point span:first-of-type {
        flex: 1;
      }
      .mark {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
    `,
  ];

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('start') && this.start !== '') this.kind = this.start;
  }

  override render() {
    const { order, kind } = this;
    if (!order || this.#settings.state.name === 'pending') return nothing;
    return kind
      ? this.#renderSigning(order, kind)
      : html`${this.#renderKinds(order)}<signed-declarations .order=${order}></signed-declarations>`;
  }

  #renderKinds(order: OrderView) {
    return html`<section class="panel stack no-print" aria-label=${msg('Para firmar')}>
      <h2>${msg('Para firmar')}</h2>
      <div class="kinds">
        ${DECLARATIONS.map((kind) => {
          const none = this.#nothingToSign(order, kind);
          return html`<button class="button" ?disabled=${none !== ''} @click=${() => this.#begin(kind)}>
            <ui-icon name=${declarationIcon(kind)}></ui-icon>
            <span>${declarationName(kind)}</span>
            <span class="small">${none || explanation(kind)}</span>
          </button>`;
        })}
      </div>
    </section>`;
  }

  /** Why there is nothing to sign; empty where there is. */
  #nothingToSign(order: OrderView, kind: DeclarationKind): string {
    switch (kind) {
      case 'refusal':
        return this.#findings.rows.length > 0 ? '' : msg('Este vehículo no tiene hallazgos pendientes.');
      case 'waiver':
        if (isLocked(order)) return msg('Facturada: ya no se puede cambiar.');
        return this.#points('waiver').length > 0 ? '' : msg('Ningún trabajo espera aprobación.');
      case 'consent':
        return '';
    }
  }

  #renderSigning(order: OrderView, kind: DeclarationKind) {
    const points = this.#points(kind);
    const taken = points.filter((point) => this.#isTaken(kind, point));
    return html`
      <div class="row no-print">
        <button class="button" @click=${() => this.#leave()}>
          <ui-icon name="chevron-left"></ui-icon>${msg('Volver')}
        </button>
        <h2>${declarationName(kind)}</h2>
      </div>
      ${
        kind === 'waiver'
          ? nothing
          : html`<section class="panel no-print" aria-label=${msg('Qué se firma')}>
              ${points.map((point) => this.#renderPoint(kind, point))}
            </section>`
      }
      ${
        taken.length === 0
          ? html`<state-note
              icon="draft"
              heading=${points.length === 0 ? msg('No hay nada que firmar') : msg('Marca al menos un punto')}
            ></state-note>`
          : html`<reception-summary
              .receipt=${this.#declaration(order, kind, taken)}
              customer=${order.customer}
              ?busy=${this.busy}
              @reception-signed=${(event: SignedEvent) => this.attempt(() => this.#sign(order, kind, taken, event))}
            ></reception-summary>`
      }
    `;
  }

  #renderPoint(kind: DeclarationKind, point: Point) {
    const [icon, word] = severityMark(point.severity ?? '');
    return html`<label class="point">
      <input
        type="checkbox"
        .checked=${this.#isTaken(kind, point)}
        @change=${(event: Event) => this.#choose(point, (event.target as HTMLInputElement).checked)}
      />
      <span>${point.text}</span>
      ${
        point.severity === undefined
          ? nothing
          : html`<span class="mark small ${point.severity === 'urgent' ? 'signal' : 'quiet'}">
              <ui-icon name=${icon}></ui-icon>${word}
            </span>`
      }
    </label>`;
  }

  #points(kind: DeclarationKind): readonly Point[] {
    switch (kind) {
      case 'waiver':
        return countedJobs(this.#jobs.rows)
          .filter(({ approval }) => approval === 'proposed')
          .map(({ id, title }) => ({ id, text: title }));
      case 'refusal':
        return this.#findings.rows.map(({ id, description, severity }) => ({
          id,
          text: description,
          severity,
        }));
      case 'consent':
        return consentNames();
    }
  }

  /** All of a waiver; of a refusal what is urgent; of consents what is chosen. */
  #isTaken(kind: DeclarationKind, { id, severity }: Point): boolean {
    return this.chosen.get(id) ?? (kind === 'waiver' || severity === 'urgent');
  }

  #choose({ id }: Point, isTaken: boolean): void {
    this.chosen = new Map([...this.chosen, [id, isTaken]]);
  }

  #begin(kind: DeclarationKind): void {
    this.chosen = new Map();
    this.#go(kind);
  }

  #leave(): void {
    this.#go(undefined);
  }

  /** What stands under the finger changes whole. */
  #go(kind: DeclarationKind | undefined): void {
    this.kind = kind;
    window.scrollTo({ top: 0 });
  }

  #declaration(order: OrderView, kind: DeclarationKind, taken: readonly Point[]): Receipt {
    return declarationOf({
      kind,
      order,
      points: taken.map(({ text }) => text),
      settings: readSettings(this.#settings.rows),
      nowMs: this.now,
      locale: locale(),
    });
  }

  async #sign(
    order: OrderView,
    kind: DeclarationKind,
    taken: readonly Point[],
    { signature }: SignedEvent,
  ): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const text = receiptText(this.#declaration(order, kind, taken));
      const doc_hash = await sha256Of(new TextEncoder().encode(text));
      const findingIds = kind === 'refusal' ? taken.map(({ id }) => id) : [];
      const signed = await this.write(
        'declaration.sign',
        (actor) =>
          signDeclaration(
            actor,
            { kind, workOrderId: order.id, text, findingIds },
            {
              signer_name: signature.signerName,
              method: signature.method,
              strokes_json: JSON.stringify(signature.strokes),
              doc_hash,
              accepted_text_version: `${locale()}-${DECLARATION_TEXT_VERSION}`,
            },
          ).statements,
      );
      if (!signed) return;
      this.dispatchEvent(new ToastEvent(msg('Firmado y guardado en la orden.')));
      this.#leave();
    } finally {
      this.busy = false;
    }
  }
}

function explanation(kind: DeclarationKind): string {
  switch (kind) {
    case 'refusal':
      return msg('El cliente se lleva el vehículo sabiendo qué queda sin reparar.');
    case 'waiver':
      return msg('Se puede trabajar sin presupuesto en lo que espera aprobación.');
    case 'consent':
      return msg('Piezas usadas, piezas sustituidas, prueba en la calle.');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-signatures': OrderSignatures;
  }
}
