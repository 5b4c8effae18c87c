import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { IMPORT_FIELDS, type ImportEntity, type ImportMapping } from '../../shared/taller/import/fields.ts';
import { TallerElement } from '../app/element.ts';
import type { FileHead } from '../app/files/file-worker.ts';
import { locale } from '../app/localisation.ts';
import { selectStyle } from '../app/styles/fields.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';

/** Another column was chosen for a field. */
export class MappingChangedEvent extends Event {
  static readonly type = 'mapping-changed';
  readonly mapping: ImportMapping;

  constructor(mapping: ImportMapping) {
    super(MappingChangedEvent.type, { bubbles: true });
    this.mapping = mapping;
  }
}

/**
 * Which column of the file goes into which field, with the first values of each.
 *
 * @fires mapping-changed
 */
@customElement('import-mapping')
export class ImportMappingTable extends TallerElement {
  @property() accessor entity: ImportEntity = 'customers';
  @property({ attribute: false }) accessor head: FileHead | undefined;
  @property({ attribute: false }) accessor mapping: ImportMapping = {};

  static override styles = [
    shared,
    selectStyle,
    dividedListStyle,
    css`
      li {
        display: grid;
        grid-template-columns: 12rem minmax(0, 18rem) minmax(0, 1fr);
        align-items: center;
        gap: var(--space-1) var(--space-4);
        padding-block: var(--space-2);
      }
      label {
        font-weight: 600;
      }
      select.missing {
        border-color: var(--signal);
      }
      .sample {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ];

  override render() {
    const { head } = this;
    if (!head) return html``;
    return html`<ul>
      ${IMPORT_FIELDS[this.entity].map((field) => {
        const at = this.mapping[field.key];
        const isMissing = field.required && at === undefined;
        const sample =
          at === undefined ? [] : head.sample.map((row) => row[at] ?? '').filter((text) => text !== '');
        return html`<li>
          <label for=${field.key}>${field[locale()]}${field.required ? html` <span class="small quiet">${msg('obligatorio')}</span>` : ''}</label>
          <select
            id=${field.key}
            class=${isMissing ? 'missing' : ''}
            aria-invalid=${isMissing}
            .value=${at === undefined ? '' : String(at)}
            @change=${(event: Event) => this.#choose(field.key, (event.target as HTMLSelectElement).value)}
          >
            <option value="" ?selected=${at === undefined}>${msg('No está en el archivo')}</option>
            ${head.headings.map(
              (heading, index) => html`<option value=${index} ?selected=${index === at}>
                ${heading === '' ? msg(str`Columna ${index + 1}`) : heading}
              </option>`,
            )}
          </select>
          <span class="sample small quiet">${sample.join(' · ')}</span>
        </li>`;
      })}
    </ul>`;
  }

  /** A column goes into one field: whoever had it, has none now. */
  #choose(key: string, value: string): void {
    const column = value === '' ? undefined : Number(value);
    const rest = Object.entries(this.mapping).filter(([other, at]) => other !== key && at !== column);
    const mapping = Object.fromEntries(column === undefined ? rest : [...rest, [key, column]]);
    this.dispatchEvent(new MappingChangedEvent(mapping));
  }
}

declare global {
  interface HTMLElementEventMap {
    'mapping-changed': MappingChangedEvent;
  }
  interface HTMLElementTagNameMap {
    'import-mapping': ImportMappingTable;
  }
}
