import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatNumber, toLocalInput } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { parseWhole } from '../app/parse-decimal.ts';
import { shared } from '../app/styles/shared.ts';

/** Typing that stops for this long is saved: a tab that dies takes no more with it. */
const AUTOSAVE_MS = 1000;
/** No odometer and no count of keys shows more; a phone number or a plate in the wrong field does. */
const MAX_NUMBER = 9_999_999;

export type CellFieldValue = string | number | null;

/** A field has another value than it had. */
export class CellChangedEvent extends Event {
  static readonly type = 'cell-changed';
  readonly value: CellFieldValue;

  constructor(value: CellFieldValue) {
    super(CellChangedEvent.type, { bubbles: true });
    this.value = value;
  }
}

/**
 * One cell of a row as a field that saves itself, a second after the last key and when it is left. What others write shows at once, except while somebody
 * is typing here.
 *
 * @fires cell-changed
 * @fires focus-change - the field was entered or left
 */
@customElement('cell-field')
export class CellField extends TallerElement {
  @property() accessor label = '';
  /** The whole name, begun with the label, where what stands around says the rest to who sees it. */
  @property() accessor spoken = '';
  @property() accessor hint = '';
  /** `moment`: a date with time, as epoch milliseconds. */
  @property() accessor kind: 'text' | 'lines' | 'number' | 'moment' = 'text';
  @property({ attribute: false }) accessor value: CellFieldValue = null;
  @property() accessor suffix = '';
  @property({ type: Boolean }) accessor readonly = false;
  /** Left empty, it has again what it had. */
  @property({ type: Boolean }) accessor required = false;
  /** Empties itself after each change: for adding one after another. */
  @property({ type: Boolean }) accessor fresh = false;

  @state() private accessor text = '';
  /** Why what stands in the field cannot be saved. */
  @state() private accessor problem = '';
  @query('#field') private accessor field!: HTMLInputElement | HTMLTextAreaElement;
  #editing = false;
  /** Something was typed that is not saved; it may come without focus, from a scanner or by dictation. */
  #typed = false;
  /** The text as it was last saved, or found on entering. */
  #saved = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: 6px;
        min-inline-size: 0;
      }
      .head {
        display: flex;
        justify-content: space-between;
        gap: var(--space-2);
      }
      label {
        font-weight: 600;
        font-size: var(--text-s);
      }
      .box {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--target);
        padding-inline: var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      .box:has([aria-invalid='true']) {
        border-color: var(--signal);
      }
      .box:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
      input,
      textarea {
        flex: 1;
        inline-size: 100%;
        min-inline-size: 0;
        min-block-size: calc(var(--target) - 2px);
        padding: 0;
        border: 0;
        outline: 0;
        background: transparent;
        color: var(--ink);
        font: inherit;
        font-variant-numeric: tabular-nums;
      }
      textarea {
        padding-block: var(--space-3);
        line-height: var(--leading);
        resize: vertical;
        field-sizing: content;
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('value') || this.#editing || this.#typed) return;
    this.text = this.#textOf(this.value);
    this.problem = '';
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#saveUnseen);
    if (this.#typed) this.#save();
    this.#editing = false;
  }

  override render() {
    return html`
      <div class="head"><label for="field">${this.label}</label><slot name="aside"></slot></div>
      <div class="box">
        ${this.kind === 'lines' ? this.#renderLines() : this.#renderInput()}
        ${this.suffix ? html`<span class="quiet" aria-hidden="true">${this.suffix}</span>` : nothing}
      </div>
      ${this.hint ? html`<span class="quiet small" id="hint">${this.hint}</span>` : nothing}
      ${this.problem ? html`<span class="signal small" role="alert">${this.problem}</span>` : nothing}
    `;
  }

  #renderInput() {
    const type = this.kind === 'moment' ? 'datetime-local' : 'text';
    return html`<input
      id="field"
      type=${type}
      inputmode=${this.kind === 'number' ? 'numeric' : nothing}
      ?readonly=${this.readonly}
      aria-invalid=${this.problem ? 'true' : nothing}
      aria-label=${this.spoken || nothing}
      aria-describedby=${this.hint ? 'hint' : nothing}
      .value=${this.text}
      @input=${this.#type}
      @focus=${this.#enter}
      @blur=${this.#leave}
      @keydown=${this.#key}
    />`;
  }

  #renderLines() {
    return html`<textarea
      id="field"
      rows="2"
      ?readonly=${this.readonly}
      aria-describedby=${this.hint ? 'hint' : nothing}
      .value=${this.text}
      @input=${this.#type}
      @focus=${this.#enter}
      @blur=${this.#leave}
    ></textarea>`;
  }

  #enter = (): void => {
    this.#editing = true;
    if (!this.#typed) this.#saved = this.field.value;
    document.addEventListener('visibilitychange', this.#saveUnseen);
    if (this.kind === 'number' && this.field instanceof HTMLInputElement) this.field.select();
    this.dispatchEvent(new Event('focus-change'));
  };

  /** A moment is empty to the browser until all of it is typed, so it waits until it is left. */
  #type = (): void => {
    if (!this.#editing && !this.#typed) this.#saved = this.text;
    this.#typed = true;
    if (this.fresh || this.kind === 'moment') return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#save, AUTOSAVE_MS);
  };

  #save = (): void => {
    clearTimeout(this.#timer);
    if (this.#isUnfinished) return;
    this.#typed = false;
    const typed = this.field.value;
    this.problem = this.#problemOf(typed);
    if (typed === this.#saved || this.problem) return;
    this.#saved = typed;
    this.dispatchEvent(new CellChangedEvent(this.#valueOf(typed)));
  };

  /** A browser may end a page that is not seen. */
  #saveUnseen = (): void => {
    if (document.visibilityState === 'hidden' && !this.fresh) this.#save();
  };

  #leave = (): void => {
    this.#editing = false;
    document.removeEventListener('visibilitychange', this.#saveUnseen);
    this.dispatchEvent(new Event('focus-change'));
    const typed = this.field.value;
    const changed = typed !== this.text && !this.#isUnfinished;
    this.#save();
    this.#typed = false;
    if (this.problem) return; // stays, to be put right
    // Untouched: what others wrote meanwhile shows now.
    this.text = this.fresh ? '' : this.#textOf(changed ? this.#valueOf(typed) : this.value);
    this.field.value = this.text;
  };

  #key = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') this.field.blur();
  };

  /** Half a moment, or nothing where there has to be something. */
  get #isUnfinished(): boolean {
    const { validity, value } = this.field;
    return validity.badInput || (this.required && value.trim() === '');
  }

  #textOf(value: CellFieldValue): string {
    if (value === null) return '';
    return this.kind === 'moment' ? toLocalInput(Number(value)) : String(value);
  }

  #valueOf(text: string): CellFieldValue {
    if (this.kind === 'text' || this.kind === 'lines') return text.trim();
    if (text === '') return null;
    if (this.kind === 'moment') return new Date(text).getTime();
    return parseWhole(text) ?? null;
  }

  #problemOf(text: string): string {
    if (this.kind !== 'number' || text.trim() === '') return '';
    const value = parseWhole(text);
    if (value === undefined) return msg('Aquí va un número, sin letras.');
    return value > MAX_NUMBER ? msg(str`Como mucho ${formatNumber(MAX_NUMBER, locale())}.`) : '';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'cell-field': CellField;
  }
  interface HTMLElementEventMap {
    'cell-changed': CellChangedEvent;
  }
}
