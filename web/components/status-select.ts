import { css, html } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { locale } from '../app/localisation.ts';
import { nameOf, type Status } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import { iconOf } from './status-mark.ts';
import './ui-icon.ts';

/** A status was chosen from the list. */
export class StatusChosenEvent extends Event {
  static readonly type = 'status-chosen';
  readonly status: Status;

  constructor(status: Status) {
    super(StatusChosenEvent.type, { bubbles: true });
    this.status = status;
  }
}

/**
 * The state of an order, and the list of those it can go to: the platform's own list, which is large on a tablet and
 * complete by keyboard.
 *
 * @fires status-chosen
 */
@customElement('status-select')
export class StatusSelect extends TallerElement {
  @property() accessor label = '';
  @property() accessor value = '';
  @property({ attribute: false }) accessor statuses: readonly Status[] = [];
  /** Keys that may be chosen; absent: all. */
  @property({ attribute: false }) accessor allowed: ReadonlySet<string> | undefined;
  @property({ type: Boolean }) accessor disabled = false;
  /** The other states are in the list: as soon as there is time, or somebody is about to open it. */
  @state() private accessor isFilled = false;

  static override styles = [
    shared,
    css`
      .field {
        position: relative;
        display: flex;
        align-items: center;
      }
      .field > ui-icon {
        position: absolute;
        pointer-events: none;
      }
      .state {
        inset-inline-start: 12px;
      }
      .open {
        inset-inline-end: 10px;
        font-size: 0.85rem;
      }
      select {
        appearance: none;
        inline-size: 100%;
        min-block-size: var(--target);
        padding: 0 2.125rem 0 2.625rem;
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: 600 var(--text-m) / 1 var(--font-text);
        text-overflow: ellipsis;
        cursor: pointer;
      }
      .act select,
      .act .state {
        color: var(--signal-text);
        border-color: var(--signal);
      }
      .over select,
      .over .state {
        color: var(--ink-quiet);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    whenIdle(this.#fill);
  }

  override render() {
    const phase = this.statuses.find(({ key }) => key === this.value)?.phase ?? '';
    const tone =
      this.value === 'waiting_approval'
        ? 'act'
        : phase === 'delivered' || phase === 'cancelled'
          ? 'over'
          : '';
    return html`<div class="field ${tone}">
      <select
        aria-label=${this.label}
        ?disabled=${this.disabled}
        .value=${this.value}
        @change=${this.#choose}
        @focus=${this.#fill}
        @pointerdown=${this.#fill}
      >
        ${this.statuses
          .filter(({ key }) => this.isFilled || key === this.value)
          .map(
            (status) => html`<option
            value=${status.key}
            ?selected=${status.key === this.value}
            ?disabled=${status.key !== this.value && this.allowed !== undefined && !this.allowed.has(status.key)}
          >
            ${nameOf(status, locale())}
          </option>`,
          )}
      </select>
      <ui-icon class="state" name=${iconOf(this.value, phase)}></ui-icon>
      <ui-icon class="open" name="chevron-down"></ui-icon>
    </div>`;
  }

  #fill = (): void => {
    this.isFilled = true;
  };

  #choose = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    const status = this.statuses.find(({ key }) => key === select.value);
    select.value = this.value; // the row says what it is now; the list follows it
    if (status && status.key !== this.value) this.dispatchEvent(new StatusChosenEvent(status));
  };
}

/** A long list that is scrolled has better things to do; Safari has no idle time to tell of. */
function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(run);
  else setTimeout(run, 200);
}

declare global {
  interface HTMLElementTagNameMap {
    'status-select': StatusSelect;
  }
}
