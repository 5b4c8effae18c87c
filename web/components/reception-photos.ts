import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { DamageRow } from '../app/damage.ts';
import { TallerElement } from '../app/element.ts';
import type { PhotoRow } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import './damage-map.ts';
import './photo-slot.ts';
import type { PhotoChosenEvent } from './photo-slot.ts';

export type Slot = 'front' | 'rear' | 'left' | 'right' | 'odometer' | 'damage';
const GUIDED: readonly Slot[] = ['front', 'rear', 'left', 'right', 'odometer'];

/** Pictures are to be taken in for a slot. */
export class PhotoTakenEvent extends Event {
  static readonly type = 'photo-taken';
  readonly place: Slot;
  readonly files: readonly File[];

  constructor(slot: Slot, files: readonly File[]) {
    super(PhotoTakenEvent.type, { bubbles: true, composed: true });
    this.place = slot;
    this.files = files;
  }
}

/**
 * Step: the guided photos, and the damage on a drawing.
 *
 * @fires photo-taken
 * @fires damage-edit
 */
@customElement('reception-photos')
export class ReceptionPhotos extends TallerElement {
  @property({ attribute: false }) accessor photos: readonly PhotoRow[] = [];
  @property({ attribute: false }) accessor marks: readonly DamageRow[] = [];
  /** Slots whose pictures are being prepared. */
  @property({ attribute: false }) accessor busy: ReadonlySet<Slot> = new Set();

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
      }
      .slots {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(46%, 190px), 1fr));
        gap: var(--space-4);
      }
    `,
  ];

  override render() {
    const damage = this.photos.filter((photo) => photo.slot === 'damage');
    return html`
      <section class="panel stack" aria-label=${msg('Fotos')}>
        <h2>${msg('Fotos')}</h2>
        <div class="slots">
          ${GUIDED.map((slot) => this.#renderSlot(slot))}
          ${repeat(
            damage,
            (photo) => photo.id,
            (photo) =>
              html`<photo-view sha=${photo.sha256} thumb=${photo.thumb_sha256} label=${slotName('damage')}></photo-view>`,
          )}
          <photo-slot
            label=${msg('Otra foto')}
            multiple
            ?busy=${this.busy.has('damage')}
            @photo-chosen=${(event: PhotoChosenEvent) => this.#take('damage', event)}
          ></photo-slot>
        </div>
      </section>
      <section class="panel stack" aria-label=${msg('Daños')}>
        <h2>${msg('Daños')}</h2>
        <p class="quiet">${msg('Elige el tipo y toca el dibujo donde está el daño.')}</p>
        <damage-map .marks=${this.marks}></damage-map>
      </section>
    `;
  }

  #renderSlot(slot: Slot) {
    // The last one counts: a photo is repeated by taking another.
    const photo = this.photos.findLast((row) => row.slot === slot);
    return html`<photo-slot
      label=${slotName(slot)}
      sha=${photo?.sha256 ?? ''}
      thumb=${photo?.thumb_sha256 ?? ''}
      ?busy=${this.busy.has(slot)}
      @photo-chosen=${(event: PhotoChosenEvent) => this.#take(slot, event)}
    ></photo-slot>`;
  }

  #take(slot: Slot, event: PhotoChosenEvent): void {
    this.dispatchEvent(new PhotoTakenEvent(slot, event.files));
  }
}

function slotName(slot: Slot): string {
  switch (slot) {
    case 'front':
      return msg('Delante');
    case 'rear':
      return msg('Detrás');
    case 'left':
      return msg('Izquierda');
    case 'right':
      return msg('Derecha');
    case 'odometer':
      return msg('Cuentakilómetros');
    case 'damage':
      return msg('Daño');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'reception-photos': ReceptionPhotos;
  }
  interface HTMLElementEventMap {
    'photo-taken': PhotoTakenEvent;
  }
}
