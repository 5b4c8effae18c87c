import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { mergeInto, unmerge } from '../../shared/taller/flows/people-flow.ts';
import { ToastEvent } from '../app/events.ts';
import { renderLive } from '../app/live.ts';
import { TallerPage } from '../app/page.ts';
import { type MergedRow, mergedQuery, type PairRow, pairsQuery, recordPath } from '../app/people.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/duplicate-list.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

/** More than a person mends in one go. */
const MAX_ROWS = 200;

/** Who and what is there twice, and what was merged already and can be taken apart again. */
@customElement('duplicates-page')
export class DuplicatesPage extends TallerPage {
  #pairs = new LiveQuery<PairRow>(
    this,
    () => this.engine,
    () => pairsQuery(MAX_ROWS),
  );
  #merged = new LiveQuery<MergedRow>(
    this,
    () => this.engine,
    () => mergedQuery(MAX_ROWS),
  );

  static override styles = [
    shared,
    dividedListStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-5);
        max-inline-size: 980px;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2) var(--space-4);
        min-block-size: 56px;
        padding-block: var(--space-2);
      }
    `,
  ];

  override render() {
    return html`
      <div class="stack">
        <h1>${msg('Fichas repetidas')}</h1>
        <p class="quiet">${msg('Clientes y vehículos que comparten matrícula, bastidor, NIF o teléfono. Unirlos no reescribe ninguna orden.')}</p>
      </div>
      ${renderLive(this.#pairs, {
        empty: () => html`<state-note icon="check" heading=${msg('No hay fichas repetidas')}></state-note>`,
        rows: (rows) => html`<duplicate-list .pairs=${rows}></duplicate-list>`,
      })}
      ${this.#merged.rows.length === 0 ? nothing : this.#renderMerged()}
    `;
  }

  #renderMerged() {
    return html`<section class="panel stack" aria-label=${msg('Unidas')}>
      <h2>${msg('Unidas')}</h2>
      <ul>
        ${repeat(
          this.#merged.rows,
          (row) => row.id,
          (row) => html`<li data-merged=${row.id}>
            <div>
              <span>${row.name}</span>
              <div class="small quiet">
                ${msg('Ahora es')} <a href=${recordPath(row.kind, row.into_id)}>${row.into_name}</a>
              </div>
            </div>
            <button class="button" aria-label=${msg(str`Separar ${row.name}`)} @click=${() => this.#unmerge(row)}>
              <ui-icon name="undo"></ui-icon>${msg('Separar')}
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  async #unmerge(row: MergedRow): Promise<void> {
    if (!(await this.write('people.unmerge', () => unmerge(row.kind, row.id)))) return;
    const undo = () => void this.write('people.merge', () => mergeInto(row.kind, row.id, row.into_id));
    this.dispatchEvent(
      new ToastEvent(msg('Vuelven a ser dos fichas.'), { action: { label: msg('Deshacer'), run: undo } }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'duplicates-page': DuplicatesPage;
  }
}
