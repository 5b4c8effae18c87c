import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import SignaturePad, { type PointGroup } from 'signature_pad';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';

export interface SignatureGiven {
  readonly method: 'drawn' | 'typed';
  readonly signerName: string;
  /** Strokes as signature_pad gives them; empty when typed. */
  readonly strokes: readonly PointGroup[];
}

/** A signature, drawn with finger or pen, or typed by who cannot draw. The strokes survive turning the tablet. */
@customElement('signature-field')
export class SignatureField extends TallerElement {
  @property() accessor name = '';
  @state() private accessor method: 'drawn' | 'typed' = 'drawn';
  @state() private accessor empty = true;
  @query('canvas') private accessor canvas!: HTMLCanvasElement | null;
  @query('input[name="signer"]') private accessor signer!: HTMLInputElement;
  @query('input[name="agree"]') private accessor agree!: HTMLInputElement | null;

  #pad: SignaturePad | undefined;
  #strokes: PointGroup[] = [];
  #resize = new ResizeObserver(() => this.#fit());

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-3);
      }
      .sheet {
        position: relative;
      }
      canvas {
        display: block;
        inline-size: 100%;
        block-size: clamp(150px, 26dvh, 240px);
        border: var(--line-strong) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--plate-field);
        touch-action: none;
      }
      .line {
        position: absolute;
        inset-inline: 8%;
        inset-block-end: 22%;
        border-block-end: 2px dotted var(--rule-strong);
        pointer-events: none;
      }
      label {
        display: grid;
        gap: 6px;
        font-weight: 600;
        font-size: var(--text-s);
      }
      input:not([type='checkbox']) {
        min-block-size: var(--target);
        padding: 0 var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
      }
      .agree {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
      }
      .agree input {
        inline-size: 28px;
        block-size: 28px;
        accent-color: var(--ink);
      }
    `,
  ];

  /** What was signed so far; undefined while something is missing. */
  get value(): SignatureGiven | undefined {
    const signerName = this.signer.value.trim();
    if (signerName === '') return undefined;
    if (this.method === 'typed') {
      return this.agree?.checked ? { method: 'typed', signerName, strokes: [] } : undefined;
    }
    const strokes = this.#pad?.toData() ?? [];
    return strokes.length === 0 ? undefined : { method: 'drawn', signerName, strokes };
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    this.#pad?.off();
    this.#pad = undefined;
  }

  override updated(): void {
    const { canvas } = this;
    if (!canvas || this.#pad) return;
    this.#pad = new SignaturePad(canvas, {
      penColor: getComputedStyle(this).getPropertyValue('--plate-ink'),
    });
    this.#pad.addEventListener('endStroke', () => {
      this.#strokes = this.#pad?.toData() ?? [];
      this.empty = false;
    });
    this.#resize.observe(canvas);
    this.#fit();
  }

  override render() {
    return html`
      <label>${msg('Nombre de quien firma')}
        <input name="signer" autocomplete="off" .value=${this.name} />
      </label>
      ${this.method === 'drawn' ? this.#renderSheet() : this.#renderTyped()}
      <div class="row">
        ${
          this.method === 'drawn'
            ? html`<button type="button" class="button" ?disabled=${this.empty} @click=${this.#clear}>${msg('Borrar')}</button>`
            : nothing
        }
        <button type="button" class="button bare" @click=${this.#switch}>
          ${this.method === 'drawn' ? msg('Firmar escribiendo el nombre') : msg('Firmar a mano')}
        </button>
      </div>
    `;
  }

  #renderSheet() {
    return html`<div class="sheet">
      <canvas aria-label=${msg('Firma')} role="img"></canvas>
      <div class="line"></div>
    </div>`;
  }

  #renderTyped() {
    return html`<label class="agree">
      <input type="checkbox" name="agree" />${msg('Acepto que mi nombre escrito vale como firma')}
    </label>`;
  }

  #clear = (): void => {
    this.#pad?.clear();
    this.#strokes = [];
    this.empty = true;
  };

  #switch = (): void => {
    this.method = this.method === 'drawn' ? 'typed' : 'drawn';
    this.#pad?.off();
    this.#pad = undefined;
    this.empty = true;
  };

  /** Turning the tablet resizes, and so empties, a canvas: it is drawn again from its strokes. */
  #fit(): void {
    const { canvas } = this;
    if (!canvas || !this.#pad) return;
    const ratio = Math.max(window.devicePixelRatio, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext('2d')?.scale(ratio, ratio);
    this.#pad.fromData(this.#strokes);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'signature-field': SignatureField;
  }
}
