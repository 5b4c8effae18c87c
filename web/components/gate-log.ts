import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { TallerElement } from '../app/element.ts';
import { formatTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import './number-plate.ts';
import './ui-icon.ts';

export interface GateRow extends ResultRow {
  readonly id: string;
  readonly kind: string;
  readonly direction: string;
  readonly plate: string;
  readonly person: string;
  readonly note: string;
  readonly at: number;
  readonly vehicle: string;
}

/** Who and what passed the gate, in or out, and when. */
@customElement('gate-log')
export class GateLog extends TallerElement {
  @property({ attribute: false }) accessor rows: readonly GateRow[] = [];

  static override styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: auto auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-4);
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      .way {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-inline-size: 6.5rem;
        font-weight: 600;
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: auto minmax(0, 1fr) auto;
          gap: var(--space-1) var(--space-3);
        }
        li .quiet {
          grid-row: 2;
          grid-column: 1 / -1;
        }
      }
      .person {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-weight: 650;
      }
    `,
  ];

  override render() {
    return html`<ul>
      ${repeat(
        this.rows,
        (row) => row.id,
        (row) => this.#renderRow(row),
      )}
    </ul>`;
  }

  #renderRow(row: GateRow) {
    const enters = row.direction === 'in';
    return html`<li>
      <span class="way"><ui-icon name=${enters ? 'received' : 'outbox'}></ui-icon>${enters ? msg('Entra') : msg('Sale')}</span>
      ${
        row.kind === 'person'
          ? html`<span class="person"><ui-icon name="user"></ui-icon>${row.person}</span>`
          : html`<number-plate value=${row.plate}></number-plate>`
      }
      <span class="quiet">${row.kind === 'person' ? row.note : row.vehicle || row.person}</span>
      <span class="figure">${formatTime(row.at, locale())}</span>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gate-log': GateLog;
  }
}
