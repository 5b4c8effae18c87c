import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { updateJob } from '../../shared/taller/flows/order-flow.ts';
import { statements, update } from '../../shared/taller/flows/statement.ts';
import { isOtherOption } from '../../shared/taller/options.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import type { ProposedJob } from '../app/estimates.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** Jobs that the customer did not want, to be offered once more in the next version. Draws nothing when there are none. */
@customElement('estimate-declined')
export class EstimateDeclined extends ConnectedElement {
  @property({ attribute: false }) accessor jobs: readonly ProposedJob[] = [];
  /** Of the order, decided on or not. */
  @property({ attribute: false }) accessor all: readonly ProposedJob[] = [];

  static override styles = [
    shared,
    css`
      /* None takes no place. */
      :host {
        display: contents;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-3);
        border-block-start: var(--line) solid var(--rule);
      }
    `,
  ];

  override render() {
    if (this.jobs.length === 0) return nothing;
    return html`<section class="panel stack" aria-label=${msg('Rechazados en esta orden')}>
      <h2>${msg('Rechazados en esta orden')}</h2>
      <ul>
        ${repeat(
          this.jobs,
          ({ id }) => id,
          (job) => html`<li>
            <span>
              ${job.title}
              ${isOtherOption(job, this.all) ? html`<span class="small quiet">${msg(str`Otra opción de ${job.option_group}`)}</span>` : nothing}
            </span>
            <button class="button" aria-label=${msg(str`Volver a proponer: ${job.title}`)} @click=${() => this.#propose(job)}>
              <ui-icon name="undo"></ui-icon>${msg('Volver a proponer')}
            </button>
          </li>`,
        )}
      </ul>
    </section>`;
  }

  #propose(job: ProposedJob): void {
    const { id } = job;
    // What it came from is being mended in another way.
    const finding_id = isOtherOption(job, this.all) ? null : job.finding_id;
    void this.write('job.quote', () =>
      statements(
        updateJob(id, { approval: 'proposed' }),
        finding_id === null
          ? undefined
          : update('findings', finding_id, { status: 'quoted', declined_at: null }),
      ),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-declined': EstimateDeclined;
  }
}
