import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { lacksReason } from '../../shared/taller/odometer.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import { TallerElement } from '../app/element.ts';
import { formatNumber } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { type CheckRow, DraftChangeEvent, type ReceptionView } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './fuel-gauge.ts';

/** An entry of the belongings checklist was answered. */
export class CheckAnsweredEvent extends Event {
  static readonly type = 'check-answered';
  readonly key: string;
  readonly label: string;
  readonly present: 'yes' | 'no' | 'na';

  constructor(key: string, label: string, present: 'yes' | 'no' | 'na') {
    super(CheckAnsweredEvent.type, { bubbles: true, composed: true });
    this.key = key;
    this.label = label;
    this.present = present;
  }
}

/**
 * Step: how the vehicle arrives. Odometer, fuel, keys, and what is in it.
 *
 * @fires draft-change
 * @fires check-answered
 */
@customElement('reception-condition')
export class ReceptionCondition extends TallerElement {
  @property({ attribute: false }) accessor reception: ReceptionView | undefined;
  @property({ attribute: false }) accessor checks: readonly CheckRow[] = [];
  @property({ attribute: false }) accessor settings: WorkshopSettings | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      .list {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
        gap: var(--space-2) var(--space-5);
      }
      .item {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
        border-block-end: var(--line) solid var(--rule);
        padding-block: var(--space-1);
      }
      .answers {
        display: inline-flex;
        gap: var(--space-2);
      }
      .answers .button {
        padding: 0 var(--space-3);
      }
      .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
    `,
  ];

  override render() {
    const { reception, settings } = this;
    if (!reception || !settings) return '';
    const lower = lacksReason(reception.odometer, reception.odometer_last, '');
    return html`
      <section class="panel stack" aria-label=${msg('Estado del vehículo')}>
        <div class="fields">
          <cell-field
            kind="number"
            label=${msg('Cuentakilómetros')}
            suffix=${reception.odometer_unit}
            hint=${
              lower
                ? msg('Es menor que la última lectura.')
                : reception.odometer_last === null
                  ? ''
                  : msg(str`La última vez: ${formatNumber(reception.odometer_last, locale())}`)
            }
            .value=${reception.odometer}
            @cell-changed=${(event: CellChangedEvent) => this.#save({ odometer: event.value === null ? null : Number(event.value) })}
          ></cell-field>
          ${
            lower || reception.odometer_note !== ''
              ? html`<cell-field
                  label=${msg('Por qué marca menos')}
                  hint=${msg('Cuadro cambiado, lectura anterior equivocada…')}
                  .value=${reception.odometer_note}
                  @cell-changed=${(event: CellChangedEvent) => this.#save({ odometer_note: String(event.value ?? '') })}
                ></cell-field>`
              : nothing
          }
          <cell-field
            kind="number"
            label=${msg('Llaves')}
            .value=${reception.keys_count}
            @cell-changed=${(event: CellChangedEvent) => this.#save({ keys_count: Number(event.value ?? 0) })}
          ></cell-field>
          <cell-field
            label=${msg('Etiqueta de la llave')}
            .value=${reception.key_tag}
            @cell-changed=${(event: CellChangedEvent) => this.#save({ key_tag: String(event.value ?? '') })}
          ></cell-field>
        </div>
        <fuel-gauge
          label=${msg('Combustible')}
          .value=${reception.fuel_eighths}
          @cell-changed=${(event: CellChangedEvent) => this.#save({ fuel_eighths: Number(event.value) })}
        ></fuel-gauge>
      </section>
      <section class="panel stack" aria-label=${msg('Inventario')}>
        <h2>${msg('Qué queda en el vehículo')}</h2>
        <div class="list">${settings.reception_checklist.map((entry) => this.#renderCheck(entry.key, entry[locale()]))}</div>
        <cell-field
          kind="lines"
          label=${msg('Otros objetos')}
          .value=${reception.belongings}
          @cell-changed=${(event: CellChangedEvent) => this.#save({ belongings: String(event.value ?? '') })}
        ></cell-field>
      </section>
    `;
  }

  #renderCheck(key: string, label: string) {
    const present = this.checks.find((check) => check.item_key === key)?.present ?? 'na';
    const answer = (value: 'yes' | 'no', word: string) => html`<button
      type="button"
      class="button"
      aria-pressed=${present === value}
      @click=${() => this.dispatchEvent(new CheckAnsweredEvent(key, label, present === value ? 'na' : value))}
    >
      ${word}
    </button>`;
    return html`<div class="item" role="group" aria-label=${label}>
      <span>${label}</span>
      <span class="answers">${answer('yes', msg('Sí'))}${answer('no', msg('No'))}</span>
    </div>`;
  }

  #save(cells: ConstructorParameters<typeof DraftChangeEvent>[0]): void {
    this.dispatchEvent(new DraftChangeEvent(cells));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'reception-condition': ReceptionCondition;
  }
  interface HTMLElementEventMap {
    'check-answered': CheckAnsweredEvent;
  }
}
