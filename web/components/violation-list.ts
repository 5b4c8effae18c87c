import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { reopenViolations, reviewViolations } from '../../shared/taller/flows/review-flow.ts';
import { columnName, tableName } from '../app/column-names.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent, tellShell } from '../app/events.ts';
import { formatDateTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { type BrokenRow, brokenRows, type ViolationRow } from '../app/violations.ts';
import './ui-icon.ts';

/** Rules that merged rows break, each with the way to where it is mended, and to leave it as it is with a reason. */
@customElement('violation-list')
export class ViolationList extends ConnectedElement {
  @property({ attribute: false }) accessor violations: readonly ViolationRow[] = [];
  /** About to be left as it is. */
  @state() private accessor asking: BrokenRow | undefined;

  static override styles = [
    shared,
    cardListStyle,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
      }
      .what {
        flex: 1;
        min-inline-size: min(100%, 16rem);
      }
      p {
        max-inline-size: var(--measure);
      }
    `,
  ];

  override render() {
    return html`<ul>
        ${repeat(
          brokenRows(this.violations),
          ({ key }) => key,
          (row) => this.#renderRow(row),
        )}
      </ul>
      ${this.asking ? this.#renderQuestion(this.asking) : nothing}`;
  }

  #renderRow(row: BrokenRow) {
    const { first, rules } = row;
    const columns = rules.filter((rule) => rule !== '').map(columnName);
    const what = nameOf(row);
    return html`<li data-row=${first.row_id}>
      <div class="what">
        ${first.path === '' ? what : html`<a href=${first.path}>${what}</a>`}${columns.length === 0 ? nothing : ` · ${columns.join(', ')}`}
        <div class="signal">${violationName(first.kind)}</div>
        ${
          first.at === null
            ? nothing
            : html`<div class="small quiet">${first.who} · ${formatDateTime(first.at, this.now, locale())}</div>`
        }
      </div>
      <button class="button" aria-label=${msg(str`Dejar como está: ${what}`)} @click=${() => this.#ask(row)}>
        <ui-icon name="check"></ui-icon>${msg('Dejar como está')}
      </button>
    </li>`;
  }

  #renderQuestion(row: BrokenRow) {
    const isClosed = row.first.kind === 'sealed' || row.first.kind === 'append-only';
    return html`<wa-dialog open label=${msg(str`¿Dejar como está: ${nameOf(row)}?`)} @wa-after-hide=${() => this.#ask(undefined)}>
      <form class="stack" @submit=${(event: SubmitEvent) => this.#review(event, row)}>
        <p>
          ${
            isClosed
              ? msg(
                  'Lo que ya estaba cerrado vale como estaba: lo que llegó después no se ha tomado. Si hace falta, apúntalo en un comentario de la orden.',
                )
              : msg(
                  'Si se puede arreglar, ábrelo y corrígelo: desaparece solo. Si no, di por qué se queda así.',
                )
          }
        </p>
        <wa-textarea name="reason" label=${msg('Motivo')} required rows="2"></wa-textarea>
        <div class="row">
          <button class="button main" type="submit">${msg('Dejar como está')}</button>
          <button class="button" type="button" @click=${() => this.#ask(undefined)}>${msg('Volver')}</button>
        </div>
      </form>
    </wa-dialog>`;
  }

  #ask(row: BrokenRow | undefined): void {
    this.asking = row;
  }

  async #review(event: SubmitEvent, row: BrokenRow): Promise<void> {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim();
    if (reason === '') return;
    this.#ask(undefined);
    let ids: readonly string[] = [];
    const reviewed = await this.write('violation.review', (actor) => {
      const made = reviewViolations(actor, row.violations, reason);
      ids = made.ids;
      return made.statements;
    });
    if (!reviewed) return;
    const reopen = () => void this.write('violation.review', () => reopenViolations(ids));
    const action = { label: msg('Deshacer'), run: reopen };
    // The list goes with its last row; the shell is there still.
    tellShell(new ToastEvent(msg(str`Se queda como está: ${nameOf(row)}`), { action }));
  }
}

function nameOf({ first: { table_name, name } }: BrokenRow): string {
  return [tableName(table_name), name].filter((part) => part !== '').join(' ');
}

function violationName(kind: string): string {
  switch (kind) {
    case 'unique':
      return msg('Está repetido');
    case 'reference':
      return msg('Falta la ficha a la que apunta');
    case 'sealed':
    case 'append-only':
      return msg('Se cambió algo que ya estaba cerrado');
    default:
      return msg('Valor no permitido');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'violation-list': ViolationList;
  }
}
