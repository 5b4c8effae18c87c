import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import {
  joinOptions,
  leaveOptions,
  offerOption,
  recommendOption,
} from '../../shared/taller/flows/option-flow.ts';
import { groupedOptions } from '../../shared/taller/options.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import type { OrderLine, ProposedJob } from '../app/estimates.ts';
import { selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** What makes a job of an estimate one of several options, recommends it, and makes it stand for itself again. */
@customElement('job-options')
export class JobOptions extends ConnectedElement {
  @property({ attribute: false }) accessor job: ProposedJob | undefined;
  /** Of the job. */
  @property({ attribute: false }) accessor lines: readonly OrderLine[] = [];
  /** All of the order, in their order. */
  @property({ attribute: false }) accessor jobs: readonly ProposedJob[] = [];

  static override styles = [
    shared,
    selectStyle,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-3);
        min-inline-size: 0;
      }
      select {
        inline-size: 15rem;
      }
    `,
  ];

  override render() {
    const { job } = this;
    if (!job) return nothing;
    const proposed = this.jobs.filter(({ approval }) => approval === 'proposed');
    const options = proposed.filter(
      ({ option_group }) => option_group !== '' && option_group === job.option_group,
    );
    const others = groupedOptions(proposed).filter((group) => !group.some(({ id }) => id === job.id));
    return html`
      <button class="button" aria-label=${msg(str`Ofrecer otra opción de ${job.title}`)} @click=${() => this.#offer(job)}>
        <ui-icon name="plus"></ui-icon>${msg('Otra opción')}
      </button>
      ${
        options.length > 1
          ? html`
              ${
                options[0]?.id === job.id
                  ? nothing
                  : html`<button class="button" aria-label=${msg(str`Recomendar ${job.title}`)} @click=${() => this.#recommend(job)}>
                      <ui-icon name="check"></ui-icon>${msg('Recomendar')}
                    </button>`
              }
              <button class="button" aria-label=${msg(str`${job.title} no es una opción`)} @click=${() => this.#leave(job)}>
                <ui-icon name="close"></ui-icon>${msg('No es una opción')}
              </button>
            `
          : others.length === 0
            ? nothing
            : html`<select aria-label=${msg(str`${job.title} es otra opción de`)} @change=${(event: Event) => this.#join(job, event)}>
                <option value="">${msg('Es otra opción de…')}</option>
                ${others.map(
                  ([first]) =>
                    html`<option value=${first?.id ?? ''}>${first?.option_group || first?.title}</option>`,
                )}
              </select>`
      }
    `;
  }

  #offer(job: ProposedJob): void {
    const copy = { title: msg(str`${job.title}, otra opción`), sort: this.jobs.length + 1 };
    void this.write('job.option', (actor) => offerOption(actor, job, this.lines, copy));
  }

  #recommend(job: ProposedJob): void {
    void this.write('job.option', () => recommendOption(job, this.jobs));
  }

  #leave(job: ProposedJob): void {
    void this.write('job.option', () => leaveOptions(job, this.jobs));
  }

  #join(job: ProposedJob, event: Event): void {
    const id = (event.target as HTMLSelectElement).value;
    const other = this.jobs.find((one) => one.id === id);
    if (other) void this.write('job.option', () => joinOptions(job, other, this.jobs));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'job-options': JobOptions;
  }
}
