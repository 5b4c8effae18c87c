import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { readCode } from '../app/scan.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** A code was read from the camera. */
export class CodeScannedEvent extends Event {
  static readonly type = 'code-scanned';
  readonly text: string;

  constructor(text: string) {
    super(CodeScannedEvent.type);
    this.text = text;
  }
}

/** The camera is off, is asked for, shows its picture, or may not be used. */
type Camera = 'off' | 'asked' | 'on' | 'refused' | 'absent';

/**
 * The picture of the camera until it shows a barcode or a QR code.
 *
 * @fires code-scanned
 */
@customElement('scan-dialog')
export class ScanDialog extends TallerElement {
  @state() private accessor camera: Camera = 'off';
  @query('video') private accessor video!: HTMLVideoElement;
  #ending: AbortController | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      .picture {
        position: relative;
        aspect-ratio: 4 / 3;
        overflow: hidden;
        border-radius: var(--radius-m);
        background: var(--surface-rail);
      }
      video {
        display: block;
        inline-size: 100%;
        block-size: 100%;
        object-fit: cover;
      }
      .frame {
        position: absolute;
        inset: 18% 12%;
        border: 3px solid var(--on-rail);
        border-radius: var(--radius-l);
      }
    `,
  ];

  /** Asks for the camera and shows what it sees. */
  async open(): Promise<void> {
    if (this.#ending) return;
    const ending = new AbortController();
    this.#ending = ending;
    this.camera = 'asked';
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      ending.signal.addEventListener('abort', () => {
        for (const track of stream.getTracks()) track.stop();
      });
      if (ending.signal.aborted) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.camera = 'on';
      await this.updateComplete;
      this.video.srcObject = stream;
      await this.video.play();
      const text = await readCode(this.video, ending.signal);
      if (text === undefined) return;
      this.#close();
      this.dispatchEvent(new CodeScannedEvent(text));
    } catch (error) {
      if (ending.signal.aborted) return;
      const name = error instanceof DOMException ? error.name : '';
      this.camera = name === 'NotFoundError' || name === 'OverconstrainedError' ? 'absent' : 'refused';
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close();
  }

  override render() {
    if (this.camera === 'off') return nothing;
    return html`<wa-dialog open light-dismiss label=${msg('Leer un código')} @wa-after-hide=${this.#close}>
      <div class="stack">
        ${
          this.camera === 'on'
            ? html`<div class="picture">
                <video muted playsinline aria-label=${msg('Imagen de la cámara')}></video>
                <div class="frame" aria-hidden="true"></div>
              </div>`
            : nothing
        }
        <p role="status">${this.#text()}</p>
      </div>
    </wa-dialog>`;
  }

  #text(): string {
    switch (this.camera) {
      case 'on':
        return msg('Pon el código dentro del marco.');
      case 'refused':
        return msg('El navegador no deja usar la cámara. Se permite en los ajustes del sitio.');
      case 'absent':
        return msg('Este dispositivo no tiene cámara. Un lector de mano escribe el código en el buscador.');
      default:
        return msg('Abriendo la cámara…');
    }
  }

  #close = (): void => {
    this.#ending?.abort();
    this.#ending = undefined;
    this.camera = 'off';
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'scan-dialog': ScanDialog;
  }
}
