import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { TechnicianNow } from '../app/day.ts';
import { TallerElement } from '../app/element.ts';
import { orderPagePath } from '../app/order-filter.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import './number-plate.ts';
import './running-time.ts';
import './ui-icon.ts';

/** Each technician: what their clock is on now, since when, and how much waits for them. */
@customElement('team-now')
export class TeamNow extends TallerElement {
  @property({ attribute: false }) accessor team: readonly TechnicianNow[] = [];
  /** How far the workshop's clock is ahead of this device's. */
  @property({ attribute: false }) accessor offset = 0;

  static override styles = [
    shared,
    dividedListStyle,
    css`
      ul {
        grid-template-columns: 12rem minmax(0, 1fr) auto;
      }
      li {
        display: grid;
        grid-column: 1 / -1;
        grid-template-columns: subgrid;
        align-items: center;
        gap: var(--space-1) var(--space-4);
        min-block-size: 60px;
        padding-block: var(--space-2);
      }
      .now {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
        min-inline-size: 0;
        text-decoration: none;
      }
      .title {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      running-time,
      number-plate {
        flex: none;
      }
      running-time {
        margin-inline-start: auto;
      }
      .button {
        justify-content: end;
        padding-inline: var(--space-3) 0;
      }
      strong {
        font-weight: 650;
      }
      @media (max-width: 699px) {
        ul {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        .now {
          grid-column: 1 / -1;
          grid-row: 2;
        }
      }
    `,
  ];

  override render() {
    return html`<ul>${this.team.map((one) => this.#renderOne(one))}</ul>`;
  }

  #renderOne(one: TechnicianNow) {
    return html`<li>
      <strong>${one.display_name}</strong>
      ${
        one.started_at === null
          ? html`<span class="now quiet"><ui-icon name="clock"></ui-icon>${msg('Reloj parado')}</span>`
          : html`<a class="now" href=${one.order_id === null ? '/ordenes' : `/ordenes/${one.order_id}`}>
              ${one.plate === '' ? '' : html`<number-plate value=${one.plate} country=${one.plate_country}></number-plate>`}
              <span class="title">${one.title.split('\n')[0] ?? ''}</span>
              <running-time class="figure" .since=${one.started_at} .offset=${this.offset}></running-time>
            </a>`
      }
      <a class="button bare" href=${orderPagePath({ as: 'list', technician: one.id })}>${msg(str`Órdenes: ${one.orders}`)}</a>
    </li>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'team-now': TeamNow;
  }
}
