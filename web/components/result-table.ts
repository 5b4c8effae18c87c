import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';

/** Rows as SQL gave them, in a table that scrolls sideways by itself. */
@customElement('result-table')
export class ResultTable extends TallerElement {
  @property({ attribute: false }) accessor rows: readonly ResultRow[] = [];
  /** Heading by column, in order; empty: the columns of the first row under their own names. */
  @property({ attribute: false }) accessor headings: Readonly<Record<string, string>> = {};
  @property() accessor label = '';

  static override styles = [
    shared,
    css`
      .scroll {
        max-block-size: 60vh;
        overflow: auto;
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
      }
      table {
        inline-size: 100%;
        border-collapse: collapse;
        font-size: var(--text-s);
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: var(--space-2) var(--space-3);
        border-block-end: var(--line) solid var(--rule);
        text-align: start;
        vertical-align: top;
        white-space: nowrap;
      }
      td.text {
        min-inline-size: 12ch;
        max-inline-size: 60ch;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      td.number,
      th.number {
        text-align: end;
      }
      tr:last-child td {
        border-block-end: 0;
      }
      th {
        position: sticky;
        inset-block-start: 0;
        background: var(--surface-sunken);
      }
    `,
  ];

  override render() {
    const [first] = this.rows;
    const names = Object.keys(this.headings);
    const columns = names.length > 0 ? names : Object.keys(first ?? {});
    const isNumber = (column: string) => typeof first?.[column] === 'number';
    return html`<div class="scroll" role="group" tabindex="0" aria-label=${this.label}>
      <table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col" class="label ${isNumber(column) ? 'number' : ''}">${this.headings[column] ?? column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${this.rows.map((row) => html`<tr>${columns.map((column) => this.#renderCell(row[column]))}</tr>`)}
        </tbody>
      </table>
    </div>`;
  }

  #renderCell(cell: ResultRow[string] | undefined) {
    if (cell === null || cell === undefined) return html`<td class="quiet">–</td>`;
    if (cell instanceof Uint8Array) return html`<td class="quiet">${cell.length} B</td>`;
    if (typeof cell === 'number') {
      return html`<td class="number">${Number.isInteger(cell) ? cell : formatQuantity(cell * 1000, locale())}</td>`;
    }
    return html`<td class=${cell.length > 24 ? 'text' : ''}>${cell}</td>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'result-table': ResultTable;
  }
}
