import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { type GatePassage, isPassage, passGate, voidPassage } from '../../shared/taller/flows/gate-flow.ts';
import { normalizePlate } from '../../shared/taller/normalize.ts';
import { actorOf } from '../app/actor.ts';
import { tellRefused } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDate, toLocalInput } from '../app/format.ts';
import { renderLive } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { sessionInHand } from '../app/session-in-hand.ts';
import { shared } from '../app/styles/shared.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import '../components/gate-correction.ts';
import '../components/gate-log.ts';
import type { GateRow, PassageWrongEvent } from '../components/gate-log.ts';
import '../components/number-plate.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface PersonRow extends ResultRow {
  readonly person: string;
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

/** The gate: a plate or a name and a tap for in or out, and who passed today. */
@customElement('gate-page')
export class GatePage extends TallerPage {
  @state() private accessor kind: 'vehicle' | 'person' = 'vehicle';
  @state() private accessor plate = '';
  @state() private accessor person = '';
  /** Start of the day that is listed; undefined: today. */
  @state() private accessor chosenDay: number | undefined;
  /** The passage that is being corrected. */
  @state() private accessor wrong: GateRow | undefined;
  @query('#gate-who') private accessor input!: HTMLInputElement;
  @query('#gate-note') private accessor note!: HTMLInputElement | null;

  #today = new LiveQuery<GateRow>(
    this,
    () => this.engine,
    () => sql`
      select g.id, g.kind, g.direction, g.plate, g.person, g.note, g.at, g.vehicle_id, g.work_order_id,
        trim(coalesce(v.make, '') || ' ' || coalesce(v.model, '')) as vehicle,
        (select z.reason from gate_voids z where z.gate_event_id = g.id order by z.id limit 1) as void_reason,
        (select coalesce(u.display_name, z.created_by) from gate_voids z left join users u on u.id = z.created_by
          where z.gate_event_id = g.id order by z.id limit 1) as void_by
      from gate_events g left join vehicles v on v.id = g.vehicle_id
      where g.at >= ${this.#day} and g.at < ${dayAfter(this.#day, 1)} order by g.at desc limit 200`,
  );
  #known = new LiveQuery<KnownRow>(
    this,
    () => this.engine,
    () => (this.kind === 'vehicle' && this.#norm.length > 1 ? knownQuery(this.#norm) : undefined),
  );
  /** Who came in and is not out again: leaving is one tap. */
  #inside = new LiveQuery<PersonRow>(
    this,
    () => this.engine,
    () =>
      this.kind === 'vehicle'
        ? undefined
        : sql`
          select person from (select person, direction, max(at) from gate_events g
            where kind = 'person' and at >= ${startOfDay(this.now)} and ${COUNTS} group by person)
          where direction = 'in' order by person limit 12`,
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
      #gate-who {
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
      #gate-who.person,
      #gate-note {
        inline-size: 100%;
        max-inline-size: 32rem;
        min-block-size: 56px;
        padding: var(--space-2) var(--space-4);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: 600 var(--text-l) / 1 var(--font-text);
        letter-spacing: normal;
        text-transform: none;
      }
      #gate-note {
        min-block-size: var(--target);
        font: inherit;
      }
      .field {
        display: grid;
        gap: var(--space-2);
      }
      .kinds .button[aria-pressed='true'] {
        background: var(--ink);
        color: var(--on-ink);
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
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>${msg('Portón')}</h1>
        <a class="button" href="/admin/datos?lista=gate"><ui-icon name="download"></ui-icon>${msg('Exportar')}</a>
      </div>
      <section class="panel stack no-print" aria-label=${msg('Paso por el portón')}>
        <div class="row kinds" role="group" aria-label=${msg('Quién pasa')}>
          ${this.#renderKind('vehicle', 'car', msg('Vehículo'))} ${this.#renderKind('person', 'user', msg('Persona'))}
        </div>
        ${this.kind === 'vehicle' ? this.#renderVehicle() : this.#renderPerson()}
        <div class="pass">
          <button class="button main" ?disabled=${!this.#isReady} @click=${() => this.#pass('in')}>
            <ui-icon name="received"></ui-icon>${msg('Entra')}
          </button>
          <button class="button" ?disabled=${!this.#isReady} @click=${() => this.#pass('out')}>
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
          empty: () =>
            html`<state-note icon="gate" heading=${this.#isToday ? msg('Nadie ha pasado todavía') : msg('Ese día no pasó nadie')}></state-note>`,
          rows: (rows) =>
            html`<gate-log .rows=${rows} @passage-wrong=${({ passage }: PassageWrongEvent) => this.#correct(passage)}></gate-log>`,
        })}
      </section>
      ${
        this.wrong
          ? html`<gate-correction
              .passage=${this.wrong}
              @gate-correction-closed=${() => this.#correct(undefined)}
            ></gate-correction>`
          : nothing
      }
    `;
  }

  #renderKind(kind: 'vehicle' | 'person', icon: 'car' | 'user', label: string) {
    return html`<button class="button" aria-pressed=${this.kind === kind} @click=${() => this.#choose(kind)}>
      <ui-icon name=${icon}></ui-icon>${label}
    </button>`;
  }

  #renderVehicle() {
    return html`<div class="field">
        <label class="label" for="gate-who">${msg('Matrícula')}</label>
        <input
          id="gate-who"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          .value=${live(this.plate)}
          @input=${this.#type}
        />
      </div>
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
        }`;
  }

  #renderPerson() {
    return html`<div class="field">
        <label class="label" for="gate-who">${msg('Nombre de la persona')}</label>
        <input id="gate-who" class="person" autocomplete="off" .value=${live(this.person)} @input=${this.#type} />
      </div>
      ${
        this.#inside.rows.length === 0
          ? nothing
          : html`<div class="known" role="group" aria-label=${msg('Personas que están dentro')}>
              ${this.#inside.rows.map(
                ({ person }) => html`<button class="button" @click=${() => this.#name(person)}>
                  <ui-icon name="user"></ui-icon>${person}
                </button>`,
              )}
            </div>`
      }
      <div class="field">
        <label class="label" for="gate-note">${msg('A quién visita o para qué')}</label>
        <input id="gate-note" autocomplete="off" />
      </div>`;
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

  get #isReady(): boolean {
    return this.kind === 'vehicle' ? this.#norm !== '' : this.person.trim() !== '';
  }

  #choose(kind: 'vehicle' | 'person'): void {
    this.kind = kind;
  }

  #correct(passage: GateRow | undefined): void {
    this.wrong = passage;
  }

  #name(person: string): void {
    this.person = person;
  }

  #type = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    if (this.kind === 'vehicle') this.plate = value;
    else this.person = value;
  };

  #take(plate: string): void {
    this.plate = plate;
  }

  async #pass(direction: 'in' | 'out'): Promise<void> {
    const { engine } = this;
    const passage = this.kind === 'vehicle' ? await this.#vehicle() : this.#visitor();
    const who = this.kind === 'vehicle' ? (passage.plate ?? '') : (passage.person ?? '');
    let id = '';
    const written = await this.write('gate.pass', (actor) => {
      const made = passGate(actor, { direction, ...passage });
      id = made.id;
      return made.statements;
    });
    if (!written || !engine) return;
    const action = { label: msg('Deshacer'), run: () => void takeBack(engine, id) };
    const text = direction === 'in' ? msg(str`Entra ${who}`) : msg(str`Sale ${who}`);
    this.dispatchEvent(new ToastEvent(text, { action }));
    this.plate = '';
    this.person = '';
    if (this.note) this.note.value = '';
    this.input.focus();
  }

  /** Asked for anew: who types quickly taps before the vehicles found have followed. */
  async #vehicle(): Promise<Omit<GatePassage, 'direction'>> {
    const plate = this.plate.trim().toUpperCase();
    const norm = this.#norm;
    const rows = (await this.engine?.query<KnownRow>(knownQuery(norm))) ?? [];
    const known = rows.find((row) => normalizePlate(row.plate) === norm);
    return { plate, vehicleId: known?.id ?? null, workOrderId: known?.work_order_id ?? null };
  }

  #visitor(): Omit<GatePassage, 'direction'> {
    return { kind: 'person', person: this.person.trim(), note: this.note?.value.trim() ?? '' };
  }
}

const COUNTS = { sql: isPassage('g'), params: [] };

/** Vehicles whose plate has these letters and figures, with their open order and whether they are here. */
function knownQuery(norm: string): SqlQuery {
  return sql`
    select v.id, v.plate, v.plate_country, trim(v.make || ' ' || v.model) as vehicle,
      coalesce((select g.direction from gate_events g where g.plate_norm = v.plate_norm and ${COUNTS} order by g.at desc limit 1), '') as last_direction,
      (select o.id from work_orders o join wo_statuses s on s.key = o.status_key
        where o.vehicle_id = v.id and s.phase not in ('delivered', 'cancelled') order by o.opened_at desc limit 1) as work_order_id
    from vehicles v where v.merged_into_id is null and v.plate_norm like ${`%${norm}%`}
    order by v.plate_norm = ${norm} desc, v.plate_norm limit 4`;
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

/** A tap too many: the log keeps it, crossed out. The page may be gone by then, and nothing here holds it. */
async function takeBack(engine: EngineClient, id: string): Promise<void> {
  try {
    const [passage] = await engine.query<GateRow>(sql`select * from gate_events where id = ${id}`);
    const session = await engine.session();
    if (!passage || !session) return;
    const actor = actorOf(sessionInHand(session), await engine.status());
    await engine.transaction(voidPassage(actor, passage, msg('deshecho')), { label: 'gate.correct' });
  } catch (error) {
    tellRefused(error);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'gate-page': GatePage;
  }
}
