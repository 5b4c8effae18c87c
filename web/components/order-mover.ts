import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { changeStatus } from '../../shared/taller/flows/order-flow.ts';
import { needsReason } from '../../shared/taller/status.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { locale } from '../app/localisation.ts';
import { allowedFor, canTakeBack, type MovableOrder, nameOf, phaseOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import { sql } from '../client/sql-tag.ts';
import { iconOf } from './status-mark.ts';
import './ui-icon.ts';

/** What the sheet asks: where to, or why. */
type Question =
  | { readonly name: 'none' }
  | { readonly name: 'where'; readonly order: MovableOrder }
  | { readonly name: 'why'; readonly order: MovableOrder; readonly to: Status };

/** Moves orders from state to state: offers the states an order can go to, asks for a reason where one is due, and writes. */
@customElement('order-mover')
export class OrderMover extends ConnectedElement {
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];

  @state() private accessor question: Question = { name: 'none' };

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      .choices {
        display: grid;
        gap: var(--space-2);
      }
      .choices .button {
        justify-content: flex-start;
        font-weight: 600;
      }
    `,
  ];

  /** Opens the list of states that the order can go to. */
  offer(order: MovableOrder): void {
    this.question = { name: 'where', order };
  }

  /** Moves the order; asks why first, where a reason is due. */
  move(order: MovableOrder, to: Status): void {
    if (to.key === order.status_key) return;
    if (needsReason(phaseOf(this.statuses, order.status_key), phaseOf(this.statuses, to.key))) {
      this.question = { name: 'why', order, to };
    } else {
      void this.#write(order, to, '');
    }
  }

  override render() {
    const { question } = this;
    switch (question.name) {
      case 'none':
        return nothing;
      case 'where':
        return this.#renderWhere(question.order);
      case 'why':
        return this.#renderWhy(question.order, question.to);
    }
  }

  #renderWhere(order: MovableOrder) {
    const allowed = allowedFor(order, this.statuses);
    return html`<wa-dialog open light-dismiss label=${`${msg('Mover a…')} ${order.number}`} @wa-after-hide=${this.#close}>
      <div class="choices">
        ${this.statuses
          .filter(({ key }) => allowed.has(key) && key !== order.status_key)
          .map(
            (status) => html`<button class="button" @click=${() => this.#choose(order, status)}>
              <ui-icon name=${iconOf(status.key, status.phase)}></ui-icon>${nameOf(status, locale())}
            </button>`,
          )}
      </div>
    </wa-dialog>`;
  }

  #renderWhy(order: MovableOrder, to: Status) {
    return html`<wa-dialog open label=${`${order.number}: ${nameOf(to, locale())}`} @wa-after-hide=${this.#close}>
      <form class="stack" @submit=${(event: SubmitEvent) => this.#giveReason(event, order, to)}>
        <wa-textarea name="reason" label=${msg('Motivo')} required autofocus rows="3"></wa-textarea>
        <div class="row">
          <button class="button main" type="submit">${nameOf(to, locale())}</button>
          <button class="button" type="button" @click=${this.#close}>${msg('Volver')}</button>
        </div>
      </form>
    </wa-dialog>`;
  }

  #choose(order: MovableOrder, to: Status): void {
    this.#close();
    this.move(order, to);
  }

  #close = (): void => {
    this.question = { name: 'none' };
  };

  #giveReason(event: SubmitEvent, order: MovableOrder, to: Status): void {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim();
    if (reason === '') return;
    this.#close();
    void this.#write(order, to, reason);
  }

  async #write(order: MovableOrder, to: Status, reason: string): Promise<void> {
    const written = await this.write('wo.status', (actor) =>
      changeStatus(actor, {
        workOrderId: order.id,
        toKey: to.key,
        toPhase: to.phase,
        reason,
      }),
    );
    if (!written) return;
    const action = { label: msg('Deshacer'), run: () => void this.#takeBack(order, to) };
    const isSlip = canTakeBack(order, to.key, this.statuses);
    this.dispatchEvent(new ToastEvent(`${order.number}: ${nameOf(to, locale())}`, isSlip ? { action } : {}));
  }

  /** The log keeps both moves; whoever moved it on meanwhile is right. */
  async #takeBack(order: MovableOrder, from: Status): Promise<void> {
    const [now] =
      (await this.engine?.query(sql`select status_key from work_orders where id = ${order.id}`)) ?? [];
    const to = this.statuses.find(({ key }) => key === order.status_key);
    if (now?.status_key === from.key && to) await this.#write({ ...order, status_key: from.key }, to, '');
    else this.dispatchEvent(new ToastEvent(msg('Ya no se puede deshacer.'), { tone: 'signal' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-mover': OrderMover;
  }
}
