import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import type { IconName } from '../app/icons.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** A status by icon and word. In the signal colour only where somebody has to act before work goes on. */
@customElement('status-mark')
export class StatusMark extends TallerElement {
  /** Key of the status: `waiting_parts`. */
  @property() accessor status = '';
  @property() accessor phase = '';
  @property() accessor label = '';

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
      }
      .mark {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-weight: 600;
        white-space: nowrap;
      }
      .act {
        color: var(--signal-text);
      }
      .over {
        color: var(--ink-quiet);
      }
    `,
  ];

  override render() {
    return html`<span class="mark ${toneOf(this.status, this.phase)}">
      <ui-icon name=${iconOf(this.status, this.phase)}></ui-icon>${this.label || this.status}
    </span>`;
  }
}

/** Only what waits for a word from the workshop to the customer is a call to act. */
function toneOf(status: string, phase: string): 'act' | 'over' | '' {
  if (status === 'waiting_approval') return 'act';
  return phase === 'delivered' || phase === 'cancelled' ? 'over' : '';
}

const ICON_BY_STATUS: Readonly<Record<string, IconName>> = {
  draft: 'draft',
  received: 'received',
  diagnosis: 'diagnosis',
  waiting_approval: 'hand',
  waiting_parts: 'parts',
  in_progress: 'wrench',
  quality: 'quality',
  ready: 'ready',
  invoiced: 'invoiced',
  delivered: 'key',
  cancelled: 'cancelled',
};

const ICON_BY_PHASE: Readonly<Record<string, IconName>> = {
  draft: 'draft',
  open: 'received',
  waiting: 'hourglass',
  work: 'wrench',
  quality: 'quality',
  ready: 'ready',
  invoiced: 'invoiced',
  delivered: 'key',
  cancelled: 'cancelled',
};

export function iconOf(status: string, phase: string): IconName {
  return ICON_BY_STATUS[status] ?? ICON_BY_PHASE[phase] ?? 'orders';
}

declare global {
  interface HTMLElementTagNameMap {
    'status-mark': StatusMark;
  }
}
