import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { passGate } from '../../shared/taller/flows/gate-flow.ts';
import { normalizePlate } from '../../shared/taller/normalize.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDate, formatTime, toLocalInput } from '../app/format.ts';
import { renderLive } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/number-plate.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface GateRow extends ResultRow {
  readonly id: string;
  readonly direction: string;
  readonly plate: string;
  readonly person: string;
  readonly at: number;
  readonly vehicle: string;
}

interface KnownRow extends ResultRow {
  readonly id: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly work_order_id: string | null;
  /** `in`: it is here, as far as the gate knows; empty: it never passed. */
  readonly last_direction: string;
}

/** The gate: a plate and a tap for in or out, and who passed today. */
@customElement('gate-page')
export class GatePage extends TallerPage {
  @state() private accessor plate = '';
  /** Start of the day that is listed; undefined: today. */
  @state() private accessor chosenDay: number | undefined;
  @query('#gate-plate') private accessor input!: HTMLInputElement;

  #today = new LiveQuery<GateRow>(
    this,
    () => this.engine,
    () => sql`
      select g.id, g.direction, g.plate, g.person, g.at, trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle
      from gate_events g left join vehicles v on v.id = g.vehicle_id
      where g.at >= ${this.#day} and g.at < ${dayAfter(this.#day, 1)} order by g.at desc limit 200`,
  );
  #known = new LiveQuery<KnownRow>(
    this,
    () => this.engine,
    () => {
      const plate = normalizePlate(this.plate);
      return plate.length < 2
        ? undefined
        : sql`
          select v.id, v.plate, v.plate_country, trim(v.make || ' ' || v.model) as vehicle,
            coalesce((select g.direction from gate_events g where g.plate_norm = v.plate_norm order by g.at desc limit 1), '') as last_direction,
            (select o.id from work_orders o join wo_statuses s on s.key = o.status_key
              where o.vehicle_id = v.id and s.phase not in ('delivered', 'cancelled') order by o.opened_at desc limit 1) as work_order_id
          from vehicles v where v.merged_into_id is null and v.plate_norm like ${`%${plate}%`}
          order by v.plate_norm = ${plate} desc, v.plate_norm limit 4`;
    },
  );

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 880px;
      }
      #gate-plate {
        inline-size: 100%;
        max-inline-size: 24rem;
        padding: var(--space-2) var(--space-4);
        border: 3px solid var(--plate-edge);
        border-radius: 12px;
        background: var(--plate-field);
        color: var(--plate-ink);
        font-family: var(--font-display);
        font-stretch: var(--width-plate);
        font-weight: 700;
        font-size: 2.25rem;
        letter-spacing: 0.06em;
        text-transform: uppercase;
      }
      .pass {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--space-3);
      }
      .pass .button {
        min-block-size: 72px;
        font-size: var(--text-l);
      }
      .known {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
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
        grid-template-columns: auto auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-4);
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      .way {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-inline-size: 6.5rem;
        font-weight: 600;
      }
      .day {
        min-block-size: var(--target);
        padding: 0 var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
        font-variant-numeric: tabular-nums;
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: auto minmax(0, 1fr) auto;
          gap: var(--space-1) var(--space-3);
        }
        li .quiet {
          grid-row: 2;
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Portón')}</h1>
        <a class="button" href="/admin/datos?lista=gate"><ui-icon name="download"></ui-icon>${msg('Exportar')}</a>
      </div>
      <section class="panel stack" aria-label=${msg('Paso por el portón')}>
        <label class="label" for="gate-plate">${msg('Matrícula')}</label>
        <input
          id="gate-plate"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          .value=${this.plate}
          @input=${this.#type}
        />
        ${
          this.#known.rows.length === 0
            ? nothing
            : html`<div class="known" role="group" aria-label=${msg('Vehículos encontrados')}>
                ${this.#known.rows.map(
                  (row) => html`<button class="button" @click=${() => this.#take(row.plate)}>
                    <number-plate value=${row.plate} country=${row.plate_country}></number-plate>${row.vehicle}
                    ${row.last_direction === 'in' ? html`<span class="way small"><ui-icon name="car"></ui-icon>${msg('Está aquí')}</span>` : nothing}
                  </button>`,
                )}
              </div>`
        }
        <div class="pass">
          <button class="button main" ?disabled=${this.#norm === ''} @click=${() => this.#pass('in')}>
            <ui-icon name="received"></ui-icon>${msg('Entra')}
          </button>
          <button class="button" ?disabled=${this.#norm === ''} @click=${() => this.#pass('out')}>
            <ui-icon name="outbox"></ui-icon>${msg('Sale')}
          </button>
        </div>
      </section>
      <section class="stack" aria-label=${msg('Quién ha pasado')}>
        <div class="row spread">
          <h2>${this.#isToday ? msg('Hoy') : formatDate(this.#day, locale())}</h2>
          <div class="row">
            <button class="button" aria-label=${msg('Día anterior')} @click=${() => this.#go(-1)}>
              <ui-icon name="chevron-left"></ui-icon>
            </button>
            <input
              class="day"
              type="date"
              aria-label=${msg('Día')}
              max=${dateInput(this.now)}
              .value=${dateInput(this.#day)}
              @change=${this.#chooseDay}
            />
            <button class="button" aria-label=${msg('Día siguiente')} ?disabled=${this.#isToday} @click=${() => this.#go(1)}>
              <ui-icon name="chevron-right"></ui-icon>
            </button>
          </div>
        </div>
        ${renderLive(this.#today, {
          empty: () => html`<state-note icon="gate" heading=${msg('Nadie ha pasado todavía')}></state-note>`,
          rows: (rows) => html`<ul>
            ${repeat(
              rows,
              (row) => row.id,
              (row) => html`<li>
                <span class="way"
                  ><ui-icon name=${row.direction === 'in' ? 'received' : 'outbox'}></ui-icon>${row.direction === 'in' ? msg('Entra') : msg('Sale')}</span
                >
                <number-plate value=${row.plate}></number-plate>
                <span class="quiet">${row.vehicle || row.person}</span>
                <span class="figure">${formatTime(row.at, locale())}</span>
              </li>`,
            )}
          </ul>`,
        })}
      </section>
    `;
  }

  get #day(): number {
    return this.chosenDay ?? startOfDay(this.now);
  }

  get #isToday(): boolean {
    return this.#day >= startOfDay(this.now);
  }

  #go(days: number): void {
    const day = dayAfter(this.#day, days);
    this.chosenDay = day >= startOfDay(this.now) ? undefined : day;
  }

  #chooseDay = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    const day = value === '' ? Number.NaN : new Date(`${value}T00:00`).getTime();
    this.chosenDay = day < startOfDay(this.now) ? day : undefined;
  };

  get #norm(): string {
    return normalizePlate(this.plate);
  }

  #type = (event: Event): void => {
    this.plate = (event.target as HTMLInputElement).value;
  };

  #take(plate: string): void {
    this.plate = plate;
  }

  async #pass(direction: 'in' | 'out'): Promise<void> {
    const plate = this.plate.trim().toUpperCase();
    const known = this.#known.rows.find((row) => normalizePlate(row.plate) === this.#norm);
    const passage = {
      direction,
      plate,
      vehicleId: known?.id ?? null,
      workOrderId: known?.work_order_id ?? null,
    };
    const written = await this.write('gate.pass', (actor) => passGate(actor, passage).statements);
    if (!written) return;
    this.dispatchEvent(
      new ToastEvent(direction === 'in' ? msg(str`Entra ${plate}`) : msg(str`Sale ${plate}`)),
    );
    this.plate = '';
    this.input.focus();
  }
}

/** By the calendar, so that days of 23 and 25 hours are days too. */
function dayAfter(startMs: number, days: number): number {
  const day = new Date(startMs);
  day.setDate(day.getDate() + days);
  return day.getTime();
}

function dateInput(ms: number): string {
  return toLocalInput(ms).slice(0, 10);
}

function startOfDay(ms: number): number {
  const day = new Date(ms);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

declare global {
  interface HTMLElementTagNameMap {
    'gate-page': GatePage;
  }
}
