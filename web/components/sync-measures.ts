import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatAgo, formatNumber, formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { SyncReport } from '../client/engine-messages.ts';

/** How sending and receiving goes, in figures. */
@customElement('sync-measures')
export class SyncMeasures extends TallerElement {
  @property({ attribute: false }) accessor report: SyncReport | undefined;
  /** Epoch ms. */
  @property({ type: Number }) accessor now = 0;

  static override styles = [
    shared,
    css`
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 132px), 1fr));
        margin: 0 0 var(--space-4);
        gap: var(--space-4);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      dd.figure {
        font-size: var(--text-l);
      }
      .wide {
        grid-column: 1 / -1;
      }
    `,
  ];

  override render() {
    const { report } = this;
    if (!report) return html`<p class="quiet">${msg('Midiendo…')}</p>`;
    const figure = (name: string, value: string, isBad = false) =>
      html`<div><dt class="label">${name}</dt><dd class="figure ${isBad ? 'signal' : ''}">${value}</dd></div>`;
    const count = (value: number) => formatNumber(Math.round(value), locale());
    const duration = (ms: number | undefined) => (ms === undefined ? '–' : `${count(ms)} ms`);
    const { lastError } = report;
    return html`<dl>
      ${figure(msg('Pendientes'), count(report.pendingEvents))}
      ${figure(msg('Enviados'), count(report.syncedEvents))}
      ${figure(msg('Recibidos'), count(report.receivedEvents))}
      ${figure(msg('Fallidos'), count(report.failedEvents), report.failedEvents > 0)}
      ${figure(msg('Último envío'), duration(report.lastSyncDurationMs))}
      ${figure(msg('Envío medio'), duration(report.avgSyncDurationMs))}
      ${figure(msg('Errores'), `${formatQuantity(Math.round(report.errorRate * 100_000), locale())} %`, report.errorRate > 0)}
      ${figure(msg('Cambios por minuto'), count(report.eventsPerMinute))}
      ${figure(msg('Bytes por segundo'), count(report.bytesPerSecond))}
      ${figure(msg('Último cambio'), report.lastSyncAtMs === undefined ? msg('Nunca') : formatAgo(report.lastSyncAtMs, this.now, locale()))}
      <div class="wide">
        <dt class="label">${msg('Último error')}</dt>
        <dd>
          ${
            lastError
              ? html`<span class="signal">${lastError.code}</span> ${lastError.message}
                  <span class="quiet">${formatAgo(lastError.atMs, this.now, locale())}</span>`
              : msg('Ninguno')
          }
        </dd>
      </div>
    </dl>
      <p class="small quiet">
        ${msg(str`Medido desde que se abrió la aplicación, ${formatAgo(report.sinceMs, this.now, locale())}. Errores de los últimos cien envíos; cambios y bytes, del último minuto.`)}
      </p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sync-measures': SyncMeasures;
  }
}
