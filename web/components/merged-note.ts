import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { mergeInto, unmerge } from '../../shared/taller/flows/people-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { mergePath, type PeopleTable, pairsOfQuery, reasonName, recordPath } from '../app/people.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import './ui-icon.ts';

interface Twin extends ResultRow {
  readonly first_id: string;
  readonly second_id: string;
  readonly because: string;
}

/** At the head of a customer or vehicle: that it was merged into another, or that it is probably there twice. */
@customElement('merged-note')
export class MergedNote extends ConnectedElement {
  @property() accessor table: PeopleTable = 'customers';
  @property() accessor record = '';
  /** What it was merged into. */
  @property({ attribute: false }) accessor into: string | null = null;

  #twins = new LiveQuery<Twin>(
    this,
    () => this.engine,
    () => (this.into === null ? pairsOfQuery(this.table, this.record) : undefined),
  );

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      .note {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
        border-inline-start: 4px solid var(--signal);
        border-radius: var(--radius-s);
        background: var(--signal-surface);
      }
      .note.merged {
        border-color: var(--ink);
        background: var(--surface-sunken);
      }
      .note > span {
        flex: 1 1 16rem;
      }
    `,
  ];

  override render() {
    if (this.into !== null) {
      return html`<div class="note merged" role="status">
        <span>${msg('Esta ficha está unida a otra. Las órdenes de las dos se ven en la que quedó.')}</span>
        <a class="button" href=${recordPath(this.table, this.into)}>${msg('Ver la que quedó')}</a>
        <button class="button" @click=${this.#unmerge}><ui-icon name="undo"></ui-icon>${msg('Separar')}</button>
      </div>`;
    }
    const twin = this.#twins.first;
    if (!twin) return nothing;
    return html`<div class="note" role="status">
      <span>${msg('Hay otra ficha que parece la misma.')} ${reasonName(twin.because)}.</span>
      <a class="button" href=${mergePath(this.table, twin.first_id, twin.second_id)}>${msg('Comparar y unir')}</a>
    </div>`;
  }

  #unmerge = async (): Promise<void> => {
    const { table, record, into } = this;
    if (into === null || !(await this.write('people.unmerge', () => unmerge(table, record)))) return;
    const undo = () => void this.write('people.merge', () => mergeInto(table, record, into));
    this.dispatchEvent(
      new ToastEvent(msg('Vuelven a ser dos fichas.'), { action: { label: msg('Deshacer'), run: undo } }),
    );
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'merged-note': MergedNote;
  }
}
