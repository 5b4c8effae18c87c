import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { minutesOf } from '../../shared/taller/clock.ts';
import { TallerElement } from '../app/element.ts';
import { formatDateTime, formatMinutes, formatTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { type Person, personName } from '../app/order-view.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

export interface JobTime {
  readonly id: string;
  readonly technician_id: string;
  readonly started_at: number;
  readonly stopped_at: number | null;
}

/** Who worked on a job, from when to when. */
@customElement('job-times')
export class JobTimes extends TallerElement {
  @property({ attribute: false }) accessor times: readonly JobTime[] = [];
  @property({ attribute: false }) accessor people: readonly Person[] = [];
  @property({ attribute: false }) accessor now = 0;

  static override styles = [
    shared,
    css`
      summary {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--target);
        cursor: pointer;
      }
      ul {
        display: grid;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: var(--space-1) var(--space-4);
        padding-block: var(--space-2);
        border-block-start: var(--line) solid var(--rule);
      }
    `,
  ];

  override render() {
    if (this.times.length === 0) return nothing;
    return html`<details>
      <summary>${msg('Tiempos')}<ui-icon name="chevron-down"></ui-icon></summary>
      <ul aria-label=${msg('Tiempos')}>
        ${this.times.map(
          (time) => html`<li>
            <span>${personName(this.people, time.technician_id)}</span>
            <span class="quiet">${formatDateTime(time.started_at, this.now, locale())} – ${
              time.stopped_at === null ? msg('ahora') : formatTime(time.stopped_at, locale())
            }</span>
            <span class="figure">${formatMinutes(minutesOf(time, this.now))}</span>
          </li>`,
        )}
      </ul>
    </details>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'job-times': JobTimes;
  }
}
