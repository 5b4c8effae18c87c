import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { addOwner, endOwner, transferVehicle } from '../../shared/taller/flows/people-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDate } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { sameIds } from '../app/people.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import type { CustomerPickedEvent } from './customer-picker.ts';
import './customer-picker.ts';
import './ui-icon.ts';

interface OwnerRow extends ResultRow {
  readonly id: string;
  readonly customer_id: string;
  readonly name: string;
  readonly role: string;
  readonly from_at: number;
  readonly to_at: number | null;
}

type NewRole = 'owner' | 'driver' | 'fleet';

/** What the dialog asks. */
type Question =
  | { readonly name: 'none' }
  | { readonly name: 'who'; readonly role: NewRole }
  | { readonly name: 'end'; readonly owner: OwnerRow };

/** Who has a vehicle and who had it: owners, drivers, fleets. What ended stays as it was. */
@customElement('vehicle-owners')
export class VehicleOwners extends ConnectedElement {
  @property() accessor vehicle = '';

  @state() private accessor question: Question = { name: 'none' };

  #owners = new LiveQuery<OwnerRow>(
    this,
    () => this.engine,
    () => sql`
      select w.id, w.customer_id, c.name, w.role, w.from_at, w.to_at from vehicle_owners w join customers c on c.id = w.customer_id
      where w.vehicle_id in (${sameIds('vehicles', this.vehicle)}) order by w.to_at is not null, w.from_at desc`,
  );

  static override styles = [
    shared,
    dividedListStyle,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-1) var(--space-3);
        min-block-size: 56px;
        padding-block: var(--space-1);
      }
      li a {
        display: inline-flex;
        align-items: center;
        min-block-size: var(--target);
        font-weight: 600;
      }
    `,
  ];

  override render() {
    return html`<section class="panel stack" aria-label=${msg('Dueños')}>
      <h2>${msg('Dueños')}</h2>
      ${
        this.#owners.rows.length === 0
          ? html`<p class="quiet">${msg('Sin dueño conocido.')}</p>`
          : html`<ul>
              ${repeat(
                this.#owners.rows,
                (row) => row.id,
                (row) => this.#renderOwner(row),
              )}
            </ul>`
      }
      <div class="row">
        <button class="button" @click=${() => this.#ask({ name: 'who', role: 'owner' })}>
          <ui-icon name="arrow-right"></ui-icon>${msg('Cambiar de dueño')}
        </button>
        <button class="button" @click=${() => this.#ask({ name: 'who', role: 'driver' })}>
          <ui-icon name="plus"></ui-icon>${msg('Añadir conductor')}
        </button>
      </div>
      ${this.#renderQuestion()}
    </section>`;
  }

  #renderOwner(owner: OwnerRow) {
    const from = formatDate(owner.from_at, locale());
    return html`<li data-owner=${owner.customer_id}>
      <div>
        <a href="/clientes/${owner.customer_id}">${owner.name}</a>
        <div class="small quiet">
          ${roleName(owner.role)} ·
          ${owner.to_at === null ? msg(str`desde el ${from}`) : `${from} – ${formatDate(owner.to_at, locale())}`}
        </div>
      </div>
      ${
        owner.to_at === null && owner.role !== 'owner'
          ? html`<button class="button bare" aria-label=${msg(str`Quitar a ${owner.name}`)} @click=${() => this.#ask({ name: 'end', owner })}>
              <ui-icon name="close"></ui-icon>
            </button>`
          : nothing
      }
    </li>`;
  }

  #renderQuestion() {
    const { question } = this;
    switch (question.name) {
      case 'none':
        return nothing;
      case 'who':
        return html`<wa-dialog
          open
          label=${question.role === 'owner' ? msg('¿Quién es el dueño ahora?') : msg('¿Quién lo conduce?')}
          @wa-after-hide=${this.#close}
        >
          <div class="stack">
            ${question.role === 'owner' ? html`<p class="quiet">${msg('El dueño de antes queda en el historial, con su fecha.')}</p>` : nothing}
            <customer-picker @customer-picked=${(event: CustomerPickedEvent) => this.#give(question.role, event)}></customer-picker>
          </div>
        </wa-dialog>`;
      case 'end':
        return html`<wa-dialog open label=${msg(str`¿${question.owner.name} ya no lo lleva?`)} @wa-after-hide=${this.#close}>
          <div class="stack">
            <p>${msg('Queda en el historial con la fecha de hoy. No se puede deshacer.')}</p>
            <div class="row">
              <button class="button main" @click=${() => this.#end(question.owner)}>${msg('Ya no lo lleva')}</button>
              <button class="button" @click=${this.#close}>${msg('Volver')}</button>
            </div>
          </div>
        </wa-dialog>`;
    }
  }

  #ask(question: Question): void {
    this.question = question;
  }

  #close = (): void => {
    this.question = { name: 'none' };
  };

  async #give(role: NewRole, { id, name }: CustomerPickedEvent): Promise<void> {
    this.#close();
    const written = await this.write('vehicle.owner', (actor) =>
      role === 'owner'
        ? transferVehicle(actor, this.vehicle, id)
        : addOwner(actor, this.vehicle, id, role).statements,
    );
    if (written) this.dispatchEvent(new ToastEvent(`${name}: ${roleName(role)}`));
  }

  async #end(owner: OwnerRow): Promise<void> {
    this.#close();
    await this.write('vehicle.owner', (actor) => endOwner(actor, owner.id));
  }
}

function roleName(role: string): string {
  switch (role) {
    case 'driver':
      return msg('Conductor');
    case 'fleet':
      return msg('Flota');
    default:
      return msg('Dueño');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'vehicle-owners': VehicleOwners;
  }
}
