import { consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { type SearchHit, searchStatement } from '../../shared/taller/search.ts';
import { engineContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import { NavigateEvent } from '../app/events.ts';
import type { IconName } from '../app/icons.ts';
import { mayScan } from '../app/scan.ts';
import { shared } from '../app/styles/shared.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import './number-plate.ts';
import type { CodeScannedEvent, ScanDialog } from './scan-dialog.ts';
import './ui-icon.ts';

type Hit = SearchHit & ResultRow;

/**
 * One field for plate, VIN, name, phone and order number, with what was found below it. Ctrl+K or ⌘K goes to it. A code
 * that the camera reads, or a hand scanner types, is looked up like anything else; one of our own addresses is opened.
 */
@customElement('global-search')
export class GlobalSearch extends TallerElement {
  @consume({ context: engineContext, subscribe: true })
  @property({ attribute: false })
  accessor engine: EngineClient | undefined;

  @state() private accessor text = '';
  @state() private accessor open = false;
  /** Index of the hit that Enter opens. */
  @state() private accessor chosen = 0;
  @query('input') private accessor input!: HTMLInputElement;
  @query('scan-dialog') private accessor scanner!: ScanDialog;

  #hits = new LiveQuery<Hit>(
    this,
    () => this.engine,
    () => searchStatement(this.text, 'ES', 8),
  );

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: block;
        max-inline-size: 520px;
      }
      .field {
        position: relative;
        display: flex;
        align-items: center;
      }
      .field > ui-icon {
        position: absolute;
        inset-inline-start: 14px;
        color: var(--ink-quiet);
        pointer-events: none;
      }
      input {
        inline-size: 100%;
        min-block-size: var(--target);
        padding: 0 var(--space-4) 0 2.75rem;
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
        text-overflow: ellipsis;
      }
      .scan {
        flex: none;
        margin-inline-start: var(--space-2);
      }
      input::placeholder {
        color: var(--ink-quiet);
        opacity: 1;
      }
      ul {
        position: absolute;
        inset-block-start: calc(100% + 6px);
        inset-inline: 0;
        z-index: 5;
        margin: 0;
        padding: var(--space-2);
        list-style: none;
        background: var(--surface-raised);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        box-shadow: var(--shadow-over);
        max-block-size: 70dvh;
        overflow-y: auto;
      }
      li {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        padding: var(--space-1) var(--space-3);
        border-radius: var(--radius-s);
        cursor: pointer;
      }
      li[aria-selected='true'] {
        background: var(--hover);
      }
      .none {
        cursor: default;
        color: var(--ink-quiet);
      }
      .detail {
        flex: none;
        max-inline-size: 50%;
        margin-inline-start: auto;
        color: var(--ink-quiet);
        font-size: var(--text-s);
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      @media (max-width: 699px), (orientation: portrait) {
        ul {
          position: fixed;
          inset: calc(var(--top-bar) + 4px) var(--space-2) auto;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#shortcut);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#shortcut);
  }

  override render() {
    const searching = this.open && this.text.trim().length > 1;
    return html`
      <div class="field" role="search">
        <ui-icon name="search"></ui-icon>
        <input
          type="search"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          aria-label=${msg('Buscar')}
          placeholder=${msg('Matrícula, nombre, teléfono, orden…')}
          aria-expanded=${searching}
          aria-controls="hits"
          aria-activedescendant=${searching && this.#hits.rows.length > 0 ? `hit-${this.chosen}` : nothing}
          .value=${this.text}
          @input=${this.#type}
          @keydown=${this.#key}
          @focus=${this.#show}
          @blur=${this.#hide}
        />
        ${
          mayScan()
            ? html`<button class="button scan" aria-label=${msg('Leer un código')} title=${msg('Leer un código')} @click=${this.#scan}>
                <ui-icon name="scan"></ui-icon>
              </button>`
            : nothing
        }
      </div>
      <scan-dialog @code-scanned=${({ text }: CodeScannedEvent) => void this.#lookUp(text)}></scan-dialog>
      ${searching ? this.#renderHits() : nothing}
    `;
  }

  #renderHits() {
    const hits = this.#hits.rows;
    return html`<ul id="hits" role="listbox" aria-label=${msg('Resultados')} @pointerdown=${keepFocus}>
      ${
        hits.length === 0 && this.#hits.state.name === 'rows'
          ? html`<li class="none" role="option" aria-selected="false">${msg(str`Nada con «${this.text}»`)}</li>`
          : nothing
      }
      ${hits.map(
        (hit, index) => html`<li
          id="hit-${index}"
          role="option"
          aria-selected=${index === this.chosen}
          @click=${() => this.#go(hit)}
        >
          ${
            hit.kind === 'vehicle'
              ? html`<number-plate value=${hit.title}></number-plate>`
              : html`<ui-icon name=${ICONS[hit.kind]}></ui-icon><span>${hit.title}</span>`
          }
          <span class="detail">${hit.detail}</span>
        </li>`,
      )}
    </ul>`;
  }

  #type = (event: Event): void => {
    this.text = (event.target as HTMLInputElement).value;
    this.chosen = 0;
    this.open = true;
  };

  #show = (): void => {
    this.open = true;
  };

  #hide = (): void => {
    this.open = false;
  };

  #key = (event: KeyboardEvent): void => {
    const count = this.#hits.rows.length;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.chosen = count === 0 ? 0 : (this.chosen + step + count) % count;
    } else if (event.key === 'Enter') {
      void this.#openFound();
    } else if (event.key === 'Escape') {
      this.open = false;
    }
  };

  #shortcut = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.input.focus();
    this.input.select();
  };

  /** Who types quickly, or with a scanner, presses Enter before the list has followed: it is asked for what stands there. */
  async #openFound(): Promise<void> {
    const statement = searchStatement(this.text, 'ES', 8);
    if (!statement || !this.engine) return;
    const hits = await this.engine.query<Hit>(statement);
    const hit = hits[this.chosen];
    if (hit) this.#go(hit);
  }

  #scan = async (): Promise<void> => {
    await import('./scan-dialog.ts');
    await this.scanner.open();
  };

  async #lookUp(code: string): Promise<void> {
    const url = URL.canParse(code) ? new URL(code) : undefined;
    if (url?.origin === location.origin) {
      this.dispatchEvent(new NavigateEvent(url.pathname + url.search));
      return;
    }
    this.input.focus();
    this.text = code;
    this.chosen = 0;
    this.open = true;
    const hits =
      (await this.engine?.query<Hit>(searchStatement(code, 'ES', 2) ?? { sql: 'select 1 where 0' })) ?? [];
    const [hit] = hits;
    if (hit && hits.length === 1) this.#go(hit);
  }

  #go(hit: Hit): void {
    this.text = '';
    this.open = false;
    this.input.blur();
    this.dispatchEvent(new NavigateEvent(`${PATHS[hit.kind]}/${hit.id}`));
  }
}

const ICONS: Readonly<Record<SearchHit['kind'], IconName>> = {
  vehicle: 'car',
  customer: 'user',
  order: 'orders',
  item: 'parts',
};

const PATHS: Readonly<Record<SearchHit['kind'], string>> = {
  vehicle: '/vehiculos',
  customer: '/clientes',
  order: '/ordenes',
  item: '/inventario',
};

/** The list is used while the field keeps the focus. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementTagNameMap {
    'global-search': GlobalSearch;
  }
}
