import { msg, str } from '@lit/localize';
import { css, html, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatDate, formatNumber } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';

export interface Reading extends ResultRow {
  readonly value: number;
  readonly unit: string;
  readonly created_at: number;
}

const WIDTH = 600;
const HEIGHT = 160;
const EDGE = 14;

/** Odometer readings over time as a line, and the same as a table for who does not see it. */
@customElement('odometer-chart')
export class OdometerChart extends TallerElement {
  /** Oldest first. */
  @property({ attribute: false }) accessor readings: readonly Reading[] = [];

  static override styles = [
    shared,
    css`
      svg {
        inline-size: 100%;
        overflow: visible;
      }
      polyline {
        fill: none;
        stroke: var(--ink);
        stroke-width: 3;
        stroke-linejoin: round;
      }
      circle {
        fill: var(--ink);
      }
      line {
        stroke: var(--rule);
      }
      .ends {
        display: flex;
        justify-content: space-between;
        gap: var(--space-3);
      }
      .ends > * {
        text-wrap: balance;
      }
      .ends > :last-child {
        text-align: end;
      }
    `,
  ];

  override render() {
    const { readings } = this;
    const last = readings.at(-1);
    const first = readings[0];
    if (!last || !first) return html`<p class="quiet">${msg('Sin lecturas.')}</p>`;
    const text = (reading: Reading) =>
      `${formatDate(reading.created_at, locale())}: ${formatNumber(reading.value, locale())} ${reading.unit}`;
    return html`
      ${readings.length > 1 ? this.#renderLine(first, last) : ''}
      <div class="ends small"><span class="quiet">${text(first)}</span><strong>${text(last)}</strong></div>
      <table class="visually-hidden">
        <caption>${msg('Lecturas del cuentakilómetros')}</caption>
        <tbody>
          ${readings.map((reading) => html`<tr><td>${text(reading)}</td></tr>`)}
        </tbody>
      </table>
    `;
  }

  #renderLine(first: Reading, last: Reading) {
    const values = this.readings.map(({ value }) => value);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const x = (at: number) =>
      EDGE + ((at - first.created_at) / Math.max(1, last.created_at - first.created_at)) * (WIDTH - 2 * EDGE);
    const y = (value: number) =>
      HEIGHT - EDGE - ((value - low) / Math.max(1, high - low)) * (HEIGHT - 2 * EDGE);
    const points = this.readings.map((reading) => [x(reading.created_at), y(reading.value)] as const);
    return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${msg(str`Cuentakilómetros, ${this.readings.length} lecturas`)}>
      <line x1=${EDGE} y1=${HEIGHT - EDGE} x2=${WIDTH - EDGE} y2=${HEIGHT - EDGE}></line>
      <polyline points=${points.map((point) => point.join(',')).join(' ')}></polyline>
      ${points.map(([cx, cy]) => svg`<circle cx=${cx} cy=${cy} r="5"></circle>`)}
    </svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'odometer-chart': OdometerChart;
  }
}
