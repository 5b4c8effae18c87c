import { consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { engineContext, statusContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Status } from '../client/engine-messages.ts';
import './ui-icon.ts';

/** Whether this device reaches the relay, how much it still has to send, and a way to try again now. */
@customElement('connection-chip')
export class ConnectionChip extends TallerElement {
  @consume({ context: engineContext, subscribe: true })
  @property({ attribute: false })
  accessor engine: EngineClient | undefined;

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor status: Status | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
      .chip {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--target);
        padding: 0 var(--space-3);
        border-radius: var(--radius-m);
        color: inherit;
        font-size: var(--text-s);
        font-weight: 600;
        text-decoration: none;
        white-space: nowrap;
      }
      .chip:hover {
        background: var(--hover);
      }
      .away {
        border: var(--line-strong) solid var(--ink);
        background: var(--surface-raised);
      }
      .refused {
        border-color: var(--signal);
        color: var(--signal-text);
      }
      @media (max-width: 699px) {
        .word {
          position: absolute;
          clip-path: inset(50%);
        }
        .button {
          inline-size: var(--target);
          padding: 0;
        }
      }
      @media (min-width: 700px) {
        .away .sending {
          display: none;
        }
      }
      .sending {
        font-variant-numeric: tabular-nums;
        color: var(--ink-quiet);
      }
    `,
  ];

  override render() {
    const status = this.status;
    if (!status) return nothing;
    const connected = status.connection === 'connected';
    const text = connected
      ? this.#connectedText(status)
      : msg(str`Sin conexión. Pendientes: ${status.pending}.`);
    return html`
      <a
        class="chip ${connected ? '' : 'away'} ${status.rejected > 0 ? 'refused' : ''}"
        href="/pendientes"
        data-connection=${status.connection}
        data-pending=${status.pending}
      >
        <ui-icon name=${connected ? 'connected' : 'offline'}></ui-icon>
        <span class="word" role="status">${text}</span>
        ${
          status.pending > 0
            ? html`<span class="sending"><ui-icon name="outbox"></ui-icon>${status.pending}</span>`
            : nothing
        }
        ${
          status.rejected > 0
            ? html`<ui-icon name="alert" label=${msg('Hay cambios rechazados')}></ui-icon>`
            : nothing
        }
      </a>
      ${
        connected
          ? nothing
          : html`<button class="button" type="button" @click=${this.#retry}>
              <ui-icon name="retry"></ui-icon><span class="word">${msg('Reintentar')}</span>
            </button>`
      }
    `;
  }

  /** Where WebSockets are blocked, changes of others come by polls, some seconds late. */
  #connectedText({ transport }: Status): string {
    return transport === 'http' ? msg('Conectado por HTTP') : msg('Conectado');
  }

  #retry = (): void => {
    void this.engine?.retry();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'connection-chip': ConnectionChip;
  }
}
