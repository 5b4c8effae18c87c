import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatDateTime } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { Status } from '../client/engine-messages.ts';
import './ui-icon.ts';

/** Whether what is written here reaches the others: what waits, what was refused, what somebody has to decide. */
@customElement('sync-health')
export class SyncHealth extends TallerElement {
  @property({ attribute: false }) accessor sync: Status | undefined;
  @property({ attribute: false }) accessor now = 0;

  static override styles = [
    shared,
    css`
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2) var(--space-5);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      a,
      span.fact {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--target);
      }
    `,
  ];

  override render() {
    const { sync } = this;
    if (!sync) return nothing;
    const connected = sync.connection === 'connected';
    const decide = sync.conflicts + sync.violations;
    return html`<ul>
      <li>
        <span class="fact">
          <ui-icon name=${connected ? 'connected' : 'offline'}></ui-icon>${connected ? receivedText(sync) : this.#sinceWhen(sync)}
        </span>
      </li>
      ${fact('outbox', '/pendientes', msg(str`Por enviar: ${sync.pending}`), false)}
      ${sync.rejected > 0 ? fact('alert', '/pendientes', msg(str`Rechazados: ${sync.rejected}`), true) : nothing}
      ${decide > 0 ? fact('alert', '/conflictos', msg(str`Para revisar: ${decide}`), true) : nothing}
      ${
        sync.storage.persisted === false
          ? fact('lock', '/diagnostico', msg('El navegador puede borrar los datos si falta espacio'), false)
          : nothing
      }
    </ul>`;
  }

  #sinceWhen({ lastSyncAtMs }: Status): string {
    if (lastSyncAtMs === undefined) return msg('Sin conexión con el taller');
    return msg(str`Sin conexión desde ${formatDateTime(lastSyncAtMs, this.now, locale())}`);
  }
}

function receivedText({ level }: Status): string {
  return level ? msg('Todo lo de los demás está aquí') : msg('Recibiendo lo de los demás…');
}

function fact(icon: IconName, path: string, text: string, act: boolean) {
  return html`<li><a class=${act ? 'signal' : ''} href=${path}><ui-icon name=${icon}></ui-icon>${text}</a></li>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'sync-health': SyncHealth;
  }
}
