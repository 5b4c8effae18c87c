import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { dictate, mayDictate } from '../app/dictation.ts';
import { TallerElement } from '../app/element.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

const SPOKEN = { es: 'es-ES', en: 'en-GB' } as const;

/** A sentence was spoken. */
export class DictatedEvent extends Event {
  static readonly type = 'dictated';
  readonly text: string;

  constructor(text: string) {
    super(DictatedEvent.type);
    this.text = text;
  }
}

/**
 * Speaks instead of types. Not there at all where speech would leave the device.
 *
 * @fires dictated
 */
@customElement('dictation-button')
export class DictationButton extends TallerElement {
  @state() private accessor isOffered = false;
  @state() private accessor stop: (() => void) | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-block;
      }
      .button[aria-pressed='true'] {
        background: var(--signal);
        border-color: var(--signal);
        color: var(--on-signal);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void mayDictate(SPOKEN[locale()]).then((isOffered) => {
      this.isOffered = isOffered;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop?.();
  }

  override render() {
    if (!this.isOffered) return nothing;
    const listens = this.stop !== undefined;
    return html`<button type="button" class="button" aria-pressed=${listens} @click=${this.#toggle}>
      <ui-icon name="mic"></ui-icon>${listens ? msg('Escuchando…') : msg('Dictar')}
    </button>`;
  }

  #toggle = (): void => {
    if (this.stop) {
      this.stop();
      return;
    }
    this.stop = dictate(SPOKEN[locale()], {
      text: (text) => this.dispatchEvent(new DictatedEvent(text)),
      end: () => {
        this.stop = undefined;
      },
    });
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'dictation-button': DictationButton;
  }
}
