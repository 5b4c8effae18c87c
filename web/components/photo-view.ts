import { consume } from '@lit/context';
import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { photosContext, statusContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import type { Photos } from '../app/photos/photos.ts';
import { shared } from '../app/styles/shared.ts';
import type { Status } from '../client/engine-messages.ts';
import './ui-icon.ts';

/** A photo follows its row to the relay, and nobody tells when it is there: it is asked for, each time later. */
const ASK_AGAIN_MS = { first: 2_000, last: 60_000 };

/** A photo by its hash: from this device at once, from the relay as soon as it is there, with where it stands. */
@customElement('photo-view')
export class PhotoView extends TallerElement {
  @property() accessor sha = '';
  /** SHA-256 of the thumbnail; shown in place of the photo. */
  @property() accessor thumb = '';
  @property() accessor label = '';
  /** The whole photo as large as the screen lets it, or why it is not there yet. */
  @property({ type: Boolean, reflect: true }) accessor large = false;

  @consume({ context: photosContext, subscribe: true })
  @property({ attribute: false })
  accessor photos: Photos | undefined;

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor sync: Status | undefined;

  @state() private accessor url = '';
  @state() private accessor waiting = false;
  #shown = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = ASK_AGAIN_MS.first;

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: block;
        aspect-ratio: 4 / 3;
        overflow: hidden;
        border-radius: var(--radius-m);
        background: var(--surface-sunken);
      }
      img {
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }
      .none {
        display: grid;
        place-items: center;
        block-size: 100%;
        color: var(--ink-quiet);
        font-size: 1.5rem;
      }
      .none p {
        max-inline-size: 32ch;
        padding: var(--space-4);
        font-size: var(--text-m);
        text-align: center;
      }
      :host([large]) {
        aspect-ratio: auto;
      }
      :host([large]) img {
        display: block;
        block-size: auto;
        max-block-size: 70dvh;
        object-fit: contain;
      }
      :host([large]) .none {
        align-content: center;
        min-block-size: 40dvh;
      }
      .state {
        position: absolute;
        inset-block-end: 6px;
        inset-inline-end: 6px;
        display: inline-flex;
        padding: 4px;
        border-radius: var(--radius-s);
        background: var(--ink);
        color: var(--on-ink);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#drop();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('sha') || changed.has('thumb') || changed.has('photos') || changed.has('sync'))
      void this.#load();
  }

  override render() {
    return html`
      ${
        this.url
          ? html`<img src=${this.url} alt=${this.label} loading="lazy" />`
          : html`<div class="none">
              <ui-icon name="image" label=${this.label}></ui-icon>${this.large ? this.#renderAbsent() : nothing}
            </div>`
      }
      ${this.waiting ? html`<span class="state"><ui-icon name="outbox" label=${msg('Pendiente de enviar')}></ui-icon></span>` : nothing}
    `;
  }

  #renderAbsent() {
    return html`<p role="status">
      ${
        this.sync?.connection === 'connected'
          ? msg('Esta foto aún no ha llegado. Se verá en cuanto esté en el servidor.')
          : msg('Esta foto aún no está en este dispositivo. Se verá cuando haya conexión.')
      }
    </p>`;
  }

  async #load(): Promise<void> {
    clearTimeout(this.#timer);
    const { photos } = this;
    const sha = this.thumb || this.sha;
    if (!photos || sha === '') return;
    this.waiting = (await photos.stateOf(this.sha)) === 'waiting';
    if (this.#shown === sha) return;
    const blob = await photos.read(sha);
    if (sha !== (this.thumb || this.sha) || !this.isConnected) return;
    if (!blob) return this.#askAgain();
    this.#drop();
    this.#shown = sha;
    this.url = URL.createObjectURL(blob);
  }

  /** Without a line the status says when there is one. */
  #askAgain(): void {
    clearTimeout(this.#timer);
    if (this.sync?.connection !== 'connected') return;
    this.#timer = setTimeout(() => void this.#load(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, ASK_AGAIN_MS.last);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#waitMs = ASK_AGAIN_MS.first;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
    this.#shown = '';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'photo-view': PhotoView;
  }
}
