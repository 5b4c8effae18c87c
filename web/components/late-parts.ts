import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { addComment } from '../../shared/taller/flows/order-flow.ts';
import type { Statement } from '../../shared/taller/flows/statement.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { type DamageType, typeName } from '../app/damage.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDateTime } from '../app/format.ts';
import { type LatePart, latePartsQuery } from '../app/late-parts.ts';
import { locale } from '../app/localisation.ts';
import { type Person, peopleQuery, personName } from '../app/order-view.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './number-plate.ts';
import './ui-icon.ts';

/** What a tablet without a connection added to something that was signed meanwhile, and what to do with it. */
@customElement('late-parts')
export class LateParts extends ConnectedElement {
  /** About to be removed for good: what was signed takes no part back. */
  @state() private accessor asking: LatePart | undefined;

  #parts = new LiveQuery<LatePart>(this, () => this.engine, latePartsQuery);
  #people = new LiveQuery<Person>(this, () => this.engine, peopleQuery);

  static override styles = [
    shared,
    cardListStyle,
    css`
      :host {
        display: contents;
      }
      li {
        display: grid;
        gap: var(--space-3);
        padding: var(--space-4);
      }
      .what {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: var(--space-1) var(--space-4);
      }
      p {
        max-inline-size: var(--measure);
      }
    `,
  ];

  override render() {
    const parts = this.#parts.rows;
    if (parts.length === 0) return nothing;
    return html`<section class="stack" aria-label=${msg('Llegó después de la firma')}>
      <h2>${msg('Llegó después de la firma')}</h2>
      <p class="quiet">
        ${msg('Otra tableta lo apuntó sin conexión cuando esto ya estaba firmado, así que no forma parte de lo firmado. Si importa, pásalo a un comentario de la orden y enséñaselo al cliente; si no, quítalo.')}
      </p>
      <ul>
        ${repeat(
          parts,
          ({ id }) => id,
          (part) => this.#renderPart(part),
        )}
      </ul>
      ${this.asking ? this.#renderQuestion(this.asking) : nothing}
    </section>`;
  }

  #renderQuestion(part: LatePart) {
    return html`<wa-dialog open label=${msg('¿Quitarlo?')} @wa-after-hide=${() => this.#ask(undefined)}>
      <div class="stack">
        <p>${sentence(part)}</p>
        <p class="quiet">${msg('Lo firmado no admite que se añada otra vez.')}</p>
        <div class="row">
          <button class="button act" @click=${() => this.#remove(part)}>${msg('Quitar')}</button>
          <button class="button" @click=${() => this.#ask(undefined)}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #renderPart(part: LatePart) {
    const who = personName(this.#people.rows, part.who);
    const what = sentence(part);
    return html`<li data-part=${part.id}>
      <div class="what">
        <number-plate value=${part.plate} country=${part.plate_country}></number-plate>
        <div>
          <strong>${what}</strong>
          <div class="small quiet">${whole(part)} · ${formatDateTime(part.at, this.now, locale())} · ${who}</div>
        </div>
      </div>
      <div class="row">
        ${
          part.order_id === null
            ? nothing
            : html`<button class="button" aria-label=${msg(str`Pasar a un comentario: ${what}`)} @click=${() => this.#toComment(part, part.order_id ?? '')}>
                <ui-icon name="note"></ui-icon>${msg('Pasar a un comentario')}
              </button>`
        }
        <button class="button" aria-label=${msg(str`Quitar: ${what}`)} @click=${() => this.#ask(part)}>
          <ui-icon name="trash"></ui-icon>${msg('Quitar')}
        </button>
      </div>
    </li>`;
  }

  #ask(part: LatePart | undefined): void {
    this.asking = part;
  }

  #toComment(part: LatePart, orderId: string): void {
    const text = `${whole(part)}: ${sentence(part)}`;
    void this.#settle(part, msg('Está en los comentarios de la orden.'), (actor) => [
      ...addComment(actor, 'work_orders', orderId, text).statements,
      removal(part),
    ]);
  }

  #remove(part: LatePart): void {
    this.#ask(undefined);
    void this.#settle(part, msg(str`Quitado: ${sentence(part)}`), () => [removal(part)]);
  }

  async #settle(part: LatePart, done: string, make: Parameters<ConnectedElement['write']>[1]): Promise<void> {
    if (await this.write(`${part.table_name}.late`, make)) this.dispatchEvent(new ToastEvent(done));
  }
}

function removal({ table_name, id }: LatePart): Statement {
  return { sql: `delete from ${table_name} where id = ?`, params: [id] };
}

/** "Arañazo: puerta", "Antena: Sí". */
function sentence({ table_name, label, answer, note }: LatePart): string {
  const rest = note === '' ? '' : `: ${note}`;
  switch (table_name) {
    case 'damage_marks':
      return `${msg('Daño')} · ${typeName(answer as DamageType)}${rest}`;
    case 'reception_checks':
      return `${label}: ${answer === 'yes' ? msg('Sí') : msg('No')}${note === '' ? '' : `, ${note}`}`;
    case 'inspection_items':
      return `${label}${rest}`;
  }
}

/** What it came too late for. */
function whole({ table_name, number }: LatePart): string {
  return table_name === 'inspection_items'
    ? msg(str`Inspección de ${number}`)
    : msg(str`Recepción ${number}`);
}

declare global {
  interface HTMLElementTagNameMap {
    'late-parts': LateParts;
  }
}
