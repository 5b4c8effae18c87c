import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ReadyMadeJob } from '../../shared/taller/flows/order-flow.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { type ReadyMadeHit, readReadyMade, readyMadeHitsQuery } from '../app/ready-made-jobs.ts';
import { inputStyle } from '../app/styles/fields.ts';
import { hitListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import './ui-icon.ts';

/** A job was chosen, with its lines if it is a ready-made one. */
export class JobChosenEvent extends Event {
  static readonly type = 'job-chosen';
  readonly job: ReadyMadeJob;

  constructor(job: ReadyMadeJob) {
    super(JobChosenEvent.type, { bubbles: true });
    this.job = job;
  }
}

/**
 * A place to add a job: a ready-made one of the catalog, or one by the title that is typed.
 *
 * @fires job-chosen
 */
@customElement('job-search')
export class JobSearch extends ConnectedElement {
  /** For the price list. */
  @property({ attribute: false }) accessor order: Parameters<typeof readReadyMade>[2] | undefined;
  @state() private accessor text = '';

  #hits = new LiveQuery<ReadyMadeHit>(
    this,
    () => this.engine,
    () => readyMadeHitsQuery(this.text),
  );

  static override styles = [
    shared,
    inputStyle,
    hitListStyle,
    css`
      label {
        display: grid;
        gap: var(--space-2);
      }
    `,
  ];

  override render() {
    const text = this.text.trim();
    return html`
      <label>
        <span class="label">${msg('Añadir un trabajo')}</span>
        <input
          type="search"
          autocomplete="off"
          placeholder=${msg('Frenos, aceite, ITV…')}
          .value=${this.text}
          @input=${(event: Event) => {
            this.text = (event.target as HTMLInputElement).value;
          }}
        />
      </label>
      ${text.length < 2 ? nothing : this.#renderHits(text)}
    `;
  }

  #renderHits(text: string) {
    return html`<ul aria-label=${msg('Trabajos encontrados')}>
      ${this.#hits.rows.map(
        (hit) => html`<li>
          <button class="button" @click=${() => this.#choose(hit)}>
            <span>${hit.name}</span>
            <span class="figure quiet">${hit.est_minutes} min</span>
          </button>
        </li>`,
      )}
      <li>
        <button class="button" @click=${() => this.#give({ title: text, lines: [] })}>
          <span><ui-icon name="plus"></ui-icon> ${msg(str`Trabajo nuevo: ${text}`)}</span>
        </button>
      </li>
    </ul>`;
  }

  async #choose(hit: ReadyMadeHit): Promise<void> {
    const { engine, order } = this;
    if (!engine || !order) return;
    const job = await readReadyMade(engine, hit.id, order, this.now);
    if (job) this.#give(job);
  }

  #give(job: ReadyMadeJob): void {
    this.text = '';
    this.dispatchEvent(new JobChosenEvent(job));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'job-search': JobSearch;
  }
  interface HTMLElementEventMap {
    'job-chosen': JobChosenEvent;
  }
}
