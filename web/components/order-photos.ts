import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { removePhoto } from '../../shared/taller/flows/photo-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import type { OrderView } from '../app/order-view.ts';
import type { PhotoRow } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import { takePhotos } from '../app/take-photos.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './photo-slot.ts';
import type { PhotoChosenEvent } from './photo-slot.ts';
import './photo-view.ts';
import './ui-icon.ts';

interface OrderPhoto extends PhotoRow {
  /** Table of the row it hangs on. Of the reception it is what was signed. */
  readonly entity: string;
}

/** The photos of an order, those of its reception first, and a place for more. A photo opens large. */
@customElement('order-photos')
export class OrderPhotos extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;
  @state() private accessor busy = false;
  @state() private accessor open: OrderPhoto | undefined;

  #rows = new LiveQuery<OrderPhoto>(
    this,
    () => this.engine,
    () => sql`
      select id, kind, slot, sha256, thumb_sha256, caption, entity from attachments
      where kind = 'photo' and (entity_id in (${this.order?.id}, ${this.order?.reception_id ?? ''})
        or entity_id in (select id from wo_jobs where work_order_id = ${this.order?.id})
        or entity_id in (select p.id from inspection_items p join inspections i on i.id = p.inspection_id
          where i.work_order_id = ${this.order?.id}))
      order by created_at, id`,
  );

  static override styles = [
    shared,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(46%, 190px), 1fr));
        align-items: start;
        gap: var(--space-3);
      }
      .open {
        inline-size: 100%;
        padding: 0;
        border: 0;
        border-radius: var(--radius-m);
        background: none;
        cursor: zoom-in;
      }
      wa-dialog {
        --width: min(94vw, 62rem);
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return nothing;
    return html`
      <section class="panel" aria-label=${msg('Fotos')}>
        <div class="grid">
          ${repeat(
            this.#rows.rows,
            (photo) => photo.id,
            (photo) => html`<button
              class="open"
              @click=${() => {
                this.open = photo;
              }}
            >
              <photo-view sha=${photo.sha256} thumb=${photo.thumb_sha256} label=${photo.caption || msg('Foto')}></photo-view>
            </button>`,
          )}
          <photo-slot
            label=${msg('Añadir fotos')}
            multiple
            ?busy=${this.busy}
            @photo-chosen=${(event: PhotoChosenEvent) => this.#take(order, event)}
          ></photo-slot>
        </div>
      </section>
      ${this.open ? this.#renderLarge(this.open) : nothing}
    `;
  }

  #renderLarge(photo: OrderPhoto) {
    return html`<wa-dialog
      open
      light-dismiss
      label=${photo.caption || msg('Foto')}
      @wa-after-hide=${() => {
        this.open = undefined;
      }}
    >
      <photo-view large sha=${photo.sha256} label=${photo.caption || msg('Foto')}></photo-view>
      ${
        photo.entity === 'receptions'
          ? nothing
          : html`<button slot="footer" class="button" @click=${() => this.#remove(photo)}>
              <ui-icon name="trash"></ui-icon>${msg('Quitar')}
            </button>`
      }
    </wa-dialog>`;
  }

  #remove(photo: OrderPhoto): void {
    this.open = undefined;
    void this.writeRemoval(photo.caption || msg('Foto'), 'photo.remove', () => removePhoto(photo.id));
  }

  async #take(order: OrderView, event: PhotoChosenEvent): Promise<void> {
    if (!this.photos) return;
    this.busy = true;
    try {
      const of = { entity: 'work_orders', entityId: order.id, slot: null };
      const missing = await takePhotos(this.photos, event.files, of, (label, make) =>
        this.write(label, make),
      );
      if (missing) this.dispatchEvent(new ToastEvent(missing, { tone: 'signal' }));
    } finally {
      this.busy = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-photos': OrderPhotos;
  }
}
