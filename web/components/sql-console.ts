import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { MAX_CONSOLE_ROWS, type ReadOnlySql, readOnlySql } from '../app/read-only-sql.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import './result-table.ts';
import './ui-icon.ts';

type Outcome =
  | { readonly name: 'none' }
  | { readonly name: 'running' }
  | { readonly name: 'refused'; readonly message: string }
  | {
      readonly name: 'rows';
      readonly rows: readonly ResultRow[];
      readonly isCut: boolean;
      readonly ms: number;
    };

/** Reads the device's database in SQL; refuses to write, and says what went wrong in words. */
@customElement('sql-console')
export class SqlConsole extends ConnectedElement {
  @state() private accessor text = 'select * from _document';
  @state() private accessor outcome: Outcome = { name: 'none' };

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-3);
      }
      .stack {
        grid-template-columns: minmax(0, 1fr);
      }
      textarea {
        inline-size: 100%;
        min-block-size: calc(var(--target) * 2);
        padding: var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface);
        color: var(--ink);
        font: var(--text-m) / 1.4 ui-monospace, monospace;
        resize: vertical;
      }
    `,
  ];

  override render() {
    return html`
      <textarea
        aria-label=${msg('Consulta SQL')}
        spellcheck="false"
        autocapitalize="off"
        .value=${this.text}
        @input=${this.#edit}
        @keydown=${this.#runOnEnter}
      ></textarea>
      <div class="row spread">
        <span class="small quiet">${msg('Solo lectura: select, with, explain y pragma.')}</span>
        <button class="button" ?disabled=${this.outcome.name === 'running'} @click=${this.#run}>${msg('Ejecutar')}</button>
      </div>
      <div role="status">${this.#renderOutcome(this.outcome)}</div>
    `;
  }

  #renderOutcome(outcome: Outcome) {
    switch (outcome.name) {
      case 'none':
      case 'running':
        return nothing;
      case 'refused':
        return html`<p class="signal">${outcome.message}</p>`;
      case 'rows':
        return html`<div class="stack">
          <p class="small quiet">
            ${msg(str`Filas: ${outcome.rows.length} · ${formatQuantity(Math.round(outcome.ms * 10) * 100, locale())} ms`)}
            ${outcome.isCut ? html`· ${msg(str`Solo las primeras ${MAX_CONSOLE_ROWS}.`)}` : nothing}
          </p>
          ${outcome.rows.length === 0 ? nothing : html`<result-table label=${msg('Resultado')} .rows=${outcome.rows}></result-table>`}
        </div>`;
    }
  }

  #edit = (event: InputEvent): void => {
    this.text = (event.target as HTMLTextAreaElement).value;
  };

  #runOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void this.#run();
  };

  #run = async (): Promise<void> => {
    const { engine } = this;
    if (!engine) return;
    const statement = readOnlySql(this.text);
    if (statement.type === 'refused') {
      this.outcome = { name: 'refused', message: refusalText(statement.because) };
      return;
    }
    this.outcome = { name: 'running' };
    const startMs = performance.now();
    try {
      const rows = await engine.query(statement.sql);
      this.outcome = {
        name: 'rows',
        rows: rows.slice(0, MAX_CONSOLE_ROWS),
        isCut: rows.length > MAX_CONSOLE_ROWS,
        ms: performance.now() - startMs,
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.outcome = { name: 'refused', message: msg(str`SQLite no entiende la consulta: ${reason}`) };
    }
  };
}

function refusalText(because: Extract<ReadOnlySql, { type: 'refused' }>['because']): string {
  switch (because) {
    case 'empty':
      return msg('Escribe una consulta.');
    case 'several':
      return msg('Una consulta cada vez.');
    case 'pragma':
      return msg('Este pragma podría cambiar algo; aquí solo se lee.');
    case 'not-a-read':
      return msg('Aquí solo se lee: empieza por select, with, explain o pragma.');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sql-console': SqlConsole;
  }
}
