import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { shared } from '../app/styles/shared.ts';

const SECOND_MS = 1000;

/** Time since a moment, counting: `1:04:09`. Its figures have one width, so nothing beside it moves. */
@customElement('running-time')
export class RunningTime extends TallerElement {
  @property({ attribute: false }) accessor since = 0;
  /** How far the workshop's clock is ahead of this device's. */
  @property({ attribute: false }) accessor offset = 0;

  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-block;
      }
      time {
        font-size: inherit;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), SECOND_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    // Not a live region: nobody wants to hear every second.
    return html`<time class="figure" role="timer" aria-live="off">${clockText(Date.now() + this.offset - this.since)}</time>`;
  }
}

/** `clockText(3_849_000)` -> `1:04:09`; never negative. */
function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'running-time': RunningTime;
  }
}
