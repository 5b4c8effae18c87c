import { consume } from '@lit/context';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { changeStatus } from '../../shared/taller/flows/order-flow.ts';
import { decideTransition, isLocked, needsReason, type Phase } from '../../shared/taller/status.ts';
import { actorOf } from '../app/actor.ts';
import { engineContext, sessionContext, statusContext } from '../app/contexts.ts';
import { TallerElement } from '../app/element.ts';
import { ToastEvent } from '../app/events.ts';
import { locale } from '../app/localisation.ts';
import { nameOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Status as EngineStatus, Session } from '../client/engine-messages.ts';
import './status-select.ts';
import type { StatusChosenEvent } from './status-select.ts';

/** What an order's state needs to know of the order. */
export interface OrderState {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
}

/** The state of an order, and changing it: only to where it may go, and with a reason where one is due. */
@customElement('order-status')
export class OrderStatus extends TallerElement {
  @property({ attribute: false }) accessor order: OrderState | undefined;
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];

  @consume({ context: engineContext, subscribe: true })
  @property({ attribute: false })
  accessor engine: EngineClient | undefined;

  @consume({ context: sessionContext, subscribe: true })
  @property({ attribute: false })
  accessor session: Session | undefined;

  @consume({ context: statusContext, subscribe: true })
  @property({ attribute: false })
  accessor sync: EngineStatus | undefined;

  /** The status that waits for a reason. */
  @state() private accessor asking: Status | undefined;

  static override styles = [
    shared,
    css`
      wa-dialog form {
        display: grid;
        gap: var(--space-4);
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return nothing;
    return html`
      <status-select
        label=${msg(str`Estado de ${order.number}`)}
        .statuses=${this.statuses}
        .allowed=${this.#allowed(order)}
        value=${order.status_key}
        @status-chosen=${(event: StatusChosenEvent) => this.#choose(event.status)}
      ></status-select>
      ${this.asking ? this.#renderReason(order, this.asking) : nothing}
    `;
  }

  /** Asks for the reason when one is due, then moves the order. */
  move(to: Status): void {
    this.#choose(to);
  }

  #renderReason(order: OrderState, to: Status) {
    return html`<wa-dialog
      open
      label=${`${order.number}: ${nameOf(to, locale())}`}
      @wa-after-hide=${this.#stopAsking}
    >
      <form id="reason" @submit=${this.#giveReason}>
        <wa-textarea name="reason" label=${msg('Motivo')} required autofocus rows="3"></wa-textarea>
        <div class="row">
          <button class="button main" type="submit">${nameOf(to, locale())}</button>
          <button class="button" type="button" @click=${this.#stopAsking}>${msg('Volver')}</button>
        </div>
      </form>
    </wa-dialog>`;
  }

  #stopAsking = (): void => {
    this.asking = undefined;
  };

  #giveReason = (event: SubmitEvent): void => {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim();
    const to = this.asking;
    if (!to || reason === '') return;
    this.asking = undefined;
    void this.#write(to, reason);
  };

  #choose(to: Status): void {
    const { order } = this;
    if (!order) return;
    if (needsReason(this.#phaseOf(order.status_key), to.phase as Phase)) this.asking = to;
    else void this.#write(to, '');
  }

  async #write(to: Status, reason: string): Promise<void> {
    const { engine, session, sync, order } = this;
    if (!engine || !session || !sync || !order) return;
    try {
      await engine.transaction(
        changeStatus(actorOf(session, sync), {
          workOrderId: order.id,
          fromKey: order.status_key,
          toKey: to.key,
          toPhase: to.phase,
          reason,
        }),
        { label: 'wo.status' },
      );
      this.dispatchEvent(new ToastEvent(`${order.number}: ${nameOf(to, locale())}`));
    } catch (error) {
      this.dispatchEvent(
        new ToastEvent(String(error instanceof Error ? error.message : error), { tone: 'signal' }),
      );
    }
  }

  #allowed(order: OrderState): ReadonlySet<string> {
    const from = this.#phaseOf(order.status_key);
    const allowed = this.statuses.filter(
      ({ phase }) =>
        decideTransition({ from, to: phase as Phase, reason: '-', locked: isLocked(order) }).allowed,
    );
    return new Set(allowed.map(({ key }) => key));
  }

  #phaseOf(key: string): Phase {
    return (this.statuses.find((status) => status.key === key)?.phase ?? 'open') as Phase;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-status': OrderStatus;
  }
}
