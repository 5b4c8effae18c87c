import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import {
  type DayFigures,
  dayQuery,
  type Moments,
  type TechnicianNow,
  teamQuery,
  tilesOf,
} from '../app/day.ts';
import type { IconName } from '../app/icons.ts';
import { renderLive } from '../app/live.ts';
import { type OrderSummary, readyOrdersQuery, urgentOrdersQuery } from '../app/orders.ts';
import { TallerPage } from '../app/page.ts';
import { type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/order-lines-brief.ts';
import '../components/sync-health.ts';
import '../components/team-now.ts';
import '../components/ui-icon.ts';

/** A minute's precision keeps the statements, and so the watches, the same for a minute. */
const MINUTE_MS = 60_000;

/** The workshop's day at a glance, as each role needs it: what needs somebody, what is promised, and where to begin. */
@customElement('home-page')
export class HomePage extends TallerPage {
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #figures = new LiveQuery<DayFigures>(
    this,
    () => this.engine,
    () => dayQuery(this.session?.user ?? '', this.#moments),
  );
  /** For the cashier what can be fetched, for everyone else what was promised; a technician's own. */
  #orders = new LiveQuery<OrderSummary>(
    this,
    () => this.engine,
    () => {
      if (this.#role === 'caja') return readyOrdersQuery();
      const technician = this.#role === 'mecanico' ? (this.session?.user ?? '') : '';
      return urgentOrdersQuery(this.#moments.dayEndMs, technician);
    },
  );
  #team = new LiveQuery<TechnicianNow>(
    this,
    () => this.engine,
    () => (this.#role === 'admin' || this.#role === 'recepcion' ? teamQuery() : undefined),
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-5);
        max-inline-size: 1240px;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: var(--space-3);
      }
      /* What only sometimes is there takes the whole row, so that the six stay in their places. */
      .rest {
        grid-column: 1 / -1;
        display: grid;
        gap: var(--space-2);
      }
      .note {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--signal);
        border-radius: var(--radius-m);
        background: var(--signal-surface);
        color: var(--signal-text);
        font-weight: 650;
        text-decoration: none;
      }
      .tile {
        display: grid;
        gap: var(--space-2);
        align-content: space-between;
        min-block-size: 116px;
        padding: var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-l);
        background: var(--surface-raised);
        text-decoration: none;
      }
      .tile:hover {
        background: linear-gradient(var(--hover), var(--hover)) var(--surface-raised);
      }
      .tile.act {
        border-color: var(--signal);
        background: var(--signal-surface);
        color: var(--signal-text);
      }
      .big {
        font-size: 2.75rem;
        line-height: 0.9;
      }
      @media (max-width: 699px) {
        .figures {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
      .name {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        font-weight: 600;
      }
    `,
  ];

  get #role(): string {
    return this.session?.role ?? '';
  }

  get #moments(): Moments {
    const nowMs = Math.floor(this.now / MINUTE_MS) * MINUTE_MS;
    const day = new Date(nowMs);
    const dayStartMs = day.setHours(0, 0, 0, 0);
    return { nowMs, dayStartMs, dayEndMs: new Date(dayStartMs).setHours(23, 59, 59, 999) };
  }

  override render() {
    const name = (this.session?.displayName ?? '').split(' ')[0] ?? '';
    return html`
      <div class="row spread">
        <h1>${greeting(this.now)}${name ? `, ${name}` : ''}</h1>
        ${this.#renderStart()}
      </div>
      ${this.#figures.first ? this.#renderFigures(this.#figures.first) : nothing}
      ${this.#renderOrders()}
      ${
        this.#team.rows.length === 0
          ? nothing
          : html`<section class="panel stack" aria-labelledby="team">
              <h2 id="team">${msg('El equipo ahora')}</h2>
              <team-now .team=${this.#team.rows} .offset=${this.now - Date.now()}></team-now>
            </section>`
      }
      <section class="panel stack" aria-labelledby="sync">
        <h2 id="sync">${msg('Este dispositivo')}</h2>
        <sync-health .sync=${this.sync} .now=${this.now}></sync-health>
      </section>
    `;
  }

  /** Where the day of a role begins. */
  #renderStart() {
    switch (this.#role) {
      case 'mecanico':
        return html`<a class="button main" href="/mis-trabajos"><ui-icon name="wrench"></ui-icon>${msg('Mis trabajos')}</a>`;
      case 'caja':
        return html`<a class="button main" href="/ordenes?vista=lista&estado=ready"><ui-icon name="ready"></ui-icon>${msg('Órdenes listas')}</a>`;
      default:
        return html`<a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>`;
    }
  }

  #renderOrders() {
    const heading = this.#role === 'caja' ? msg('Listas para entregar') : msg('Prometido para hoy o antes');
    return html`<section class="panel stack" aria-labelledby="orders">
      <h2 id="orders">${heading}</h2>
      ${renderLive(this.#orders, {
        empty: () => html`<p class="quiet">${msg('Ninguna.')}</p>`,
        rows: (rows) => html`<order-lines-brief
          plates
          .orders=${rows}
          .statuses=${this.#statuses.rows}
          .now=${this.now}
        ></order-lines-brief>`,
      })}
    </section>`;
  }

  #renderFigures(figures: DayFigures) {
    const { drafts } = figures;
    const receives = this.#role === 'admin' || this.#role === 'recepcion';
    const conflicts = (this.sync?.conflicts ?? 0) + (this.sync?.violations ?? 0);
    const notes = [
      receives && drafts > 0 ? note('/recepcion', 'draft', msg('Recepciones sin firmar'), drafts) : nothing,
      conflicts > 0 ? note('/conflictos', 'alert', msg('Para revisar'), conflicts) : nothing,
    ].filter((shown) => shown !== nothing);
    return html`<div class="figures">
      ${tilesOf(this.#role, this.session?.user ?? '').map(
        ({
          figure,
          icon,
          name,
          path,
          act,
        }) => html`<a class="tile ${act && figures[figure] ? 'act' : ''}" href=${path}>
          <span class="figure big">${figures[figure]}</span>
          <span class="name"><ui-icon name=${icon}></ui-icon>${name}</span>
        </a>`,
      )}
      ${notes.length === 0 ? nothing : html`<div class="rest">${notes}</div>`}
    </div>`;
  }
}

function note(path: string, icon: IconName, name: string, value: number) {
  return html`<a class="note" href=${path}><ui-icon name=${icon}></ui-icon><span class="figure">${value}</span>${name}</a>`;
}

function greeting(nowMs: number): string {
  const hour = new Date(nowMs).getHours();
  if (hour < 13) return msg('Buenos días');
  return hour < 21 ? msg('Buenas tardes') : msg('Buenas noches');
}

declare global {
  interface HTMLElementTagNameMap {
    'home-page': HomePage;
  }
}
