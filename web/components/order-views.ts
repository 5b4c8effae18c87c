import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { idFor, insert } from '../../shared/taller/flows/statement.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { NavigateEvent, ToastEvent } from '../app/events.ts';
import { orderPagePath, readOrderPageView } from '../app/order-filter.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface SavedViewRow extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
  readonly filter_json: string;
  readonly shared: number;
}

const SCREEN = 'ordenes';

/**
 * The views of the orders page that were kept under a name, one's own and those that everyone sees: to go to one, to keep
 * the present one, to remove one's own.
 */
@customElement('order-views')
export class OrderViews extends ConnectedElement {
  /** Address of the view that is shown. */
  @property() accessor path = '';
  @state() private accessor open = false;

  #views = new LiveQuery<SavedViewRow>(
    this,
    () => this.engine,
    () => sql`
      select id, name, owner_id, filter_json, shared from saved_views
      where screen = ${SCREEN} and (owner_id = ${this.session?.user ?? ''} or shared = 1)
      order by name, id`,
  );

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      ul {
        display: grid;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--space-2);
      }
      a.button {
        justify-content: flex-start;
      }
      a[aria-current] {
        border-color: var(--ink);
        border-width: var(--line-strong);
      }
      form {
        padding-block-start: var(--space-4);
        border-block-start: var(--line) solid var(--rule);
      }
      .everyone {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
      }
      .everyone input {
        inline-size: 24px;
        block-size: 24px;
        margin: 0;
        accent-color: var(--ink);
      }
      input[name='name'] {
        inline-size: 100%;
        min-block-size: var(--target);
        padding-inline: var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
      }
    `,
  ];

  override render() {
    return html`<button class="button" aria-haspopup="dialog" @click=${() => this.#show(true)}>
        <ui-icon name="bookmark"></ui-icon>${msg('Vistas')}
      </button>
      ${this.open ? this.#renderDialog() : nothing}`;
  }

  #renderDialog() {
    const views = this.#views.rows;
    return html`<wa-dialog open light-dismiss label=${msg('Vistas guardadas')} @wa-after-hide=${() => this.#show(false)}>
      <div class="stack">
        ${views.length === 0 ? html`<p class="quiet">${msg('Elige filtros y guárdalos aquí con un nombre.')}</p>` : nothing}
        <ul>
          ${views.map((view) => this.#renderView(view))}
        </ul>
        <form class="stack" @submit=${this.#keep}>
          <label for="name" class="label">${msg('Guardar lo que se ve ahora como')}</label>
          <input id="name" name="name" required maxlength="60" autocomplete="off" />
          <label class="everyone"><input type="checkbox" name="shared" />${msg('También para los demás')}</label>
          <button class="button main" type="submit"><ui-icon name="check"></ui-icon>${msg('Guardar vista')}</button>
        </form>
      </div>
    </wa-dialog>`;
  }

  #renderView(view: SavedViewRow) {
    const path = pathOf(view);
    return html`<li>
      <a class="button" href=${path} aria-current=${path === this.path ? 'true' : nothing} @click=${() => this.#show(false)}>
        ${view.name}${view.shared === 1 ? html`<ui-icon name="customers" label=${msg('La ven todos')}></ui-icon>` : nothing}
      </a>
      ${
        view.owner_id === this.session?.user
          ? html`<button class="button bare" aria-label=${msg(str`Quitar la vista ${view.name}`)} @click=${() => this.#remove(view)}>
              <ui-icon name="trash"></ui-icon>
            </button>`
          : nothing
      }
    </li>`;
  }

  #show(open: boolean): void {
    this.open = open;
  }

  #keep = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const name = String(form.get('name') ?? '').trim();
    if (name === '') return;
    const view = readOrderPageView(new URL(this.path, location.origin).searchParams);
    const kept = await this.write('view.save', (actor) => [
      insert('saved_views', idFor(actor), {
        owner_id: actor.user,
        screen: SCREEN,
        name,
        filter_json: JSON.stringify(view),
        shared: form.has('shared') ? 1 : 0,
      }),
    ]);
    if (!kept) return;
    this.open = false;
    this.dispatchEvent(new ToastEvent(msg(str`Vista «${name}» guardada.`)));
  };

  async #remove(view: SavedViewRow): Promise<void> {
    const { id, name, owner_id, filter_json, shared: everyone } = view;
    const removed = await this.write('view.remove', () => [
      { sql: 'delete from saved_views where id = ?', params: [id] },
    ]);
    if (!removed) return;
    const action = {
      label: msg('Deshacer'),
      run: () =>
        void this.write('view.save', () => [
          insert('saved_views', id, { owner_id, screen: SCREEN, name, filter_json, shared: everyone }),
        ]),
    };
    this.dispatchEvent(new ToastEvent(msg(str`Vista «${name}» quitada.`), { action }));
    if (pathOf(view) === this.path) this.dispatchEvent(new NavigateEvent('/ordenes', { replace: true }));
  }
}

/** What another version of the application wrote there still gives some view. */
function pathOf({ filter_json }: SavedViewRow): string {
  const kept = JSON.parse(filter_json) as Record<string, unknown>;
  const { searchParams } = new URL(orderPagePath(kept), location.origin);
  return orderPagePath(readOrderPageView(searchParams));
}

declare global {
  interface HTMLElementTagNameMap {
    'order-views': OrderViews;
  }
}
