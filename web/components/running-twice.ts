import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { resolveRunning } from '../../shared/taller/clock.ts';
import { correctTime } from '../../shared/taller/flows/order-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDateTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { RunningEntry } from '../app/technician.ts';
import './number-plate.ts';
import './ui-icon.ts';

/** Clocks that two tablets started for one technician while they could not see one another, and the way out. */
@customElement('running-twice')
export class RunningTwice extends ConnectedElement {
  /** Of one technician. */
  @property({ attribute: false }) accessor entries: readonly RunningEntry[] = [];
  /** It is the technician who looks. */
  @property({ type: Boolean }) accessor own = false;

  static override styles = [
    shared,
    css`
      .twice {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
        border: var(--line) solid var(--signal);
        border-radius: var(--radius-m);
        background: var(--signal-surface);
      }
      ul {
        display: grid;
        gap: var(--space-1);
        margin: var(--space-2) 0 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-1) var(--space-3);
      }
      @media (max-width: 699px) {
        .twice {
          grid-template-columns: auto minmax(0, 1fr);
        }
        .button {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    const { entries } = this;
    const [first] = entries;
    if (!first || entries.length < 2) return nothing;
    return html`<div class="twice" role="alert" data-technician=${first.technician_id}>
      <ui-icon name="alert"></ui-icon>
      <div>
        <strong>${
          this.own
            ? msg(str`Tienes ${entries.length} relojes en marcha a la vez, de dos dispositivos.`)
            : msg(str`${first.technician} tiene ${entries.length} relojes en marcha a la vez.`)
        }</strong>
        <ul>
          ${entries.map(
            (entry) => html`<li class="small">
              <span>${entry.title || entry.number}</span>
              <span class="quiet">${entry.plate} · ${msg(str`desde ${formatDateTime(entry.started_at, this.now, locale())}`)}</span>
            </li>`,
          )}
        </ul>
      </div>
      <button class="button" @click=${this.#keepLast}>${msg('Dejar solo el último')}</button>
    </div>`;
  }

  /** The others end where the last one began, so no minute counts twice. */
  #keepLast = (): void => {
    const startedAtMsById = new Map(this.entries.map(({ id, started_at }) => [id, started_at]));
    void this.write('time.clock', (actor) =>
      resolveRunning(this.entries).flatMap(({ id, stoppedAtMs }) =>
        correctTime(
          actor,
          id,
          { startedAtMs: startedAtMsById.get(id) ?? stoppedAtMs, stoppedAtMs },
          'running-twice',
        ),
      ),
    );
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'running-twice': RunningTwice;
  }
}
