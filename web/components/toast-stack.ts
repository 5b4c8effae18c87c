import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { TallerElement } from '../app/element.ts';
import type { ToastAction, ToastEvent } from '../app/events.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'signal';
  readonly action: ToastAction | undefined;
}

/** Long enough to read and undo without hurry. */
const TOAST_MS = 8_000;
/** How soon one goes that the focus has left. */
const KEPT_MS = 1_000;

/** Short messages at the foot of the page, announced politely. Hears `app-toast` on its root's host. */
@customElement('toast-stack')
export class ToastStack extends TallerElement {
  @state() private accessor toasts: readonly Toast[] = [];
  #nextId = 1;
  #host: HTMLElement | undefined;

  static override styles = [
    shared,
    css`
      :host {
        position: fixed;
        inset-block-end: calc(var(--space-4) + env(safe-area-inset-bottom));
        inset-inline: var(--space-4);
        z-index: 8;
        display: grid;
        justify-items: center;
        gap: var(--space-2);
        pointer-events: none;
      }
      .toast {
        pointer-events: auto;
        display: flex;
        align-items: center;
        gap: var(--space-3);
        max-inline-size: 640px;
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-2) var(--space-2) var(--space-4);
        border-radius: var(--radius-m);
        background: var(--ink);
        color: var(--on-ink);
        box-shadow: var(--shadow-over);
      }
      .toast.signal {
        background: var(--signal);
        color: var(--on-signal);
        font-weight: 600;
      }
      .button {
        border-color: currentColor;
        background: transparent;
        color: inherit;
      }
      @media (orientation: portrait), (max-width: 699px) {
        :host {
          inset-block-end: calc(var(--bottom-bar) + var(--space-3));
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const root = this.getRootNode();
    this.#host = root instanceof ShadowRoot ? (root.host as HTMLElement) : document.body;
    this.#host.addEventListener('app-toast', this.#show);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#host?.removeEventListener('app-toast', this.#show);
  }

  override render() {
    return html`<div role="status" aria-live="polite" class="stack">
      ${repeat(
        this.toasts,
        (toast) => toast.id,
        (toast) => html`<div class="toast ${toast.tone}" data-toast=${toast.id}>
          <span>${toast.text}</span>
          ${
            toast.action
              ? html`<button
                  class="button"
                  @click=${() => {
                    toast.action?.run();
                    this.#drop(toast.id);
                  }}
                >
                  ${toast.action.label}
                </button>`
              : nothing
          }
          <button class="button bare" aria-label=${msg('Cerrar')} @click=${() => this.#drop(toast.id)}>
            <ui-icon name="close"></ui-icon>
          </button>
        </div>`,
      )}
    </div>`;
  }

  #show = (event: ToastEvent): void => {
    const { text, tone, action } = event;
    const id = this.#nextId++;
    this.toasts = [...this.toasts.slice(-2), { id, text, tone, action }];
    setTimeout(() => this.#expire(id), TOAST_MS);
  };

  /** Not while the focus is on its button. The pointer holds nothing up: it may rest where a message happens to appear. */
  #expire(id: number): void {
    const toast = this.renderRoot.querySelector(`[data-toast="${id}"]`);
    if (toast?.matches(':focus-within')) setTimeout(() => this.#expire(id), KEPT_MS);
    else this.#drop(id);
  }

  #drop(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'toast-stack': ToastStack;
  }
}
