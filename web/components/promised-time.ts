import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { promiseState } from '../../shared/taller/promised.ts';
import type { Phase } from '../../shared/taller/status.ts';
import { TallerElement } from '../app/element.ts';
import { formatDay } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

export interface PromisedOrder {
  readonly promised_at: number | null;
  readonly ready_at: number | null;
  readonly delivered_at: number | null;
}

/** When the vehicle was promised; in the signal colour and with the word for it once that needs action. */
@customElement('promised-time')
export class PromisedTime extends TallerElement {
  @property({ attribute: false }) accessor order: PromisedOrder | undefined;
  @property() accessor phase = '';
  @property({ attribute: false }) accessor now = 0;

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
      }
      span {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        white-space: nowrap;
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order || order.promised_at === null) return nothing;
    const text = formatDay(order.promised_at, this.now, locale());
    switch (promiseState(order, this.phase as Phase, this.now)) {
      case 'late':
        return html`<span class="signal"><ui-icon name="alert"></ui-icon>${msg(str`Tarde: ${text}`)}</span>`;
      case 'soon':
        return html`<span class="signal"><ui-icon name="clock"></ui-icon>${msg(str`Pronto: ${text}`)}</span>`;
      case 'kept':
        return html`<span class="quiet"><ui-icon name="check"></ui-icon>${text}</span>`;
      case 'none':
        return nothing;
      default:
        return html`<span><ui-icon name="clock"></ui-icon>${text}</span>`;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'promised-time': PromisedTime;
  }
}
