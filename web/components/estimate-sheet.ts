import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { groupedOptions } from '../../shared/taller/options.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import { TallerElement } from '../app/element.ts';
import {
  choiceHeading,
  type DocumentJob,
  type EstimateDocument,
  type Labelled,
  titleOf,
} from '../app/estimate-document.ts';
import { answerTo, decisionMark } from '../app/estimates.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** An estimate that was sent, as it is: on screen and on paper. */
@customElement('estimate-sheet')
export class EstimateSheet extends TallerElement {
  @property({ attribute: false }) accessor document: EstimateDocument | undefined;
  /** By wo_jobs.id. */
  @property({ attribute: false }) accessor decisions: ReadonlyMap<string, Approval['decision']> = new Map();
  /** Nobody has answered anything: no job has a mark. */
  @property({ type: Boolean }) accessor unanswered = false;
  @property({ attribute: false }) accessor approved: Labelled | undefined;
  /** On paper there is no place for a signature then. */
  @property({ type: Boolean }) accessor isSigned = false;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: var(--space-5);
        padding: var(--space-5);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-l);
        background: var(--surface-raised);
      }
      .parties {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 180px), 1fr));
        gap: var(--space-4) var(--space-5);
        margin: 0;
      }
      dd {
        margin: 0;
        white-space: pre-line;
        overflow-wrap: anywhere;
      }
      .job {
        display: grid;
        gap: var(--space-2);
        padding-block-start: var(--space-3);
        border-block-start: var(--line-strong) solid var(--rule);
        break-inside: avoid;
      }
      .job header {
        display: flex;
        align-items: center;
        gap: var(--space-1) var(--space-4);
      }
      .job :is(h3, h4) {
        flex: 1;
        margin: 0;
      }
      .choice {
        padding-block-start: var(--space-3);
        border-block-start: var(--line-strong) solid var(--rule);
      }
      .choice .job {
        margin-inline-start: var(--space-4);
        border-block-start: var(--line) solid var(--rule);
      }
      .choice > h3 {
        margin-block-end: var(--space-3);
      }
      .mark {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-weight: 600;
        font-size: var(--text-s);
      }
      table {
        inline-size: 100%;
        table-layout: fixed;
        border-collapse: collapse;
        font-size: var(--text-s);
      }
      th {
        padding: 0;
        line-height: 0;
      }
      td {
        padding-block: var(--space-1);
        vertical-align: baseline;
      }
      th + th {
        inline-size: 13%;
      }
      td + td {
        padding-inline-start: var(--space-3);
        text-align: end;
        white-space: nowrap;
        font-family: var(--font-display);
        font-stretch: var(--width-display);
        font-variant-numeric: tabular-nums;
      }
      .totals {
        display: grid;
        grid-template-columns: auto auto;
        justify-content: end;
        align-items: baseline;
        gap: var(--space-1) var(--space-5);
        margin: 0;
        padding-block-start: var(--space-3);
        border-block-start: var(--line-strong) solid var(--rule);
        text-align: end;
      }
      .totals dd {
        white-space: nowrap;
      }
      .total {
        font-size: var(--text-xl);
      }
      .terms {
        white-space: pre-line;
        max-inline-size: var(--measure);
      }
      .acceptance {
        display: none;
        block-size: 28mm;
        border-block-end: var(--line) solid var(--ink);
      }
      @media (max-width: 699px) {
        :host {
          padding: var(--space-4);
        }
        .job header {
          flex-wrap: wrap;
        }
        dt.total {
          font-size: var(--text-l);
        }
        .mark {
          order: 1;
          flex-basis: 100%;
        }
        :is(th, td):nth-child(3),
        :is(th, td):nth-child(4) {
          display: none;
        }
        th + th {
          inline-size: 24%;
        }
      }
      @media print {
        :host {
          padding: 0;
          border: 0;
        }
        .parties {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
        .acceptance {
          display: block;
        }
        :is(th, td):nth-child(3),
        :is(th, td):nth-child(4) {
          display: table-cell;
        }
        th + th {
          inline-size: 13%;
        }
      }
    `,
  ];

  override render() {
    const { document } = this;
    if (!document) return nothing;
    return html`
      <div class="row spread">
        <h2>${document.title}</h2>
        <span class="figure">${document.number}</span>
      </div>
      <dl class="parties">
        ${document.parties.map(
          ({ heading, lines }) =>
            html`<div><dt class="label">${heading}</dt><dd>${lines.join('\n')}</dd></div>`,
        )}
      </dl>
      <div>
        ${groupedOptions(document.jobs).map(([first, ...others]) =>
          !first || first.option_group === ''
            ? first && this.#renderJob(document, first)
            : html`<section class="choice" aria-label=${choiceHeading(first.option_group)}>
                <h3>${choiceHeading(first.option_group)}</h3>
                ${[first, ...others].map((job) => this.#renderJob(document, job))}
              </section>`,
        )}
      </div>
      <dl class="totals">
        ${document.totals.map(({ label, text }) => html`<dt>${label}</dt><dd class="figure">${text}</dd>`)}
        <dt class="total">${document.total.label}</dt><dd class="figure total">${document.total.text}</dd>
        ${document.range ? html`<dt>${document.range.label}</dt><dd class="figure">${document.range.text}</dd>` : nothing}
        ${
          this.approved
            ? html`<dt><strong>${this.approved.label}</strong></dt><dd class="figure">${this.approved.text}</dd>`
            : nothing
        }
      </dl>
      <p class="small quiet terms">${document.terms}</p>
      ${this.isSigned ? nothing : html`<p class="acceptance">${document.acceptance}</p>`}
      <slot></slot>
    `;
  }

  #renderJob(document: EstimateDocument, job: DocumentJob) {
    const { columns } = document;
    const [icon, word] = decisionMark(answerTo(job, document.jobs, this.decisions));
    return html`<section class="job" aria-label=${titleOf(job)}>
      <header>
        ${
          job.option === ''
            ? html`<h3>${job.title}</h3>`
            : html`<h4><span class="small quiet">${job.option}</span><br />${job.title}</h4>`
        }
        ${this.unanswered ? nothing : html`<span class="mark"><ui-icon name=${icon}></ui-icon>${word}</span>`}
        <span class="figure">${job.total}</span>
      </header>
      <table>
        <thead>
          <tr>
            ${[columns.description, columns.quantity, columns.price, columns.discount, columns.amount].map(
              (heading) => html`<th scope="col"><span class="visually-hidden">${heading}</span></th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${job.lines.map(
            (line) => html`<tr>
              <td>${line.description}</td>
              <td>${line.quantity}</td>
              <td>${line.price}</td>
              <td>${line.discount}</td>
              <td>${line.amount}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-sheet': EstimateSheet;
  }
}
