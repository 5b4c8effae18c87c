import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import {
  createCustomer,
  createVehicle,
  type NewCustomer,
  type NewVehicle,
} from '../../shared/taller/flows/people-flow.ts';
import { startReception } from '../../shared/taller/flows/reception-draft.ts';
import { concernsOf, registerReception } from '../../shared/taller/flows/reception-flow.ts';
import { normalizePhone } from '../../shared/taller/normalize.ts';
import { lacksReason } from '../../shared/taller/odometer.ts';
import { fold, foldedGlob } from '../../shared/taller/search.ts';
import { readSettings } from '../../shared/taller/settings.ts';
import type { Setting } from '../../shared/taller/tables/admin.ts';
import '../app/field-controls.ts';
import { begunReception, forgetBegunReception, keepBegunReception } from '../app/begun-reception.ts';
import type { Writer } from '../app/connected-element.ts';
import { NavigateEvent, ToastEvent } from '../app/events.ts';
import { focusedElement } from '../app/focus.ts';
import { formatNumber } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { seriesOf } from '../app/numbering.ts';
import { TallerPage } from '../app/page.ts';
import { refusalText } from '../app/refusals.ts';
import { footStyle } from '../app/styles/foot.ts';
import { markedHitStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/cell-field.ts';
import type { CellChangedEvent } from '../components/cell-field.ts';
import '../components/concern-chips.ts';
import '../components/number-plate.ts';
import '../components/open-findings.ts';
import type { FindingChosenEvent } from '../components/open-findings.ts';
import '../components/ui-icon.ts';
import '../components/vehicle-search.ts';
import type { PlateTypedEvent, VehicleChosenEvent, VehicleHit } from '../components/vehicle-search.ts';

interface CustomerHit extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
}

/** What is being received: a vehicle that is known, or one to be made. */
type Chosen =
  | { readonly name: 'searching' }
  | { readonly name: 'known'; readonly vehicle: VehicleHit }
  | { readonly name: 'new' };

/** A known vehicle, or what is known of a new one. */
type Received = { readonly id: string; readonly odometer_unit?: 'km' | 'mi' } | NewVehicle;

/** What the form holds. */
interface Read {
  readonly customer: { id: string } | NewCustomer;
  readonly vehicle: Received;
  readonly odometer_note: string;
}

/** The short reception: plate, vehicle and customer, concerns, order. One transaction at the end. */
@customElement('new-reception-page')
export class NewReceptionPage extends TallerPage {
  @state() private accessor plate = '';
  @state() private accessor chosen: Chosen = { name: 'searching' };
  @state() private accessor customer: CustomerHit | undefined;
  @state() private accessor customerName = '';
  @state() private accessor concerns = '';
  @state() private accessor promisedAt: number | null = null;
  @state() private accessor odometer: number | null = null;
  @state() private accessor saving = false;
  @state() private accessor missing = '';
  /** The form holds what a tab that was closed had. */
  @state() private accessor resumed = false;
  @query('form') private accessor form!: HTMLFormElement;

  /** Texts of the fields that are read at the end, by name. */
  #fields: Readonly<Record<string, string>> = {};
  #isRestored = false;

  #settings = new LiveQuery<Setting>(
    this,
    () => this.engine,
    () => sql`select * from settings`,
  );
  #customers = new LiveQuery<CustomerHit>(
    this,
    () => this.engine,
    () => {
      const text = fold(this.customerName);
      if (text.length < 3 || this.customer || this.chosen.name !== 'new') return undefined;
      const digits = text.replace(/\D/g, '');
      const phone = digits.length > 5 ? normalizePhone(text, 'ES') : 'no';
      return sql`
        select id, name, phone from customers
        where merged_into_id is null and anonymized_at is null
          and (name glob ${foldedGlob(text)} or phone_norm like ${`%${phone}%`})
        order by name limit 5`;
    },
  );

  static override styles = [
    shared,
    markedHitStyle,
    footStyle,
    css`
      :host {
        display: grid;
        gap: var(--space-4);
        max-inline-size: 880px;
      }
      form {
        display: grid;
        gap: var(--space-4);
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-3);
        padding-block: var(--space-3);
        background: linear-gradient(transparent, var(--surface) 30%);
      }
      @media (orientation: portrait), (max-width: 699px) {
        .foot .button {
          flex: 1;
        }
      }
      @media (max-width: 699px) {
        .foot {
          display: grid;
          grid-template-columns: repeat(2, minmax(0, 1fr));
          gap: var(--space-2);
        }
        .foot .button {
          padding-inline: var(--space-3);
        }
        .foot .bare,
        .foot .signal {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override willUpdate(): void {
    const { session } = this;
    if (this.#isRestored || !session) return;
    this.#isRestored = true;
    const begun = begunReception(session.workspace, this.now);
    if (!begun) return;
    const { plate, vehicle, customer, fields, concerns, odometer, promisedAt } = begun;
    this.#fields = fields;
    Object.assign(this, { plate, concerns, odometer, promisedAt, resumed: true });
    this.customerName = fields.customer ?? '';
    this.customer = customer ?? undefined;
    if (begun.chosen === 'new') this.chosen = { name: 'new' };
    else if (vehicle) this.chosen = { name: 'known', vehicle };
  }

  override updated(): void {
    this.#keep();
  }

  /** With every key; what is being saved, or is, is kept no more. */
  #keep(): void {
    const { session, chosen, plate, customer, concerns, odometer, promisedAt } = this;
    if (!session || !this.#isRestored || this.saving) return;
    keepBegunReception({
      workspace: session.workspace,
      atMs: this.now,
      plate,
      chosen: chosen.name,
      vehicle: chosen.name === 'known' ? chosen.vehicle : null,
      customer: customer ?? null,
      fields: this.#fields,
      concerns,
      odometer,
      promisedAt,
    });
  }

  /** From the field itself: a form's data follows a keystroke later. */
  #type = ({ target }: InputEvent): void => {
    const { name, value } = target as Partial<HTMLInputElement>;
    if (!name || typeof value !== 'string') return;
    this.#fields = { ...this.#fields, [name]: value };
    this.#keep();
  };

  override render() {
    return html`
      <h1>${msg('Nueva recepción')}</h1>
      ${
        this.resumed
          ? html`<div class="row spread" role="status">
              <span class="quiet">${msg('Sigue donde lo dejaste.')}</span>
              <button type="button" class="button" @click=${this.#clear}>${msg('Empezar de nuevo')}</button>
            </div>`
          : nothing
      }
      <form @input=${this.#type} @submit=${this.#submit} novalidate ?inert=${this.saving}>
        ${this.chosen.name === 'known' ? this.#renderKnown(this.chosen.vehicle) : this.#renderSearch()}
        ${this.chosen.name === 'new' ? this.#renderNew() : nothing}
        ${this.chosen.name === 'searching' ? nothing : this.#renderVisit()}
      </form>
    `;
  }

  #renderSearch() {
    return html`<vehicle-search
      .value=${this.plate}
      ?settled=${this.chosen.name === 'new'}
      @plate-typed=${({ plate }: PlateTypedEvent) => {
        this.plate = plate;
      }}
      @vehicle-chosen=${({ vehicle }: VehicleChosenEvent) => this.#choose(vehicle)}
    ></vehicle-search>`;
  }

  #renderKnown(vehicle: VehicleHit) {
    return html`<section class="panel row spread" aria-label=${msg('Vehículo')}>
      <div class="row">
        <number-plate value=${vehicle.plate} country=${vehicle.plate_country} class="large"></number-plate>
        <div>
          <h2>${vehicle.vehicle}</h2>
          <span class="quiet">${vehicle.customer || msg('Sin dueño conocido')}</span>
        </div>
      </div>
      <button type="button" class="button" @click=${this.#startOver}>${msg('Cambiar')}</button>
    </section>
    <open-findings
      vehicle=${vehicle.id}
      .concerns=${this.concerns}
      @finding-chosen=${({ description }: FindingChosenEvent) => {
        this.concerns = [...concernsOf(this.concerns), description].join('\n');
      }}
    ></open-findings>`;
  }

  #renderNew() {
    return html`
      <section class="panel stack" aria-label=${msg('Vehículo nuevo')}>
        <h2>${msg('Vehículo nuevo')}</h2>
        <div class="fields">
          <wa-input name="make" .value=${this.#fields.make ?? ''} label=${msg('Marca')} autocomplete="off" required></wa-input>
          <wa-input name="model" .value=${this.#fields.model ?? ''} label=${msg('Modelo')} autocomplete="off"></wa-input>
          <wa-input name="color" .value=${this.#fields.color ?? ''} label=${msg('Color')} autocomplete="off"></wa-input>
          <wa-input name="vin" .value=${this.#fields.vin ?? ''} label=${msg('Bastidor (VIN)')} autocomplete="off" maxlength="17"></wa-input>
        </div>
      </section>
      <section class="panel stack" aria-label=${msg('Cliente')}>
        <h2>${msg('Cliente')}</h2>
        ${this.customer ? this.#renderCustomer(this.customer) : this.#renderNewCustomer()}
      </section>
    `;
  }

  #renderCustomer(customer: CustomerHit) {
    return html`<div class="row spread">
      <div><strong>${customer.name}</strong><div class="quiet small">${customer.phone}</div></div>
      <button type="button" class="button" @click=${this.#otherCustomer}>${msg('Cambiar')}</button>
    </div>`;
  }

  #renderNewCustomer() {
    return html`
      <div class="fields">
        <wa-input
          name="customer"
          label=${msg('Nombre o teléfono')}
          autocomplete="off"
          required
          .value=${this.customerName}
          @input=${this.#typeCustomer}
        ></wa-input>
        <wa-input name="phone" .value=${this.#fields.phone ?? ''} type="tel" label=${msg('Teléfono')} autocomplete="off"></wa-input>
        <wa-input name="email" .value=${this.#fields.email ?? ''} type="email" label=${msg('Correo')} autocomplete="off"></wa-input>
      </div>
      <ul class="hits" aria-label=${msg('Clientes encontrados')}>
        ${this.#customers.rows.map(
          (hit) => html`<li>
            <button type="button" class="button hit" @click=${() => this.#chooseCustomer(hit)}>
              <ui-icon name="user"></ui-icon><span><strong>${hit.name}</strong><span class="quiet small">${hit.phone}</span></span>
            </button>
          </li>`,
        )}
      </ul>
    `;
  }

  #renderVisit() {
    const { concern_chips: chips } = readSettings(this.#settings.rows);
    const unit = this.chosen.name === 'known' ? this.chosen.vehicle.odometer_unit : 'km';
    const last = this.chosen.name === 'known' ? this.chosen.vehicle.odometer_last : null;
    return html`
      <section class="panel stack" aria-label=${msg('Visita')}>
        <h2>${msg('¿Qué le pasa?')}</h2>
        <concern-chips
          .value=${this.concerns}
          .chips=${chips}
          @cell-changed=${(event: CellChangedEvent) => {
            this.concerns = String(event.value ?? '');
          }}
        ></concern-chips>
        <div class="fields">
          <cell-field
            kind="number"
            label=${msg('Cuentakilómetros')}
            suffix=${unit}
            hint=${last === null ? '' : msg(str`La última vez: ${formatNumber(last, locale())}`)}
            .value=${this.odometer}
            @cell-changed=${(event: CellChangedEvent) => {
              this.odometer = event.value === null ? null : Number(event.value);
            }}
          ></cell-field>
          ${
            lacksReason(this.odometer, last, '')
              ? html`<cell-field
                  label=${msg('Por qué marca menos')}
                  hint=${msg('Cuadro cambiado, lectura anterior equivocada…')}
                  .value=${this.#fields.odometer_note ?? ''}
                  @cell-changed=${(event: CellChangedEvent) => {
                    this.#fields = { ...this.#fields, odometer_note: String(event.value ?? '') };
                    this.requestUpdate();
                  }}
                ></cell-field>`
              : nothing
          }
          <cell-field
            kind="moment"
            label=${msg('Prometido para')}
            .value=${this.promisedAt}
            @cell-changed=${(event: CellChangedEvent) => {
              this.promisedAt = event.value === null ? null : Number(event.value);
            }}
          ></cell-field>
        </div>
      </section>
      <div class="foot">
        <button class="button main" type="submit" ?disabled=${this.saving}>
          <ui-icon name="check"></ui-icon>${msg('Crear orden')}
        </button>
        <button class="button" type="button" ?disabled=${this.saving} @click=${this.#goOn}>
          <ui-icon name="camera"></ui-icon>${msg('Seguir con fotos y firma')}
        </button>
        <button class="button bare" type="button" @click=${this.#clear}>${msg('Empezar de nuevo')}</button>
        ${this.missing ? html`<span class="signal" role="alert">${this.missing}</span>` : nothing}
      </div>
    `;
  }

  #choose(vehicle: VehicleHit | undefined): void {
    this.chosen = vehicle ? { name: 'known', vehicle } : { name: 'new' };
    if (!vehicle) return;
    this.customer = vehicle.customer_id
      ? { id: vehicle.customer_id, name: vehicle.customer, phone: '' }
      : undefined;
  }

  #startOver = (): void => {
    this.chosen = { name: 'searching' };
    this.customer = undefined;
    this.missing = '';
  };

  #clear = (): void => {
    this.#startOver();
    this.#fields = {};
    const nothingTyped = { plate: '', customerName: '', concerns: '', odometer: null, promisedAt: null };
    Object.assign(this, { ...nothingTyped, resumed: false });
  };

  #typeCustomer = (event: Event): void => {
    this.customerName = (event.target as HTMLInputElement).value;
  };

  #chooseCustomer(customer: CustomerHit): void {
    this.customer = customer;
  }

  #otherCustomer = (): void => {
    this.customer = undefined;
  };

  /** What the form holds, or undefined (and said so) while something is missing. */
  #read(needsConcern: boolean): Read | undefined {
    const { chosen } = this;
    if (chosen.name === 'searching') return undefined;
    const form = new FormData(this.form);
    const field = (name: string): string => String(form.get(name) ?? '').trim();
    const customer = this.customer
      ? { id: this.customer.id }
      : { name: field('customer'), phone: field('phone'), email: field('email') };
    const vehicle: Received =
      chosen.name === 'known'
        ? { id: chosen.vehicle.id, odometer_unit: chosen.vehicle.odometer_unit === 'mi' ? 'mi' : 'km' }
        : {
            plate: this.plate.trim().toUpperCase(),
            make: field('make'),
            model: field('model'),
            color: field('color'),
            vin: field('vin'),
          };
    const last = chosen.name === 'known' ? chosen.vehicle.odometer_last : null;
    const isLower = lacksReason(this.odometer, last, '');
    const odometer_note = isLower ? (this.#fields.odometer_note ?? '').trim() : '';
    this.missing = '';
    if ('name' in customer && customer.name === '') this.missing = msg('Falta el nombre del cliente.');
    else if (needsConcern && concernsOf(this.concerns).length === 0)
      this.missing = msg('Falta el motivo de la visita.');
    else if (needsConcern && isLower && odometer_note === '')
      this.missing = msg('Falta por qué marca menos que la última vez.');
    return this.missing ? undefined : { customer, vehicle, odometer_note };
  }

  /** The whole reception with photos and signature: a draft now, its order at the signature. */
  #goOn = (): Promise<void> =>
    this.#save(false, async (read, { actor }) => {
      const customer =
        'id' in read.customer
          ? { id: read.customer.id, statements: [] }
          : createCustomer(actor, read.customer);
      const vehicle =
        'id' in read.vehicle
          ? { id: read.vehicle.id, statements: [] }
          : createVehicle(actor, read.vehicle, customer.id);
      const reception = startReception(actor, {
        vehicle_id: vehicle.id,
        customer_id: customer.id,
        concerns: this.concerns,
        odometer: this.odometer,
        odometer_note: read.odometer_note,
        promised_at: this.promisedAt,
      });
      const statements = [...customer.statements, ...vehicle.statements, ...reception.statements];
      if (!(await this.write('reception.start', () => statements))) return false;
      this.dispatchEvent(new NavigateEvent(`/recepcion/${reception.id}`));
      return true;
    });

  #submit = (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    return this.#save(true, async (read, { engine, actor }) => {
      const { odometer, concerns, promisedAt: promised_at } = this;
      const series = await seriesOf(engine, 'work_order', actor.device, actor.nowMs);
      const reception = registerReception(
        actor,
        { ...read, odometer, concerns, promised_at, purpose: 'repair' },
        series,
      );
      await engine.transaction(reception.statements, { label: 'reception.create' });
      const text =
        this.sync?.connection === 'connected'
          ? msg('Orden creada.')
          : msg('Orden guardada localmente. Se enviará al servidor cuando haya conexión.');
      this.dispatchEvent(new ToastEvent(text));
      this.dispatchEvent(new NavigateEvent(`/ordenes/${reception.workOrderId}`));
      return true;
    });
  };

  /**
   * Nothing can be typed from the press of the button on, nor afterwards until the next page is there: it would be
   * neither read nor kept. What could not be saved is at hand again, with the focus where it was.
   */
  async #save(needsConcern: boolean, write: (read: Read, writer: Writer) => Promise<boolean>): Promise<void> {
    if (this.saving) return;
    const focused = focusedElement();
    focused?.blur(); // a field that is left tells what was typed into it
    const read = this.#read(needsConcern);
    if (!read) return focused?.focus();
    this.saving = true;
    try {
      const writer = await this.writer();
      this.saving = writer !== undefined && (await write(read, writer));
    } catch (error) {
      this.saving = false;
      this.missing = refusalText(error);
    }
    if (this.saving) forgetBegunReception();
    await this.updateComplete;
    if (!this.saving) focused?.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'new-reception-page': NewReceptionPage;
  }
}
