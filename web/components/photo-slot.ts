import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';
import './photo-view.ts';
import './ui-icon.ts';

/** Pictures were chosen for this slot. */
export class PhotoChosenEvent extends Event {
  static readonly type = 'photo-chosen';
  readonly files: readonly File[];

  constructor(files: readonly File[]) {
    super(PhotoChosenEvent.type, { bubbles: true });
    this.files = files;
  }
}

/**
 * A place for a photo: the photo, or two ways to get one. The gallery has its own button, because a camera input forces
 * the camera on phones.
 *
 * @fires photo-chosen
 */
@customElement('photo-slot')
export class PhotoSlot extends TallerElement {
  @property() accessor label = '';
  @property() accessor sha = '';
  @property() accessor thumb = '';
  @property({ type: Boolean }) accessor multiple = false;
  @property({ type: Boolean }) accessor busy = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-2);
        align-content: start;
      }
      .empty {
        display: grid;
        place-content: center;
        justify-items: center;
        gap: var(--space-2);
        aspect-ratio: 4 / 3;
        border: 2px dashed var(--rule-strong);
        border-radius: var(--radius-m);
        color: var(--ink-quiet);
        text-align: center;
      }
      .buttons {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: var(--space-2);
      }
      label.button {
        padding-inline: var(--space-2);
        font-size: var(--text-s);
      }
      input {
        position: absolute;
        inline-size: 1px;
        block-size: 1px;
        opacity: 0;
      }
      label.button:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
    `,
  ];

  override render() {
    return html`
      ${
        this.sha
          ? html`<photo-view sha=${this.sha} thumb=${this.thumb} label=${this.label}></photo-view>`
          : html`<div class="empty">${this.busy ? msg('Preparando…') : this.label}</div>`
      }
      <div class="buttons">
        <label class="button">
          <ui-icon name="camera"></ui-icon>${this.sha ? msg('Repetir') : msg('Cámara')}
          <input
            type="file"
            accept="image/*"
            capture="environment"
            aria-label=${msg(str`Cámara: ${this.label}`)}
            @change=${this.#choose}
          />
        </label>
        <label class="button">
          <ui-icon name="image"></ui-icon>
          <input
            type="file"
            accept="image/*"
            ?multiple=${this.multiple}
            aria-label=${msg(str`Galería: ${this.label}`)}
            @change=${this.#choose}
          />
        </label>
      </div>
      ${this.sha ? html`<span class="small quiet">${this.label}</span>` : nothing}
    `;
  }

  #choose = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = ''; // the same picture may be chosen again
    if (files.length > 0) this.dispatchEvent(new PhotoChosenEvent(files));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'photo-slot': PhotoSlot;
  }
  interface HTMLElementEventMap {
    'photo-chosen': PhotoChosenEvent;
  }
}
