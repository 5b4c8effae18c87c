import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { removePhoto } from '../../shared/taller/flows/photo-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import type { PhotoRow } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import { takePhotos } from '../app/take-photos.ts';
import './photo-view.ts';
import './ui-icon.ts';

/** The photos of one row, small and side by side, and two ways to add more. One opens large. */
@customElement('photo-strip')
export class PhotoStrip extends ConnectedElement {
  /** Table and id of the row that new photos hang on. */
  @property() accessor entity = '';
  @property() accessor entityId = '';
  /** What they show, for those who do not see them. */
  @property() accessor label = '';
  @property({ attribute: false }) accessor rows: readonly PhotoRow[] = [];
  @property({ type: Boolean }) accessor readonly = false;
  @state() private accessor busy = false;
  @state() private accessor open: PhotoRow | undefined;

  static override styles = [
    shared,
    css`
      .strip {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
      }
      .open {
        inline-size: 96px;
        padding: 0;
        border: 0;
        border-radius: var(--radius-m);
        background: none;
        cursor: zoom-in;
      }
      wa-dialog {
        --width: min(94vw, 62rem);
      }
      label.button:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
      input {
        position: absolute;
        inline-size: 1px;
        block-size: 1px;
        opacity: 0;
      }
    `,
  ];

  override render() {
    return html`
      <div class="strip">
        ${repeat(
          this.rows,
          ({ id }) => id,
          (photo, index) => html`<button
            type="button"
            class="open"
            @click=${() => {
              this.open = photo;
            }}
          >
            <photo-view
              sha=${photo.sha256}
              thumb=${photo.thumb_sha256}
              label=${photo.caption || msg(str`Foto ${index + 1} de ${this.label}`)}
            ></photo-view>
          </button>`,
        )}
        ${this.readonly ? nothing : this.#renderAdd()}
      </div>
      ${this.open ? this.#renderLarge(this.open) : nothing}
    `;
  }

  /** The gallery has its own button, because a camera input forces the camera on phones. */
  #renderAdd() {
    return html`
      <label class="button">
        <ui-icon name="camera"></ui-icon>${this.busy ? msg('Preparando…') : msg('Foto')}
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
        <input type="file" accept="image/*" multiple aria-label=${msg(str`Galería: ${this.label}`)} @change=${this.#choose} />
      </label>
    `;
  }

  #renderLarge(photo: PhotoRow) {
    return html`<wa-dialog
      open
      light-dismiss
      label=${photo.caption || this.label || msg('Foto')}
      @wa-after-hide=${() => {
        this.open = undefined;
      }}
    >
      <photo-view large sha=${photo.sha256} label=${photo.caption || this.label}></photo-view>
      ${
        this.readonly
          ? nothing
          : html`<button slot="footer" type="button" class="button" @click=${() => this.#remove(photo)}>
              <ui-icon name="trash"></ui-icon>${msg('Quitar')}
            </button>`
      }
    </wa-dialog>`;
  }

  #remove(photo: PhotoRow): void {
    this.open = undefined;
    void this.writeRemoval(photo.caption || msg('Foto'), 'photo.remove', () => removePhoto(photo.id));
  }

  #choose = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = ''; // the same picture may be chosen again
    const { photos, entity, entityId } = this;
    if (!photos || files.length === 0) return;
    this.busy = true;
    try {
      const of = { entity, entityId, slot: null };
      const missing = await takePhotos(photos, files, of, (label, make) => this.write(label, make));
      if (missing) this.dispatchEvent(new ToastEvent(missing, { tone: 'signal' }));
    } finally {
      this.busy = false;
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'photo-strip': PhotoStrip;
  }
}
