import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { IconName } from '../app/icons.ts';
import { renderLive } from '../app/live.ts';
import { type OrderSummary, urgentOrdersQuery } from '../app/orders.ts';
import { TallerPage } from '../app/page.ts';
import { type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/order-lines-brief.ts';
import '../components/ui-icon.ts';

interface Figures extends ResultRow {
  readonly in_shop: number;
  readonly late: number;
  readonly today: number;
  readonly waiting_approval: number;
  readonly waiting_parts: number;
  readonly ready: number;
  readonly drafts: number;
}

/** A minute's precision keeps the statements, and so the watches, the same for a minute. */
const MINUTE_MS = 60_000;

/** The workshop's day at a glance: what needs somebody, what is promised, and where to begin. */
@customElement('home-page')
export class HomePage extends TallerPage {
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #figures = new LiveQuery<Figures>(
    this,
    () => this.engine,
    () => {
      const now = this.#minute;
      const end = endOfDay(now);
      return sql`
        select
          coalesce(sum(s.phase not in ('delivered', 'cancelled', 'draft')), 0) as in_shop,
          coalesce(sum(o.promised_at < ${now} and s.phase in ('open', 'waiting', 'work', 'quality')), 0) as late,
          coalesce(sum(o.promised_at between ${now} and ${end} and s.phase not in ('delivered', 'cancelled')), 0) as today,
          coalesce(sum(o.status_key = 'waiting_approval'), 0) as waiting_approval,
          coalesce(sum(o.status_key = 'waiting_parts'), 0) as waiting_parts,
          coalesce(sum(s.phase = 'ready'), 0) as ready,
          (select count(*) from receptions where status = 'draft' and work_order_id is null) as drafts
        from work_orders o join wo_statuses s on s.key = o.status_key
        where s.phase not in ('delivered', 'cancelled')`;
    },
  );
  #urgent = new LiveQuery<OrderSummary>(
    this,
    () => this.engine,
    () => urgentOrdersQuery(endOfDay(this.#minute)),
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

  get #minute(): number {
    return Math.floor(this.now / MINUTE_MS) * MINUTE_MS;
  }

  override render() {
    const name = (this.session?.displayName ?? '').split(' ')[0] ?? '';
    return html`
      <div class="row spread">
        <h1>${greeting(this.now)}${name ? `, ${name}` : ''}</h1>
        <a class="button main" href="/recepcion/nueva"><ui-icon name="plus"></ui-icon>${msg('Nueva recepción')}</a>
      </div>
      ${this.#figures.first ? this.#renderFigures(this.#figures.first) : nothing}
      <section class="panel stack" aria-label=${msg('Prometido para hoy o antes')}>
        <h2>${msg('Prometido para hoy o antes')}</h2>
        ${renderLive(this.#urgent, {
          empty: () => html`<p class="quiet">${msg('Ninguna.')}</p>`,
          rows: (rows) => html`<order-lines-brief
            plates
            .orders=${rows}
            .statuses=${this.#statuses.rows}
            .now=${this.now}
          ></order-lines-brief>`,
        })}
      </section>
    `;
  }

  #renderFigures(figures: Figures) {
    const conflicts = (this.sync?.conflicts ?? 0) + (this.sync?.violations ?? 0);
    return html`<div class="figures">
      ${tile('/ordenes', 'car', msg('En el taller'), figures.in_shop, false)}
      ${tile('/ordenes', 'alert', msg('Tarde'), figures.late, figures.late > 0)}
      ${tile('/ordenes', 'clock', msg('Prometidas hoy'), figures.today, false)}
      ${tile('/ordenes', 'hand', msg('Esperan aprobación'), figures.waiting_approval, figures.waiting_approval > 0)}
      ${tile('/ordenes', 'parts', msg('Esperan piezas'), figures.waiting_parts, false)}
      ${tile('/ordenes', 'ready', msg('Listas'), figures.ready, false)}
      ${
        figures.drafts + conflicts === 0
          ? nothing
          : html`<div class="rest">
              ${figures.drafts > 0 ? note('/recepcion', 'draft', msg('Recepciones sin firmar'), figures.drafts) : nothing}
              ${conflicts > 0 ? note('/conflictos', 'alert', msg('Para revisar'), conflicts) : nothing}
            </div>`
      }
    </div>`;
  }
}

function tile(path: string, icon: IconName, name: string, value: number, act: boolean) {
  return html`<a class="tile ${act ? 'act' : ''}" href=${path}>
    <span class="figure big">${value}</span>
    <span class="name"><ui-icon name=${icon}></ui-icon>${name}</span>
  </a>`;
}

function note(path: string, icon: IconName, name: string, value: number) {
  return html`<a class="note" href=${path}><ui-icon name=${icon}></ui-icon><span class="figure">${value}</span>${name}</a>`;
}

function greeting(nowMs: number): string {
  const hour = new Date(nowMs).getHours();
  if (hour < 13) return msg('Buenos días');
  return hour < 21 ? msg('Buenas tardes') : msg('Buenas noches');
}

function endOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(23, 59, 59, 999);
  return day.getTime();
}

declare global {
  interface HTMLElementTagNameMap {
    'home-page': HomePage;
  }
}
