import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { keepOption } from '../../shared/taller/flows/estimate-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDateTime, formatMoney } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { type TakenOption, takenTwiceQuery } from '../app/options-twice.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './number-plate.ts';
import './ui-icon.ts';

/** Options of one choice that two tablets took at once: each with who took it, and a tap that says which one holds. */
@customElement('options-twice')
export class OptionsTwice extends ConnectedElement {
  #taken = new LiveQuery<TakenOption>(this, () => this.engine, takenTwiceQuery);

  static override styles = [
    shared,
    css`
      :host {
        display: contents;
      }
      article {
        display: grid;
        gap: var(--space-3);
        padding: var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
      }
      .what {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-2);
        border-block-start: var(--line) solid var(--rule);
      }
      p {
        max-inline-size: var(--measure);
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: minmax(0, 1fr) auto;
        }
        li .button {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  override render() {
    const groups = new Map<string, TakenOption[]>();
    for (const option of this.#taken.rows) {
      const key = `${option.work_order_id} ${option.option_group}`;
      groups.set(key, [...(groups.get(key) ?? []), option]);
    }
    if (groups.size === 0) return nothing;
    return html`<section class="stack" aria-label=${msg('Dos opciones aprobadas a la vez')}>
      <h2>${msg('Dos opciones aprobadas a la vez')}</h2>
      <p class="quiet">
        ${msg('Dos tabletas sin conexión entre sí aprobaron cada una una opción distinta. Pregunta al cliente cuál quiere: las demás quedan como no elegidas. Hasta entonces vale la última.')}
      </p>
      ${repeat(
        groups,
        ([key]) => key,
        ([, options]) => this.#renderGroup(options),
      )}
    </section>`;
  }

  #renderGroup(options: readonly TakenOption[]) {
    const [first] = options;
    if (!first) return nothing;
    return html`<article data-choice=${first.option_group}>
      <div class="what">
        <number-plate value=${first.plate} country=${first.plate_country}></number-plate>
        <strong>${first.option_group}</strong>
        <a href="/ordenes/${first.work_order_id}/presupuesto">${msg(str`Presupuesto de ${first.number}`)}</a>
      </div>
      <ul>
        ${options.map(
          (option) => html`<li>
            <div>
              ${option.title}
              <div class="small quiet">${option.by_name} · ${formatDateTime(option.at, this.now, locale())}</div>
            </div>
            <span class="figure">${formatMoney(option.amount_minor, 'EUR', locale())}</span>
            <button class="button" aria-label=${msg(str`Vale esta: ${option.title}`)} @click=${() => this.#keep(option, options)}>
              <ui-icon name="check"></ui-icon>${msg('Vale esta')}
            </button>
          </li>`,
        )}
      </ul>
    </article>`;
  }

  async #keep(option: TakenOption, options: readonly TakenOption[]): Promise<void> {
    const others = options.filter(({ id }) => id !== option.id);
    const kept = await this.write('estimate.decide', (actor) => keepOption(actor, option, others));
    if (kept) this.dispatchEvent(new ToastEvent(msg(str`Vale: ${option.title}`)));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'options-twice': OptionsTwice;
  }
}
