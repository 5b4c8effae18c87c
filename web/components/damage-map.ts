import { msg, str } from '@lit/localize';
import { css, html, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  CAR_VIEWS,
  type CarView,
  DAMAGE_TYPES,
  type DamageRow,
  type DamageType,
  typeName,
  viewName,
} from '../app/damage.ts';
import { TallerElement } from '../app/element.ts';
import { inputStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import { drawingOf } from './car-drawing.ts';
import './ui-icon.ts';

export type DamageEdit =
  | {
      readonly do: 'add';
      readonly view: CarView;
      readonly x_pm: number;
      readonly y_pm: number;
      readonly type: DamageType;
    }
  | { readonly do: 'change'; readonly id: string; readonly type?: DamageType; readonly note?: string }
  | { readonly do: 'remove'; readonly id: string };

/** A mark was put, changed or taken away. */
export class DamageEditEvent extends Event {
  static readonly type = 'damage-edit';
  readonly edit: DamageEdit;

  constructor(edit: DamageEdit) {
    super(DamageEditEvent.type, { bubbles: true, composed: true });
    this.edit = edit;
  }
}

/**
 * Damage on a drawing of the car: a tap puts a mark of the chosen kind. The list below says the same in words, and does
 * the same without a pointer.
 *
 * @fires damage-edit
 */
@customElement('damage-map')
export class DamageMap extends TallerElement {
  @property({ attribute: false }) accessor marks: readonly DamageRow[] = [];
  @property({ type: Boolean }) accessor readonly = false;
  @state() private accessor view: CarView = 'top';
  @state() private accessor type: DamageType = 'scratch';

  static override styles = [
    shared,
    inputStyle,
    selectStyle,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
      }
      svg {
        inline-size: 100%;
        max-block-size: 46dvh;
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        touch-action: manipulation;
        cursor: crosshair;
      }
      .car {
        fill: none;
        stroke: var(--ink-quiet);
        stroke-width: 5;
        stroke-linejoin: round;
      }
      .mark circle {
        fill: var(--signal);
      }
      .mark text {
        fill: var(--on-signal);
        font: 700 30px var(--font-display);
        text-anchor: middle;
        dominant-baseline: central;
      }
      ol {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 2rem auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2);
      }
      li select,
      li input {
        min-inline-size: 0;
      }
      .place {
        display: block;
        color: var(--ink-quiet);
        font-size: var(--text-s);
      }
    `,
  ];

  override render() {
    return html`
      <div class="choices" role="group" aria-label=${msg('Lado del vehículo')}>
        ${CAR_VIEWS.map(
          (view) => html`<button
            type="button"
            class="button"
            aria-pressed=${this.view === view}
            @click=${() => this.#look(view)}
          >
            ${viewName(view)} ${this.#countOf(view)}
          </button>`,
        )}
      </div>
      <svg viewBox="60 110 890 430" role="img" aria-label=${viewName(this.view)} @click=${this.#put}>
        <g class="car">${drawingOf(this.view)}</g>
        ${this.marks.map((mark, index) =>
          mark.view === this.view
            ? svg`<g class="mark" transform="translate(${mark.x_pm} ${mark.y_pm * 0.6})"><circle r="24"/><text>${index + 1}</text></g>`
            : '',
        )}
      </svg>
      ${this.readonly ? '' : this.#renderTypes()}
      <ol aria-label=${msg('Daños')}>
        ${repeat(
          this.marks,
          (mark) => mark.id,
          (mark, index) => this.#renderMark(mark, index + 1),
        )}
      </ol>
    `;
  }

  #renderTypes() {
    return html`<div class="choices" role="group" aria-label=${msg('Tipo de daño')}>
      ${DAMAGE_TYPES.map(
        (type) => html`<button
          type="button"
          class="button"
          aria-pressed=${this.type === type}
          @click=${() => {
            this.type = type;
          }}
        >
          ${typeName(type)}
        </button>`,
      )}
      <button type="button" class="button" @click=${this.#add}><ui-icon name="plus"></ui-icon>${msg('Añadir a la lista')}</button>
    </div>`;
  }

  #renderMark(mark: DamageRow, number: number) {
    const change = (edit: { type?: DamageType; note?: string }) =>
      this.dispatchEvent(new DamageEditEvent({ do: 'change', id: mark.id, ...edit }));
    return html`<li>
      <span class="figure signal">${number}</span>
      <select
        aria-label=${msg(str`Tipo del daño ${number}`)}
        ?disabled=${this.readonly}
        .value=${mark.type}
        @change=${(event: Event) => change({ type: (event.target as HTMLSelectElement).value as DamageType })}
      >
        ${DAMAGE_TYPES.map((type) => html`<option value=${type} ?selected=${type === mark.type}>${typeName(type)}</option>`)}
      </select>
      <input
        aria-label=${msg(str`Nota del daño ${number}`)}
        placeholder=${viewName(mark.view as CarView)}
        ?readonly=${this.readonly}
        .value=${mark.note}
        @change=${(event: Event) => change({ note: (event.target as HTMLInputElement).value })}
      />
      ${
        this.readonly
          ? ''
          : html`<button
              type="button"
              class="button"
              aria-label=${msg(str`Quitar el daño ${number}`)}
              @click=${() => this.dispatchEvent(new DamageEditEvent({ do: 'remove', id: mark.id }))}
            >
              <ui-icon name="trash"></ui-icon>
            </button>`
      }
    </li>`;
  }

  #countOf(view: CarView): string {
    const count = this.marks.filter((mark) => mark.view === view).length;
    return count === 0 ? '' : `(${count})`;
  }

  #look(view: CarView): void {
    this.view = view;
  }

  #put = (event: MouseEvent): void => {
    if (this.readonly) return;
    const sheet = event.currentTarget as SVGSVGElement;
    const toSheet = sheet.getScreenCTM()?.inverse();
    if (!toSheet) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(toSheet);
    this.#mark(clampPermille(at.x), clampPermille(at.y / 0.6));
  };

  /** Without a pointer: in the middle of the side that is shown; the note says where. */
  #add = (): void => {
    this.#mark(500, 500);
  };

  #mark(x_pm: number, y_pm: number): void {
    this.dispatchEvent(new DamageEditEvent({ do: 'add', view: this.view, x_pm, y_pm, type: this.type }));
  }
}

function clampPermille(value: number): number {
  return Math.round(Math.min(1000, Math.max(0, value)));
}

declare global {
  interface HTMLElementTagNameMap {
    'damage-map': DamageMap;
  }
  interface HTMLElementEventMap {
    'damage-edit': DamageEditEvent;
  }
}
