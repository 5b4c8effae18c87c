import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ReceptionDraft } from '../../shared/taller/flows/reception-draft.ts';
import { concernsOf } from '../../shared/taller/flows/reception-flow.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import { TallerElement } from '../app/element.ts';
import { DraftChangeEvent, type ReceptionView } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './concern-chips.ts';
import './open-findings.ts';
import type { FindingChosenEvent } from './open-findings.ts';

type Consent =
  | 'estimate_waived'
  | 'accepts_used_parts'
  | 'wants_old_parts'
  | 'allows_test_drive'
  | 'privacy_ack';

/**
 * Step: why the vehicle comes, what for, when it is promised, and what the customer agrees to.
 *
 * @fires draft-change
 */
@customElement('reception-reasons')
export class ReceptionReasons extends TallerElement {
  @property({ attribute: false }) accessor reception: ReceptionView | undefined;
  @property({ attribute: false }) accessor settings: WorkshopSettings | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
        gap: var(--space-2);
      }
      .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
      .consent {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        cursor: pointer;
      }
      .consent input {
        flex: none;
        inline-size: 28px;
        block-size: 28px;
        margin: 0;
        accent-color: var(--ink);
      }
    `,
  ];

  override render() {
    const { reception, settings } = this;
    if (!reception || !settings) return '';
    return html`
      <section class="panel stack" aria-label=${msg('Motivos de la visita')}>
        <h2>${msg('¿Qué le pasa?')}</h2>
        <concern-chips
          .value=${reception.concerns}
          .chips=${settings.concern_chips}
          @cell-changed=${(event: CellChangedEvent) => this.#save({ concerns: String(event.value ?? '') })}
        ></concern-chips>
      </section>
      <open-findings
        vehicle=${reception.vehicle_id ?? ''}
        .concerns=${reception.concerns}
        @finding-chosen=${({ description }: FindingChosenEvent) => this.#save({ concerns: withConcern(reception.concerns, description) })}
      ></open-findings>
      <section class="panel stack" aria-label=${msg('Encargo')}>
        <h2>${msg('Encargo')}</h2>
        <div class="choices" role="group" aria-label=${msg('Para qué viene')}>
          ${this.#renderPurpose(reception, 'estimate', msg('Solo presupuesto'))}
          ${this.#renderPurpose(reception, 'repair', msg('Reparar'))}
        </div>
        <cell-field
          kind="moment"
          label=${msg('Prometido para')}
          .value=${reception.promised_at}
          @cell-changed=${(event: CellChangedEvent) => this.#save({ promised_at: event.value === null ? null : Number(event.value) })}
        ></cell-field>
      </section>
      <section class="panel stack" aria-label=${msg('Lo que acepta el cliente')}>
        <h2>${msg('Lo que acepta el cliente')}</h2>
        ${this.#renderConsent(reception, 'estimate_waived', msg('Renuncia al presupuesto por escrito'))}
        ${this.#renderConsent(reception, 'accepts_used_parts', msg('Acepta piezas usadas o reconstruidas'))}
        ${this.#renderConsent(reception, 'wants_old_parts', msg('Quiere que se le entreguen las piezas sustituidas'))}
        ${this.#renderConsent(reception, 'allows_test_drive', msg('Autoriza a probar el vehículo en la calle'))}
        ${this.#renderConsent(reception, 'privacy_ack', msg('Ha leído la información sobre sus datos personales'))}
      </section>
    `;
  }

  #renderPurpose(reception: ReceptionView, purpose: 'estimate' | 'repair', label: string) {
    return html`<button
      type="button"
      class="button"
      aria-pressed=${reception.purpose === purpose}
      @click=${() => this.#save({ purpose })}
    >
      ${label}
    </button>`;
  }

  #renderConsent(reception: ReceptionView, consent: Consent, label: string) {
    return html`<label class="consent">
      <input
        type="checkbox"
        .checked=${reception[consent] === 1}
        @change=${(event: Event) => this.#save({ [consent]: (event.target as HTMLInputElement).checked ? 1 : 0 })}
      />${label}
    </label>`;
  }

  #save(cells: ReceptionDraft): void {
    this.dispatchEvent(new DraftChangeEvent(cells));
  }
}

function withConcern(concerns: string, concern: string): string {
  return [...concernsOf(concerns), concern].join('\n');
}

declare global {
  interface HTMLElementTagNameMap {
    'reception-reasons': ReceptionReasons;
  }
}
