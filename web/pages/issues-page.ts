import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { IS_LATE } from '../app/late-parts.ts';
import { IS_TAKEN_TWICE } from '../app/options-twice.ts';
import { TallerPage } from '../app/page.ts';
import { type PairRow, pairsQuery } from '../app/people.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import { type RunningEntry, runningTwiceQuery } from '../app/technician.ts';
import { type ViolationRow, violationsQuery } from '../app/violations.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/conflict-list.ts';
import '../components/duplicate-list.ts';
import '../components/late-parts.ts';
import '../components/options-twice.ts';
import '../components/running-twice.ts';
import '../components/signed-twice.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';
import '../components/violation-list.ts';

/** More pairs than a person mends in one go. */
const MAX_PAIRS = 100;

/** What needs a person: two values for one cell, rules that merged rows break, and people or vehicles that are there twice. */
@customElement('issues-page')
export class IssuesPage extends TallerPage {
  #violations = new LiveQuery<ViolationRow>(this, () => this.engine, violationsQuery);
  #late = new LiveQuery<ResultRow & { readonly late: number }>(
    this,
    () => this.engine,
    () => sql`select count(*) as late from _violation where ${IS_LATE}`,
  );
  #options = new LiveQuery<ResultRow & { readonly taken: number }>(
    this,
    () => this.engine,
    () => sql`select count(*) as taken from _violation where ${IS_TAKEN_TWICE}`,
  );
  #pairs = new LiveQuery<PairRow>(
    this,
    () => this.engine,
    () => pairsQuery(MAX_PAIRS),
  );

  /** Of technicians whose clock runs more than once. */
  #running = new LiveQuery<RunningEntry>(this, () => this.engine, runningTwiceQuery);

  static override styles = [shared, columnStyle];

  override render() {
    const conflicts = this.sync?.conflicts ?? 0;
    const violations = this.#violations.rows;
    const pairs = this.#pairs.rows;
    const late = this.#late.first?.late ?? 0;
    const technicians = [...new Set(this.#running.rows.map(({ technician_id }) => technician_id))];
    const options = this.#options.first?.taken ?? 0;
    const none = conflicts + violations.length + pairs.length + technicians.length + late + options === 0;
    return html`
      <h1>${msg('Para revisar')}</h1>
      ${
        none
          ? html`<state-note icon="check" heading=${msg('Nada que revisar')} text=${msg('Aquí aparece lo que dos tabletas cambiaron a la vez y lo que está repetido.')}></state-note>`
          : nothing
      }
      ${
        conflicts === 0
          ? nothing
          : html`<section class="stack" aria-label=${msg('Cambios a la vez')}>
              <h2>${msg('Cambios a la vez')}</h2>
              <conflict-list></conflict-list>
            </section>`
      }
      ${
        technicians.length === 0
          ? nothing
          : html`<section class="stack" aria-label=${msg('Relojes en marcha a la vez')}>
              <h2>${msg('Relojes en marcha a la vez')}</h2>
              ${technicians.map(
                (id) => html`<running-twice
                  .entries=${this.#running.rows.filter((entry) => entry.technician_id === id)}
                ></running-twice>`,
              )}
            </section>`
      }
      <signed-twice></signed-twice>
      <options-twice></options-twice>
      <late-parts></late-parts>
      ${pairs.length === 0 ? nothing : this.#renderPairs(pairs)}
      ${violations.length === 0 ? nothing : this.#renderViolations(violations)}
    `;
  }

  #renderPairs(pairs: readonly PairRow[]) {
    return html`<section class="stack" aria-label=${msg('Repetidos')}>
      <h2>${msg('Repetidos')}</h2>
      <duplicate-list .pairs=${pairs}></duplicate-list>
    </section>`;
  }

  #renderViolations(violations: readonly ViolationRow[]) {
    return html`<section class="stack" aria-label=${msg('Reglas incumplidas')}>
      <h2>${msg('Reglas incumplidas')}</h2>
      <violation-list .violations=${violations}></violation-list>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'issues-page': IssuesPage;
  }
}
