import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { WrittenPassage } from '../../shared/taller/flows/gate-flow.ts';
import { TallerElement } from '../app/element.ts';
import { formatTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import './number-plate.ts';
import './ui-icon.ts';

export interface GateRow extends WrittenPassage, ResultRow {
  readonly vehicle: string;
  /** Why it was taken back; null: it counts. */
  readonly void_reason: string | null;
  readonly void_by: string | null;
}

/** A passage was written by mistake. */
export class PassageWrongEvent extends Event {
  static readonly type = 'passage-wrong';
  readonly passage: GateRow;

  constructor(passage: GateRow) {
    super(PassageWrongEvent.type, { bubbles: true });
    this.passage = passage;
  }
}

/**
 * Who and what passed the gate, in or out, and when; what was taken back is crossed out.
 *
 * @fires passage-wrong
 */
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
        grid-template-columns: auto auto minmax(0, 1fr) auto var(--target);
        align-items: center;
        gap: var(--space-4);
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      li .button {
        inline-size: var(--target);
        padding: 0;
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
        li .what {
          grid-row: 2;
          grid-column: 1 / 3;
        }
        li .button {
          grid-row: 2;
        }
        li .figure {
          justify-self: end;
        }
        .void .what {
          grid-column: 1 / -1;
        }
      }
      .void :is(.way, .person, .figure) {
        color: var(--ink-quiet);
        text-decoration: line-through;
      }
      .why {
        display: block;
        overflow-wrap: anywhere;
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
    const way = wayName(row.direction);
    const who = row.kind === 'person' ? row.person : row.plate;
    const isVoid = row.void_reason !== null;
    return html`<li class=${isVoid ? 'void' : ''} data-passage=${row.id}>
      <span class="way"><ui-icon name=${row.direction === 'in' ? 'received' : 'outbox'}></ui-icon>${way}</span>
      ${
        row.kind === 'person'
          ? html`<span class="person"><ui-icon name="user"></ui-icon>${row.person}</span>`
          : html`<number-plate value=${row.plate}></number-plate>`
      }
      <span class="what quiet">
        ${row.kind === 'person' ? row.note : row.vehicle || row.person}
        ${isVoid ? html`<span class="why"><ui-icon name="cancelled"></ui-icon> ${voidText(row)}</span>` : nothing}
      </span>
      <span class="figure">${formatTime(row.at, locale())}</span>
      ${
        isVoid
          ? nothing
          : html`<button
              class="button bare"
              aria-label=${msg(str`Corregir: ${way} ${who}`)}
              title=${msg('Corregir')}
              @click=${() => this.dispatchEvent(new PassageWrongEvent(row))}
            >
              <ui-icon name="undo"></ui-icon>
            </button>`
      }
    </li>`;
  }
}

export function wayName(direction: GateRow['direction']): string {
  return direction === 'in' ? msg('Entra') : msg('Sale');
}

/** "Anulado por Ana: era otro coche". */
function voidText({ void_by, void_reason }: GateRow): string {
  const by = msg(str`Anulado por ${void_by ?? ''}`);
  return void_reason ? `${by}: ${void_reason}` : by;
}

declare global {
  interface HTMLElementEventMap {
    'passage-wrong': PassageWrongEvent;
  }
  interface HTMLElementTagNameMap {
    'gate-log': GateLog;
  }
}
