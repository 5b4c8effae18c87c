import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { looksLikeSpanishPlate, normalizePlate } from '../../shared/taller/normalize.ts';
import { foldedGlob } from '../../shared/taller/search.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { withPlate } from '../app/people.ts';
import { markedHitStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import './number-plate.ts';
import './ui-icon.ts';

export interface VehicleHit extends ResultRow {
  readonly id: string;
  readonly plate: string;
  readonly plate_country: string;
  readonly vehicle: string;
  readonly odometer_last: number | null;
  readonly odometer_unit: string;
  readonly customer_id: string | null;
  readonly customer: string;
  readonly open_orders: number;
}

/** What stands in the field now. */
export class PlateTypedEvent extends Event {
  static readonly type = 'plate-typed';
  readonly plate: string;

  constructor(plate: string) {
    super(PlateTypedEvent.type, { bubbles: true });
    this.plate = plate;
  }
}

/** A vehicle that is known was chosen, or undefined for a new one with the plate that was typed. */
export class VehicleChosenEvent extends Event {
  static readonly type = 'vehicle-chosen';
  readonly vehicle: VehicleHit | undefined;

  constructor(vehicle: VehicleHit | undefined) {
    super(VehicleChosenEvent.type, { bubbles: true });
    this.vehicle = vehicle;
  }
}

/**
 * Finds the vehicle that stands at the door, by plate, VIN, or name and telephone of its owner; or takes the plate of
 * a new one.
 *
 * @fires plate-typed
 * @fires vehicle-chosen
 */
@customElement('vehicle-search')
export class VehicleSearch extends ConnectedElement {
  @property() accessor value = '';
  /** The plate is that of a new vehicle: only one that has it already is shown. */
  @property({ type: Boolean }) accessor settled = false;
  /** Enter was pressed with several vehicles found, none of which was meant more than the others. */
  @state() private accessor undecided = false;
  @query('#plate') private accessor input!: HTMLInputElement;

  #vehicles = new LiveQuery<VehicleHit>(
    this,
    () => this.engine,
    () => hitsQuery(this.value),
  );

  static override styles = [
    shared,
    markedHitStyle,
    css`
      .plate-entry {
        display: flex;
        align-items: stretch;
        max-inline-size: 30rem;
        border: 3px solid var(--plate-edge);
        border-radius: 12px;
        overflow: hidden;
        background: var(--plate-field);
        color: var(--plate-ink);
      }
      .plate-entry:focus-within {
        outline: var(--focus-ring);
        outline-offset: 3px;
      }
      .band {
        display: grid;
        align-content: end;
        justify-items: center;
        inline-size: 46px;
        padding-block-end: var(--space-2);
        background: var(--plate-band);
        color: var(--on-plate-band);
        font-weight: 700;
      }
      .plate-entry input {
        flex: 1;
        min-inline-size: 0;
        padding: var(--space-2) var(--space-4);
        border: 0;
        outline: 0;
        background: transparent;
        color: inherit;
        font-family: var(--font-display);
        font-stretch: var(--width-plate);
        font-weight: 700;
        font-size: clamp(2rem, 8vw, 3.25rem);
        letter-spacing: 0.06em;
        text-transform: uppercase;
        font-variant-numeric: slashed-zero;
      }
      .plate-entry input::placeholder {
        color: inherit;
        opacity: 0.25;
      }
    `,
  ];

  override render() {
    return html`<section class="stack" aria-label=${msg('Vehículo')}>
      <label class="label" for="plate">${msg('Matrícula, bastidor, nombre o teléfono')}</label>
      <div class="plate-entry">
        <span class="band" aria-hidden="true">E</span>
        <input
          id="plate"
          name="plate"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          enterkeyhint="search"
          placeholder="1234 BCD"
          autofocus
          .value=${this.value}
          @input=${this.#type}
          @keydown=${this.#key}
        />
      </div>
      ${this.settled ? this.#renderSame() : this.#renderHits()}
    </section>`;
  }

  #renderHits() {
    const plate = normalizePlate(this.value);
    if (plate.length < 2) return nothing;
    const hits = this.#vehicles.rows;
    return html`${this.undecided ? html`<p class="signal" role="alert">${msg('Hay varios. Elige uno con las flechas o tócalo.')}</p>` : nothing}
      <ul class="hits" aria-label=${msg('Vehículos encontrados')} @keydown=${this.#walk}>
      ${hits.map((hit) => this.#renderHit(hit))}
      ${
        withPlate(hits, plate)
          ? nothing
          : html`<li>
              <button type="button" class="button hit" @click=${() => this.#choose(undefined)}>
                <ui-icon name="plus"></ui-icon>
                <span><strong>${msg(str`Vehículo nuevo: ${this.value.trim().toUpperCase()}`)}</strong>
                ${looksLikeSpanishPlate(plate) ? nothing : html`<span class="quiet small">${msg('No parece una matrícula española; se guarda tal cual.')}</span>`}</span>
              </button>
            </li>`
      }
    </ul>`;
  }

  /** The plate of a new vehicle can still be changed, also to one that is known. */
  #renderSame() {
    const same = withPlate(this.#vehicles.rows, this.value);
    if (!same) return nothing;
    return html`<p class="signal" role="alert">${msg('Esta matrícula ya está en el taller. Si es este, tócalo:')}</p>
      <ul class="hits" aria-label=${msg('Vehículos encontrados')} @keydown=${this.#walk}>
        ${this.#renderHit(same)}
      </ul>`;
  }

  #renderHit(hit: VehicleHit) {
    return html`<li>
      <button type="button" class="button hit" @click=${() => this.#choose(hit)}>
        <number-plate value=${hit.plate} country=${hit.plate_country}></number-plate>
        <span><strong>${hit.vehicle}</strong><span class="quiet small">${hit.customer}</span></span>
        ${hit.open_orders > 0 ? html`<span class="signal small">${msg(str`Órdenes abiertas: ${hit.open_orders}`)}</span>` : nothing}
      </button>
    </li>`;
  }

  #type = (event: Event): void => {
    this.undecided = false;
    this.dispatchEvent(new PlateTypedEvent((event.target as HTMLInputElement).value));
  };

  #key = (event: KeyboardEvent): void => {
    this.#walk(event);
    if (event.key !== 'Enter') return;
    event.preventDefault();
    if (!this.settled) void this.#takeTyped();
  };

  /** Up and down from the field through what was found, and back. */
  #walk = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    const places = [this.input, ...this.renderRoot.querySelectorAll<HTMLElement>('.hit')];
    const here = places.findIndex((place) => place.matches(':focus'));
    places[here + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
  };

  /**
   * The vehicle whose plate was typed, the only one found, or a new one where there is none; of several nobody knows
   * which is meant. Asked for anew: a scanner presses Enter before the list has followed.
   */
  async #takeTyped(): Promise<void> {
    const { value } = this;
    const query = hitsQuery(value);
    if (!query || !this.engine) return;
    const hits = await this.engine.query<VehicleHit>(query);
    if (this.value !== value) return;
    const hit = withPlate(hits, value) ?? (hits.length === 1 ? hits[0] : undefined);
    if (hit || hits.length === 0) this.#choose(hit);
    else this.undecided = true;
  }

  #choose(vehicle: VehicleHit | undefined): void {
    this.dispatchEvent(new VehicleChosenEvent(vehicle));
  }
}

function hitsQuery(text: string): SqlQuery | undefined {
  const plate = normalizePlate(text);
  if (plate.length < 2) return undefined;
  return sql`
    select v.id, v.plate, v.plate_country, trim(v.make || ' ' || v.model) as vehicle, v.odometer_last, v.odometer_unit,
      c.id as customer_id, coalesce(c.name, '') as customer,
      (select count(*) from work_orders o join wo_statuses s on s.key = o.status_key
        where o.vehicle_id = v.id and s.phase not in ('delivered', 'cancelled')) as open_orders
    from vehicles v
    left join vehicle_owners w on w.vehicle_id = v.id and w.role = 'owner' and w.to_at is null
    left join customers c on c.id = w.customer_id
    where v.merged_into_id is null and (v.plate_norm like ${`%${plate}%`} or v.vin like ${`%${plate}%`}
      or c.phone_norm like ${`%${plate}%`} or c.name glob ${foldedGlob(text)})
    group by v.id
    order by v.plate_norm = ${plate} desc, v.plate_norm limit 6`;
}

declare global {
  interface HTMLElementEventMap {
    'plate-typed': PlateTypedEvent;
    'vehicle-chosen': VehicleChosenEvent;
  }
  interface HTMLElementTagNameMap {
    'vehicle-search': VehicleSearch;
  }
}
