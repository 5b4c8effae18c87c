import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import {
  addFinding,
  quoteFinding,
  setInspectionItem,
  statusOfMeasure,
} from '../../shared/taller/flows/inspection-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatQuantity } from '../app/format.ts';
import {
  type InspectedOrder,
  LIGHTS,
  type Light,
  lightMark,
  type PointPhoto,
  type PointRow,
} from '../app/inspections.ts';
import { locale } from '../app/localisation.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { readReadyMade } from '../app/ready-made-jobs.ts';
import { shared } from '../app/styles/shared.ts';
import './cell-field.ts';
import type { CellChangedEvent } from './cell-field.ts';
import './photo-strip.ts';
import './ui-icon.ts';

/** One point of an inspection: its light, its measure, a note, and what follows from it. */
@customElement('inspection-point')
export class InspectionPoint extends ConnectedElement {
  @property({ attribute: false }) accessor point: PointRow | undefined;
  @property({ attribute: false }) accessor order: InspectedOrder | undefined;
  /** Photos of it. */
  @property({ attribute: false }) accessor shots: readonly PointPhoto[] = [];
  @property({ type: Boolean }) accessor readonly = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-3);
        border-block-start: var(--line) solid var(--rule);
      }
      .name {
        font-weight: 600;
      }
      fieldset {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: var(--space-2);
        min-inline-size: 27rem;
        margin: 0;
        padding: 0;
        border: 0;
      }
      .light {
        position: relative;
        display: grid;
        justify-items: center;
        align-content: center;
        gap: 2px;
        min-block-size: 60px;
        padding: var(--space-1);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        font-size: var(--text-s);
        font-weight: 600;
        cursor: pointer;
      }
      .light input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: inherit;
      }
      .light:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
      .light:hover {
        background: var(--hover);
      }
      .light.on {
        border-color: var(--ink);
        background: var(--ink);
        color: var(--on-ink);
      }
      .light.on.attention {
        border: var(--line-strong) solid var(--signal);
        background: var(--signal-surface);
        color: var(--signal-text);
      }
      .light.on.urgent {
        border-color: var(--signal);
        background: var(--signal);
        color: var(--on-signal);
      }
      .light.on.na {
        border-color: var(--rule-strong);
        background: var(--surface-sunken);
        color: var(--ink);
      }
      .more {
        grid-column: 1 / -1;
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr));
        align-items: end;
        gap: var(--space-3) var(--space-4);
      }
      .mark {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
      .measure {
        max-inline-size: 16rem;
      }
      @media (max-width: 899px) {
        :host {
          grid-template-columns: minmax(0, 1fr);
        }
        fieldset {
          min-inline-size: 0;
        }
        .light {
          font-size: var(--text-xs);
        }
      }
    `,
  ];

  override render() {
    const { point } = this;
    if (!point) return nothing;
    const label = (locale() === 'en' && point.label_en) || point.label;
    return html`
      <div>
        <div class="name">${label}</div>
        ${this.#renderLast(point)}
      </div>
      ${this.readonly ? this.#renderResult(point) : this.#renderLights(point, label)}
      ${this.#renderMore(point, label)}
    `;
  }

  #renderLast({ last_status: light, last_value_milli: value, unit }: PointRow) {
    if (light === null) return nothing;
    const [icon, word] = lightMark(light);
    const measure = value === null ? '' : ` · ${formatQuantity(value, locale())} ${unit}`;
    return html`<span class="mark small quiet"><ui-icon name=${icon}></ui-icon>${msg(str`Última vez: ${word}${measure}`)}</span>`;
  }

  #renderResult({ status, value_milli: value, unit }: PointRow) {
    if (status === null) return html`<span class="quiet">${msg('Sin mirar')}</span>`;
    const [icon, word] = lightMark(status);
    const acts = status === 'attention' || status === 'urgent';
    return html`<span class="mark ${acts ? 'signal' : ''}"><ui-icon name=${icon}></ui-icon>${word}
      ${value === null ? nothing : html`<span class="figure">${formatQuantity(value, locale())} ${unit}</span>`}</span>`;
  }

  #renderLights(point: PointRow, label: string) {
    return html`<fieldset>
      <legend class="visually-hidden">${label}</legend>
      ${LIGHTS.map((light) => {
        const [icon, word] = lightMark(light);
        const on = point.status === light;
        return html`<label class="light ${light} ${on ? 'on' : ''}">
          <input type="radio" name="light" value=${light} .checked=${on} @change=${() => this.#save({ status: light })} />
          <ui-icon name=${icon}></ui-icon>${word}
        </label>`;
      })}
    </fieldset>`;
  }

  #renderMore(point: PointRow, label: string) {
    if (this.readonly) {
      const finding = this.#renderFinding(point);
      return point.note || finding !== nothing || this.shots.length > 0
        ? html`<div class="more">${point.note ? html`<p>${point.note}</p>` : nothing}${this.#renderPhotos(point, label)}${finding}</div>`
        : nothing;
    }
    const acts = point.status === 'attention' || point.status === 'urgent';
    const showsPhotos = acts || this.shots.length > 0 || point.photo_required === 1;
    if (point.kind !== 'measure' && !showsPhotos && point.note === '') return nothing;
    return html`<div class="more">
      ${
        point.kind === 'measure'
          ? html`<cell-field
              class="measure"
              label=${msg('Medida')}
              spoken=${msg(str`Medida de ${label}`)}
              suffix=${point.unit}
              .value=${point.value_milli === null ? '' : formatQuantity(point.value_milli, locale())}
              @cell-changed=${(event: CellChangedEvent) => this.#measure(point, event)}
            ></cell-field>`
          : nothing
      }
      ${
        acts || point.note !== ''
          ? html`<cell-field
              label=${msg('Nota')}
              spoken=${msg(str`Nota de ${label}`)}
              .value=${point.note}
              @cell-changed=${(event: CellChangedEvent) => this.#save({ note: String(event.value ?? '') })}
            ></cell-field>`
          : nothing
      }
      ${showsPhotos ? this.#renderPhotos(point, label) : nothing}
      ${acts ? this.#renderFinding(point) : nothing}
    </div>`;
  }

  #renderPhotos(point: PointRow, label: string) {
    return html`<photo-strip
      entity="inspection_items"
      entityId=${point.id}
      label=${label}
      .rows=${this.shots}
      ?readonly=${this.readonly}
    ></photo-strip>`;
  }

  /** First kept for the vehicle, then offered in the order. */
  #renderFinding(point: PointRow) {
    if (point.finding_id === null) {
      if (this.readonly) return nothing;
      return html`<button class="button" @click=${() => this.#find(point)}>
        <ui-icon name="note"></ui-icon>${msg('Apuntar como hallazgo')}
      </button>`;
    }
    if (point.finding_status === 'open' || point.finding_status === null) {
      return html`<button class="button" @click=${() => this.#quote(point)}>
        <ui-icon name="plus"></ui-icon>${msg('Añadir al presupuesto')}
      </button>`;
    }
    return html`<span class="mark"><ui-icon name="check"></ui-icon>${msg('Está en el presupuesto')}</span>`;
  }

  #save(cells: Parameters<typeof setInspectionItem>[1]): void {
    const { point } = this;
    if (point) void this.write('inspection.point', () => setInspectionItem(point.id, cells));
  }

  /** A measure sets its light by the limits of the template; the technician may still choose another. */
  #measure(point: PointRow, event: CellChangedEvent): void {
    const text = String(event.value ?? '').trim();
    if (text === '') {
      this.#save({ value_milli: null });
      return;
    }
    const value = parseDecimal(text);
    if (value === undefined || value < 0) return;
    const milli = Math.round(value * 1000);
    this.#save({ value_milli: milli, status: statusOfMeasure(milli, point) });
  }

  #find(point: PointRow): void {
    const { order } = this;
    const vehicleId = order?.vehicle_id;
    if (!order || !vehicleId) return;
    void this.write(
      'inspection.finding',
      (actor) =>
        addFinding(actor, {
          vehicle_id: vehicleId,
          work_order_id: order.id,
          inspection_item_id: point.id,
          description: describe(point),
          severity: severityOf(point.status),
        }).statements,
    );
  }

  /** With the ready-made job that the template offers for this point. */
  async #quote(point: PointRow): Promise<void> {
    const { engine, order } = this;
    const { finding_id: id, canned_job_id: canned } = point;
    if (!engine || !order || id === null) return;
    const readyMade = canned === null ? undefined : await readReadyMade(engine, canned, order, this.now);
    await this.write(
      'inspection.quote',
      (actor) =>
        quoteFinding(actor, { id, description: describe(point) }, order.id, { readyMade }).statements,
    );
  }
}

/** In the language of the workshop, whatever language the technician reads. */
function describe({ label, note }: PointRow): string {
  return note === '' ? label : `${label}: ${note}`;
}

function severityOf(light: Light | null): 'urgent' | 'soon' {
  return light === 'urgent' ? 'urgent' : 'soon';
}

declare global {
  interface HTMLElementTagNameMap {
    'inspection-point': InspectionPoint;
  }
}
