import { msg, str } from '@lit/localize';
import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import { TallerElement } from '../app/element.ts';
import { NavigateEvent } from '../app/events.ts';
import { locale } from '../app/localisation.ts';
import type { OrderSummary, StatusCount } from '../app/orders.ts';
import { allowedFor, nameOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import { boardStyle } from './order-board-style.ts';
import { OrderMoveEvent } from './order-list.ts';
import { initialsOf } from './presence-list.ts';
import './promised-time.ts';
import { iconOf } from './status-mark.ts';
import './ui-icon.ts';

/** A technician across the columns; the empty id is nobody. */
export interface Lane {
  readonly id: string;
  readonly name: string;
}

/** An order is to be another technician's. */
export class OrderAssignEvent extends Event {
  static readonly type = 'order-assign';
  readonly order: OrderSummary;
  /** users.id, or nobody. */
  readonly technician: string | null;

  constructor(order: OrderSummary, technician: string | null) {
    super(OrderAssignEvent.type, { bubbles: true, composed: true });
    this.order = order;
    this.technician = technician;
  }
}

/** More cards of a state are to be shown. */
export class MoreWantedEvent extends Event {
  static readonly type = 'more-wanted';
  readonly status: string;

  constructor(status: string) {
    super(MoreWantedEvent.type, { bubbles: true, composed: true });
    this.status = status;
  }
}

/** Cards that are drawn in one frame: more than a tablet shows at first, and less than would hold up a frame. */
const CARDS_PER_FRAME = 36;

const NO_LANE: Lane = { id: '', name: '' };

/**
 * Orders as cards in a column per state, and across them a lane per technician if wished. A card moves by dragging, by its
 * "Mover a…" button, or with the M key; arrows walk from card to card and Enter opens one.
 *
 * @fires order-move
 * @fires order-assign
 * @fires more-wanted
 */
@customElement('order-board')
export class OrderBoard extends TallerElement {
  @property({ attribute: false }) accessor orders: readonly OrderSummary[] = [];
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  @property({ attribute: false }) accessor counts: readonly StatusCount[] = [];
  @property({ attribute: false }) accessor now = 0;

  /** Across the columns; empty: none. */
  @property({ attribute: false }) accessor lanes: readonly Lane[] = [];

  /** Id of the card that has the focus when the board is entered by keyboard. */
  @state() private accessor current = '';
  /** Of `current`, or the first card where that one has gone. */
  #entered = '';
  @state() private accessor dragged: OrderSummary | undefined;
  /** As many of the orders, from the first of each state on, have their cards; the others follow frame by frame. */
  @state() private accessor drawn = CARDS_PER_FRAME;
  #shown: ReadonlySet<OrderSummary> = new Set();
  #frame = 0;
  /** Column and lane that the dragged card is over. */
  @state() private accessor over = '';

  static override styles = [shared, boardStyle];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('orders') && this.#areOthers(changed.get('orders') ?? [])) this.drawn = CARDS_PER_FRAME;
    this.#shown = new Set(this.orders.slice(0, this.drawn));
    this.#entered = (this.orders.find(({ id }) => id === this.current) ?? this.orders[0])?.id ?? '';
  }

  override updated(): void {
    if (this.drawn >= this.orders.length) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.drawn += CARDS_PER_FRAME;
    });
  }

  override render() {
    const { lanes } = this;
    const rows = lanes.length === 0 ? '' : `auto repeat(${lanes.length}, auto)`;
    return html`<div
      class="board ${lanes.length === 0 ? '' : 'lanes'}"
      style=${styleMap(rows === '' ? {} : { 'grid-template-rows': rows })}
      @keydown=${this.#key}
    >
      ${lanes.length === 0 ? nothing : this.#renderNames()}
      ${this.statuses.filter((status) => this.#isShown(status)).map((status) => this.#renderColumn(status))}
    </div>`;
  }

  /** Each list of a lane says its name itself to who does not see them. */
  #renderNames() {
    return html`<div class="names" aria-hidden="true">
      <span class="corner"></span>
      ${this.lanes.map(({ id, name }) => html`<span><ui-icon name=${id === '' ? 'hand' : 'user'}></ui-icon>${name}</span>`)}
    </div>`;
  }

  /** Ends are not columns of a day's work, unless somebody asked for everything. */
  #isShown(status: Status): boolean {
    const rare = ['draft', 'invoiced', 'delivered', 'cancelled'].includes(status.phase);
    return !rare || this.orders.some((order) => order.status_key === status.key);
  }

  /** Most cards would have to be drawn anew. */
  #areOthers(before: readonly OrderSummary[]): boolean {
    const known = new Set(before.map(({ id }) => id));
    return this.orders.filter(({ id }) => known.has(id)).length < this.orders.length / 2;
  }

  #renderColumn(status: Status) {
    const orders = this.#ordersOf(status);
    const count = this.counts.find((entry) => entry.status_key === status.key)?.orders ?? orders.length;
    const full = status.wip_limit !== null && count > status.wip_limit;
    const open = !this.dragged || allowedFor(this.dragged, this.statuses).has(status.key);
    const lanes = this.lanes.length === 0 ? [NO_LANE] : this.lanes;
    return html`<section
      data-status=${status.key}
      aria-label=${nameOf(status, locale())}
      class=${open ? '' : 'closed'}
      @dragover=${(event: DragEvent) => this.#dragOver(event, status, open)}
      @dragleave=${this.#dragLeave}
      @drop=${(event: DragEvent) => this.#drop(event, status)}
    >
      <h2>
        <ui-icon name=${iconOf(status.key, status.phase)}></ui-icon>${nameOf(status, locale())}
        <span class="count figure ${full ? 'signal' : ''}">
          ${full ? html`<ui-icon name="alert" label=${msg('Demasiadas a la vez')}></ui-icon>` : nothing}
          ${status.wip_limit === null ? count : `${count}/${status.wip_limit}`}
        </span>
      </h2>
      ${lanes.map((lane, index) => this.#renderCell(status, lane, index === lanes.length - 1 ? count - orders.length : 0))}
    </section>`;
  }

  /** The cards of a state, or those of them that are in one lane. */
  #renderCell(status: Status, lane: Lane, hidden: number) {
    const isLane = lane !== NO_LANE;
    const orders = this.#ordersOf(status).filter(
      (order) => this.#shown.has(order) && (!isLane || this.#laneOf(order) === lane.id),
    );
    return html`<ul
      class=${this.over === placeOf(status, isLane ? lane.id : undefined) ? 'over' : ''}
      data-lane=${isLane ? lane.id : nothing}
      aria-label=${isLane ? `${nameOf(status, locale())}, ${lane.name}` : nothing}
    >
      ${repeat(
        orders,
        (order) => order.id,
        (order) => this.#renderCard(order, status),
      )}
      ${
        hidden > 0 && this.#shown.size === this.orders.length
          ? html`<li class="rest">
              <button class="button bare more" @click=${() => this.dispatchEvent(new MoreWantedEvent(status.key))}>
                ${msg(str`Ver más: quedan ${hidden}`)}
              </button>
            </li>`
          : nothing
      }
    </ul>`;
  }

  /** In the order of their lanes, so that arrows walk as one sees them. */
  #ordersOf(status: Status): readonly OrderSummary[] {
    const orders = this.orders.filter((order) => order.status_key === status.key);
    if (this.lanes.length === 0) return orders;
    return this.lanes.flatMap(({ id }) => orders.filter((order) => this.#laneOf(order) === id));
  }

  /** Who is not in the list of technicians any more has no lane of their own. */
  #laneOf({ technician_id: technician }: OrderSummary): string {
    return this.lanes.some(({ id }) => id === technician) ? (technician ?? '') : '';
  }

  #renderCard(order: OrderSummary, status: Status) {
    return html`<li
      data-order=${order.id}
      draggable="true"
      class=${this.dragged?.id === order.id ? 'dragged' : ''}
      @dragstart=${(event: DragEvent) => this.#dragStart(event, order)}
      @dragend=${this.#dragEnd}
    >
      <div class="head">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <button
          class="button bare move"
          tabindex="-1"
          aria-label=${msg(str`Mover a… ${order.number}`)}
          @click=${() => this.dispatchEvent(new OrderMoveEvent(order))}
        >
          <ui-icon name="move"></ui-icon>
        </button>
      </div>
      <a
        href="/ordenes/${order.id}"
        draggable="false"
        tabindex=${order.id === this.#entered ? '0' : '-1'}
        aria-keyshortcuts="M"
        @focus=${() => {
          this.current = order.id;
        }}
      >
        <strong>${order.vehicle || msg('Vehículo sin datos')}</strong>
        <span class="small quiet">${order.customer}</span>
      </a>
      <div class="foot">
        <promised-time .order=${order} phase=${status.phase} .now=${this.now}></promised-time>
        ${order.hold === 'parts' ? html`<span class="hold"><ui-icon name="parts"></ui-icon>${msg('Piezas')}</span>` : nothing}
        ${order.technician ? html`<span class="technician" title=${order.technician}>${initialsOf(order.technician)}</span>` : nothing}
      </div>
    </li>`;
  }

  #dragStart(event: DragEvent, order: OrderSummary): void {
    event.dataTransfer?.setData('text/plain', order.number);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = 'move';
    this.dragged = order;
  }

  #dragOver(event: DragEvent, status: Status, open: boolean): void {
    if (!this.dragged || !open) return;
    event.preventDefault();
    this.over = placeOf(status, laneUnder(event));
  }

  #dragLeave = (): void => {
    this.over = '';
  };

  /** On a lane it becomes that technician's; on the heading of a column only its state changes. */
  #drop(event: DragEvent, status: Status): void {
    event.preventDefault();
    const order = this.dragged;
    this.#dragEnd();
    if (!order) return;
    const lane = laneUnder(event);
    if (lane !== undefined && lane !== this.#laneOf(order)) {
      this.dispatchEvent(new OrderAssignEvent(order, lane === '' ? null : lane));
    }
    if (order.status_key !== status.key) this.dispatchEvent(new OrderMoveEvent(order, status));
  }

  #dragEnd = (): void => {
    this.dragged = undefined;
    this.over = '';
  };

  #key = (event: KeyboardEvent): void => {
    const order = this.orders.find(({ id }) => id === this.current);
    if (!order || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === 'm') {
      event.preventDefault();
      this.dispatchEvent(new OrderMoveEvent(order));
    } else if (event.key === 'Enter' && event.target === this) {
      this.dispatchEvent(new NavigateEvent(`/ordenes/${order.id}`));
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      this.#walk(order, event.key);
    }
  };

  /** Up and down within the column; left and right to the nearest card of the next column that has one. */
  #walk(from: OrderSummary, key: string): void {
    const columns = this.statuses
      .map((status) => this.#ordersOf(status))
      .filter((orders) => orders.length > 0);
    const column = columns.findIndex((orders) => orders.includes(from));
    const place = columns[column]?.indexOf(from) ?? 0;
    const step = key === 'ArrowDown' || key === 'ArrowRight' ? 1 : -1;
    const vertical = key === 'ArrowDown' || key === 'ArrowUp';
    const orders = vertical ? columns[column] : columns[column + step];
    const to = orders?.[vertical ? place + step : Math.min(place, orders.length - 1)];
    if (!to) return;
    this.current = to.id;
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLElement>(`li[data-order="${to.id}"] a`)?.focus();
    });
  }
}

function laneUnder(event: DragEvent): string | undefined {
  return (event.target as HTMLElement).closest('ul')?.dataset.lane;
}

function placeOf(status: Status, lane: string | undefined): string {
  return `${status.key} ${lane ?? ''}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'order-board': OrderBoard;
  }
  interface HTMLElementEventMap {
    'order-assign': OrderAssignEvent;
    'more-wanted': MoreWantedEvent;
  }
}
