import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';
import { carryOver, mapCaret } from '../app/text-merge.ts';

/** Letters typed together travel together: long enough for a burst, short enough to look live. */
const FLUSH_MS = 120;
/** After an edit that was refused. */
const RETRY_MS = 2_000;

/**
 * A text that several people write at once. Shows `value` as it changes, sends what is typed through `edit`, and keeps
 * the caret with its letters.
 *
 * @fires focus-change - the field was entered or left
 */
@customElement('shared-textarea')
export class SharedTextarea extends TallerElement {
  @property() accessor label = '';
  @property() accessor hint = '';
  /** The text as the replica has it now. */
  @property() accessor value = '';
  @property({ type: Boolean }) accessor readonly = false;
  /** Merges an edit made on `base`; resolves to the text that came out. */
  @property({ attribute: false })
  accessor edit: (base: string, next: string) => Promise<string> = async (_base, next) => next;

  @query('textarea') private accessor field!: HTMLTextAreaElement;

  /** The text that what stands in the field grew out of. */
  #base = '';
  #sending = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2);
        min-block-size: 28px;
      }
      label {
        font-weight: 600;
      }
      textarea {
        inline-size: 100%;
        min-block-size: 8.5em;
        padding: var(--space-3) var(--space-4);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
        line-height: var(--leading);
        resize: vertical;
        field-sizing: content;
      }
      textarea:read-only {
        background: var(--surface-sunken);
      }
    `,
  ];

  override render() {
    return html`
      <div class="head">
        <label for="field">${this.label}</label>
        <slot name="aside"></slot>
      </div>
      <textarea
        id="field"
        rows="5"
        ?readonly=${this.readonly}
        aria-describedby=${this.hint ? 'hint' : nothing}
        @input=${this.#schedule}
        @focus=${() => this.dispatchEvent(new Event('focus-change'))}
        @blur=${this.#leave}
      ></textarea>
      ${this.hint ? html`<span id="hint" class="quiet small">${this.hint}</span>` : nothing}
    `;
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('value')) this.#follow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (this.#timer !== undefined) void this.#flush();
  }

  /** True while somebody writes here. */
  get active(): boolean {
    return this.renderRoot instanceof ShadowRoot && this.renderRoot.activeElement === this.field;
  }

  /** Takes over what others wrote, unless letters of this device are still on their way: then the merge brings it. */
  #follow(): void {
    if (this.#sending || this.field.value !== this.#base) return;
    this.#show(this.value);
    this.#base = this.value;
  }

  #show(text: string): void {
    const { field } = this;
    const before = field.value;
    if (before === text) return;
    const { selectionStart, selectionEnd, scrollTop } = field;
    field.value = text;
    if (!this.active) return;
    field.setSelectionRange(mapCaret(selectionStart, before, text), mapCaret(selectionEnd, before, text));
    field.scrollTop = scrollTop;
  }

  #schedule = (): void => {
    this.#timer ??= setTimeout(() => void this.#flush(), FLUSH_MS);
  };

  #leave = (): void => {
    this.dispatchEvent(new Event('focus-change'));
    if (this.#timer !== undefined) void this.#flush();
  };

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sent = this.field.value;
    if (this.#sending || sent === this.#base) return;
    this.#sending = true;
    try {
      const merged = await this.edit(this.#base, sent);
      this.#base = merged;
      this.#show(carryOver(sent, this.field.value, merged));
    } catch {
      // The letters stay in the field and are sent again; a disk that refuses them is told by the shell.
      this.#sending = false;
      this.#timer = setTimeout(() => void this.#flush(), RETRY_MS);
      return;
    }
    this.#sending = false;
    if (this.field.value !== this.#base) this.#schedule();
    else this.#follow();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'shared-textarea': SharedTextarea;
  }
}
