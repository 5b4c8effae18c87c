import { msg, str } from '@lit/localize';
import { css, html, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import { TallerElement } from '../app/element.ts';
import type { ListedOrder, OrderSummary } from '../app/orders.ts';
import { RowWindow } from '../app/row-window.ts';
import { allowedFor, phaseOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import './promised-time.ts';
import './status-select.ts';
import type { StatusChosenEvent } from './status-select.ts';

/** An order is to go to another state. */
export class OrderMoveEvent extends Event {
  static readonly type = 'order-move';
  readonly order: OrderSummary;
  /** Absent: ask where to. */
  readonly to: Status | undefined;

  constructor(order: OrderSummary, to?: Status) {
    super(OrderMoveEvent.type, { bubbles: true, composed: true });
    this.order = order;
    this.to = to;
  }
}

/** Rows from `first` to before `last` are to be shown. */
export class RowsWantedEvent extends Event {
  static readonly type = 'rows-wanted';
  readonly first: number;
  readonly last: number;

  constructor(first: number, last: number) {
    super(RowsWantedEvent.type);
    this.first = first;
    this.last = last;
  }
}

/** Lines that are drawn completely in one frame; the others follow, so that a long way is as smooth as a short one. */
const LINES_PER_FRAME = 6;

/** An order at its place in the list, or a place whose order has not been read yet. */
interface Line {
  readonly place: number;
  readonly order: ListedOrder | undefined;
}

/**
 * Orders line by line, each with its state, which can be changed here. As long as it likes: only the lines on the screen
 * are drawn, and `rows-wanted` says which orders they need.
 *
 * @fires order-move
 * @fires rows-wanted
 */
@customElement('order-list')
export class OrderList extends TallerElement {
  /** Those that were read; each knows its place by `first` and its index. */
  @property({ attribute: false }) accessor orders: readonly ListedOrder[] = [];
  /** How many there are. */
  @property({ attribute: false }) accessor count = 0;
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  @property({ attribute: false }) accessor now = 0;

  /** Height of a line and the gap below it. */
  @state() private accessor rowPx = 0;
  /** The line that has the focus: it stays while it is scrolled out of sight, or the focus would be lost. */
  @state() private accessor held: Line | undefined;
  @query('ul') private accessor list!: HTMLElement;
  @query('.probe') private accessor probe!: HTMLElement;

  #window = new RowWindow(
    this,
    () => ({ count: this.count, rowPx: this.rowPx, list: this.list }),
    () => this.dispatchEvent(new RowsWantedEvent(this.#window.from, this.#window.to)),
  );
  /** Orders whose lines were drawn completely last time: these stay so. */
  #drawn = new Set<string>();
  /** Some lines are to be drawn completely in the next frame. */
  #isBehind = false;
  #allowed = new Map<string, ReadonlySet<string>>();
  #probing = new ResizeObserver(() => {
    this.rowPx = this.probe.offsetHeight;
  });

  static override styles = [
    shared,
    css`
      :host {
        --row: 4.875rem;
        position: relative;
      }
      ul {
        position: relative;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .probe {
        position: absolute;
        block-size: var(--row);
        visibility: hidden;
      }
      li {
        position: absolute;
        inset: 0 0 auto;
        block-size: calc(var(--row) - var(--space-2));
        display: grid;
        grid-template-columns: 9.5rem minmax(0, 1fr) auto 15rem;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-3);
        background: var(--surface-raised);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        contain: layout style paint;
      }
      .plate {
        display: grid;
        align-content: center;
        justify-items: start;
        gap: 3px;
        min-block-size: var(--target);
        text-decoration: none;
      }
      .number {
        font-size: var(--text-s);
        color: var(--ink-quiet);
      }
      .what {
        min-inline-size: 0;
      }
      .what > * {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .vehicle {
        font-weight: 650;
      }
      @media (max-width: 899px) {
        :host {
          --row: 12rem;
        }
        li {
          grid-template-columns: minmax(0, 1fr) auto;
          align-content: space-evenly;
        }
        .what {
          grid-column: 1 / -1;
          grid-row: 2;
        }
        promised-time {
          grid-column: 2;
          grid-row: 1;
        }
        status-select {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('statuses')) this.#allowed.clear();
  }

  override firstUpdated(): void {
    this.#probing.observe(this.probe);
  }

  override updated(): void {
    if (this.#isBehind) requestAnimationFrame(() => this.requestUpdate());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#probing.observe(this.probe);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#probing.disconnect();
  }

  override render() {
    return html`<div class="probe"></div>
      <ul
        aria-label=${msg('Órdenes')}
        data-count=${this.count}
        style=${styleMap({ 'block-size': `${this.count * this.rowPx}px` })}
        @keydown=${this.#key}
        @focusout=${() => {
          this.held = undefined;
        }}
      >
        ${this.#renderLines()}
      </ul>`;
  }

  #lines(): readonly Line[] {
    const first = this.orders[0]?.first ?? 0;
    const lines: Line[] = [];
    const to = Math.min(this.#window.to, this.count);
    for (let place = this.#window.from; place < to; place++) {
      lines.push({ place, order: this.orders[place - first] });
    }
    const { held } = this;
    if (!held || lines.some(({ order }) => order?.id === held.order?.id)) return lines;
    // In the order of the places: an element that is moved loses the focus.
    return held.place < this.#window.from ? [held, ...lines] : [...lines, held];
  }

  #renderLines() {
    const lines = this.#lines();
    const before = this.#drawn;
    this.#drawn = new Set();
    let fresh = this.#window.isFast ? 0 : LINES_PER_FRAME;
    for (const { order } of lines) {
      if (order && (before.has(order.id) || fresh-- > 0)) this.#drawn.add(order.id);
    }
    this.#isBehind = fresh < 0 && !this.#window.isFast;
    return repeat(
      lines,
      ({ place, order }) => order?.id ?? place,
      (line) => this.#renderLine(line),
    );
  }

  #renderLine(line: Line) {
    const { place, order } = line;
    const at = styleMap({ transform: `translateY(${place * this.rowPx}px)` });
    if (!order) return html`<li style=${at} aria-hidden="true"></li>`;
    if (!this.#drawn.has(order.id)) return renderPassing(order, at);
    return html`<li
      data-order=${order.id}
      data-place=${place}
      style=${at}
      aria-setsize=${this.count}
      aria-posinset=${place + 1}
      @focusin=${() => {
        this.held = line;
      }}
    >
      <a class="plate" href="/ordenes/${order.id}">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <span class="figure number">${order.number}</span>
      </a>
      <div class="what">
        <div class="vehicle">${order.vehicle || msg('Vehículo sin datos')}</div>
        <div class="small quiet">${order.customer} · ${firstLine(order.complaint)}</div>
      </div>
      <promised-time
        .order=${order}
        phase=${phaseOf(this.statuses, order.status_key)}
        .now=${this.now}
      ></promised-time>
      <status-select
        label=${msg(str`Estado de ${order.number}`)}
        .statuses=${this.statuses}
        .allowed=${this.#allowedFor(order)}
        value=${order.status_key}
        @status-chosen=${(event: StatusChosenEvent) => this.dispatchEvent(new OrderMoveEvent(order, event.status))}
      ></status-select>
    </li>`;
  }

  /** The same set for all orders that stand alike, so that their lists are not drawn anew with each step of the thumb. */
  #allowedFor(order: OrderSummary): ReadonlySet<string> {
    const key = `${order.status_key} ${order.locked_at} ${order.unlocked_at}`;
    let allowed = this.#allowed.get(key);
    if (!allowed) {
      allowed = allowedFor(order, this.statuses);
      this.#allowed.set(key, allowed);
    }
    return allowed;
  }

  /** From line to line; within a list of states the arrows are the list's own. */
  #key = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const target = event.target as HTMLElement;
    if (step === 0 || !(target instanceof HTMLAnchorElement) || !this.held) return;
    event.preventDefault();
    this.renderRoot.querySelector<HTMLElement>(`li[data-place="${this.held.place + step}"] a`)?.focus();
  };
}

/** A line that passes by: what it is recognised by, and nothing that takes time to draw. */
function renderPassing(order: ListedOrder, at: ReturnType<typeof styleMap>) {
  return html`<li style=${at}>
    <span class="figure">${order.plate}</span>
    <span class="what vehicle">${order.vehicle}</span>
  </li>`;
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'order-list': OrderList;
  }
  interface HTMLElementEventMap {
    'order-move': OrderMoveEvent;
    'rows-wanted': RowsWantedEvent;
  }
}
