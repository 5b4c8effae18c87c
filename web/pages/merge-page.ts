import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { suggestKept } from '../../shared/taller/duplicates.ts';
import { mergeRecords, type RecordCells, takeBackMerge } from '../../shared/taller/flows/people-flow.ts';
import { NavigateEvent, ToastEvent } from '../app/events.ts';
import { formatDate } from '../app/format.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { type PeopleTable, type RecordField, recordFields, recordPath } from '../app/people.ts';
import { may, permissionsQuery } from '../app/permissions.ts';
import { footStyle } from '../app/styles/foot.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

type RecordRow = ResultRow & {
  readonly id: string;
  readonly created_at: number;
  readonly merged_into_id: string | null;
  readonly orders: number;
  readonly last_at: number | null;
};

/** Whose cell the row that stays gets; `both`: the notes of both, one below the other. */
type Choice = 'first' | 'second' | 'both';

/** Two customers or two vehicles that are one: which stays, and for each field whose value. */
@customElement('merge-page')
export class MergePage extends TallerPage {
  /** What the person chose; the rest is proposed. */
  @state() private accessor kept: 'first' | 'second' | undefined;
  @state() private accessor choices: ReadonlyMap<string, Choice> = new Map();
  @state() private accessor isMerging = false;

  #records = new LiveQuery<RecordRow>(
    this,
    () => this.engine,
    () => {
      const table = { sql: this.#table, params: [] };
      const column = { sql: this.#table === 'customers' ? 'customer_id' : 'vehicle_id', params: [] };
      return sql`
        select t.*, (select count(*) from work_orders o where o.${column} = t.id) as orders,
          (select max(o.opened_at) from work_orders o where o.${column} = t.id) as last_at
        from ${table} t where t.id in (${this.params.first}, ${this.params.second})`;
    },
  );
  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);

  static override styles = [
    shared,
    footStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1080px;
      }
      fieldset {
        min-inline-size: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      .field {
        display: grid;
        grid-template-columns: 11rem minmax(0, 1fr) minmax(0, 1fr);
        align-items: stretch;
        gap: var(--space-2) var(--space-3);
      }
      .field + .field {
        margin-block-start: var(--space-2);
      }
      .name {
        align-self: center;
        font-weight: 600;
        font-size: var(--text-s);
      }
      label {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      .value {
        white-space: pre-line;
      }
      .what {
        display: grid;
        justify-items: start;
        gap: var(--space-1);
      }
      label:has(input:checked) {
        border-color: var(--ink);
        box-shadow: inset 0 0 0 1px var(--ink);
      }
      label:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
      input {
        inline-size: 20px;
        block-size: 20px;
        margin: 0;
        accent-color: var(--ink);
        outline: none;
      }
      .same,
      .both {
        grid-column: 2 / -1;
      }
      .same {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        min-block-size: var(--target);
        padding-inline: var(--space-4);
        color: var(--ink-quiet);
      }
      .record {
        align-items: start;
        align-content: start;
        padding-block: var(--space-3);
      }
      .record strong {
        font-size: var(--text-l);
      }
      .foot {
        padding-block: var(--space-3);
        background: var(--surface);
        border-block-start: var(--line) solid var(--rule);
      }
      @media (max-width: 699px) {
        .field {
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        }
        .name,
        .same,
        .both {
          grid-column: 1 / -1;
        }
        label {
          padding-inline: var(--space-3);
          gap: var(--space-2);
        }
        .record {
          grid-template-columns: minmax(0, 1fr);
        }
        .record number-plate {
          --plate-size: 0.95rem;
        }
      }
    `,
  ];

  override render() {
    switch (this.#records.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#records.state.failure.message);
      case 'rows': {
        const [first, second] = this.#pair();
        return first && second && first.id !== second.id
          ? this.#renderPair(first, second)
          : html`<state-note page icon="customers" heading=${msg('Estas fichas no están en este dispositivo')}>
              <a class="button" href="/repetidos">${msg('Fichas repetidas')}</a>
            </state-note>`;
      }
    }
  }

  #renderPair(first: RecordRow, second: RecordRow) {
    const fields = recordFields(this.#table).filter(
      ({ column }) => !isEmpty(first[column]) || !isEmpty(second[column]),
    );
    const merged = first.merged_into_id ?? second.merged_into_id;
    const allowed = may(this.session, this.#permissions.rows, 'customer.merge');
    return html`
      <div class="stack">
        <h1>${this.#table === 'customers' ? msg('¿Son el mismo cliente?') : msg('¿Son el mismo vehículo?')}</h1>
        <p class="quiet">${msg('Elige qué ficha se queda y, campo a campo, qué dato vale. La otra apuntará a ella; sus órdenes no se reescriben.')}</p>
      </div>
      <section class="panel">
        <fieldset class="field" aria-label=${msg('Ficha que se queda')}>
          <span class="name">${msg('Ficha que se queda')}</span>
          ${this.#renderRecord('first', first)} ${this.#renderRecord('second', second)}
        </fieldset>
        ${fields.map((field) => this.#renderField(field, first, second))}
      </section>
      <div class="row spread foot">
        <span class="quiet">${this.#sentence(first, second, merged, allowed)}</span>
        <div class="row">
          <a class="button" href="/repetidos">${msg('No son lo mismo')}</a>
          <button
            class="button main"
            ?disabled=${this.isMerging || merged !== null || !allowed}
            @click=${() => this.#merge(first, second)}
          >
            <ui-icon name="check"></ui-icon>${msg('Unir en una ficha')}
          </button>
        </div>
      </div>
    `;
  }

  #sentence(first: RecordRow, second: RecordRow, merged: string | null, allowed: boolean): string {
    if (merged !== null) return msg('Una de las dos ya está unida a otra ficha.');
    if (!allowed) return msg('Para unir fichas hace falta permiso.');
    return msg(str`Órdenes: ${first.orders + second.orders}`);
  }

  #renderRecord(side: 'first' | 'second', row: RecordRow) {
    const title = this.#table === 'customers' ? row.name : `${row.make} ${row.model}`.trim();
    return html`<label class="record">
      <input
        type="radio"
        name="kept"
        .checked=${this.#keptSide() === side}
        @change=${() => {
          this.kept = side;
        }}
      />
      <span class="what">
        ${this.#table === 'vehicles' ? html`<number-plate value=${String(row.plate)} country=${String(row.plate_country)}></number-plate>` : nothing}
        <strong>${title}</strong>
        <span class="small quiet">${msg(str`Órdenes: ${row.orders}`)} · ${row.last_at === null ? msg(str`Creada el ${formatDate(row.created_at, locale())}`) : msg(str`Última visita: ${formatDate(row.last_at, locale())}`)}</span>
      </span>
    </label>`;
  }

  #renderField(field: RecordField, first: RecordRow, second: RecordRow) {
    const [a, b] = [textOf(first[field.column]), textOf(second[field.column])];
    if (a === b) {
      return html`<div class="field">
        <span class="name">${field.label}</span><span class="same"><ui-icon name="check"></ui-icon>${a}</span>
      </div>`;
    }
    const chosen = this.#choiceOf(field.column);
    const option = (choice: Choice, text: string) => html`<label class=${choice}>
      <input
        type="radio"
        name=${field.column}
        .checked=${chosen === choice}
        @change=${() => this.#choose(field.column, choice)}
      />
      <span class=${text === '' ? 'quiet' : 'value'}>${text === '' ? msg('Sin dato') : text}</span>
    </label>`;
    const isJoinable = field.column === 'notes' && a !== '' && b !== '';
    return html`<fieldset class="field" aria-label=${field.label}>
      <span class="name">${field.label}</span>
      ${option('first', a)} ${option('second', b)} ${isJoinable ? option('both', msg('Las dos notas, una debajo de otra')) : nothing}
    </fieldset>`;
  }

  get #table(): PeopleTable {
    return this.params.kind === 'vehiculos' ? 'vehicles' : 'customers';
  }

  #pair(): readonly [RecordRow | undefined, RecordRow | undefined] {
    const { rows } = this.#records;
    return [
      rows.find(({ id }) => id === this.params.first),
      rows.find(({ id }) => id === this.params.second),
    ];
  }

  #keptSide(): 'first' | 'second' {
    if (this.kept) return this.kept;
    const [first, second] = this.#pair();
    // The one with more orders is the one that people know; of equals the fuller.
    if (!first || !second) return 'first';
    if (first.orders !== second.orders) return first.orders > second.orders ? 'first' : 'second';
    return suggestKept(first, second) === first ? 'first' : 'second';
  }

  /** What was chosen, else both notes, else the value of the row that stays, unless it has none. */
  #choiceOf(column: string): Choice {
    const chosen = this.choices.get(column);
    if (chosen) return chosen;
    const [first, second] = this.#pair();
    if (isEmpty(first?.[column])) return 'second';
    if (isEmpty(second?.[column])) return 'first';
    return column === 'notes' ? 'both' : this.#keptSide();
  }

  #choose(column: string, choice: Choice): void {
    this.choices = new Map(this.choices).set(column, choice);
  }

  async #merge(first: RecordRow, second: RecordRow): Promise<void> {
    const [kept, twin] = this.#keptSide() === 'first' ? [first, second] : [second, first];
    const table = this.#table;
    const cells: Record<string, RecordCells[string]> = {};
    const before: Record<string, RecordCells[string]> = {};
    for (const { column } of recordFields(table)) {
      const [a, b] = [first[column] ?? null, second[column] ?? null];
      const choice = this.#choiceOf(column);
      const value = choice === 'both' ? `${a}\n${b}` : choice === 'first' ? a : b;
      if (value === kept[column]) continue;
      cells[column] = value;
      before[column] = kept[column] ?? null;
    }
    this.isMerging = true;
    const merged = await this.write('people.merge', () => mergeRecords(table, twin.id, kept.id, cells));
    this.isMerging = false;
    if (!merged) return;
    const { engine } = this;
    const undo = () =>
      void engine?.transaction(takeBackMerge(table, twin.id, kept.id, before), { label: 'people.unmerge' });
    this.dispatchEvent(
      new ToastEvent(msg('Ahora son una sola ficha.'), { action: { label: msg('Deshacer'), run: undo } }),
    );
    this.dispatchEvent(new NavigateEvent(recordPath(table, kept.id), { replace: true }));
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function textOf(value: unknown): string {
  return isEmpty(value) ? '' : String(value);
}

declare global {
  interface HTMLElementTagNameMap {
    'merge-page': MergePage;
  }
}
