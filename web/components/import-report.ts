import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ImportEntity } from '../../shared/taller/import/fields.ts';
import { TallerElement } from '../app/element.ts';
import type { DryRunReport, ImportProblemRow } from '../app/files/file-worker.ts';
import { fieldName, problemName } from '../app/files/import-words.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/**
 * What an import would do: how many rows come in, how many stay out, and why, line by line.
 *
 * @slot - what to do with the list of problems
 */
@customElement('import-report')
export class ImportReport extends TallerElement {
  @property() accessor entity: ImportEntity = 'customers';
  @property({ attribute: false }) accessor report: DryRunReport | undefined;

  static override styles = [
    shared,
    css`
      .counts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 180px), 1fr));
        gap: var(--space-3);
        margin: 0;
      }
      .counts > div {
        padding: var(--space-3) var(--space-4);
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
        background: var(--surface);
      }
      dd {
        margin: 0;
        font-size: var(--text-xl);
      }
      .scroll {
        max-block-size: 320px;
        overflow: auto;
        border: var(--line) solid var(--rule);
        border-radius: var(--radius-m);
      }
      table {
        inline-size: 100%;
        border-collapse: collapse;
      }
      th,
      td {
        padding: var(--space-2) var(--space-3);
        text-align: start;
        vertical-align: top;
        overflow-wrap: anywhere;
      }
      th {
        position: sticky;
        inset-block-start: 0;
        background: var(--surface-sunken);
      }
      tr + tr td {
        border-block-start: var(--line) solid var(--rule);
      }
      td.line {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  override render() {
    const { report } = this;
    if (!report) return nothing;
    const count = (value: number) => formatQuantity(value * 1000, locale());
    return html`<div class="stack">
      <dl class="counts">
        <div><dt class="label">${msg('Entran')}</dt><dd class="figure" data-count="ok">${count(report.okCount)}</dd></div>
        <div><dt class="label">${msg('Entran con aviso')}</dt><dd class="figure" data-count="warning">${count(report.warningCount)}</dd></div>
        <div>
          <dt class="label">${msg('Se quedan fuera')}</dt>
          <dd class="figure ${report.badCount > 0 ? 'signal' : ''}" data-count="bad">${count(report.badCount)}</dd>
        </div>
      </dl>
      ${report.problemCount === 0 ? html`<p class="quiet"><ui-icon name="check"></ui-icon> ${msg('Ningún problema.')}</p>` : this.#renderProblems(report)}
    </div>`;
  }

  #renderProblems(report: DryRunReport) {
    const { problems, problemCount } = report;
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${msg('Problemas')}>
        <table>
          <thead>
            <tr>
              <th class="label" scope="col">${msg('Línea')}</th>
              <th class="label" scope="col">${msg('Campo')}</th>
              <th class="label" scope="col">${msg('En el archivo')}</th>
              <th class="label" scope="col">${msg('Qué pasa')}</th>
            </tr>
          </thead>
          <tbody>
            ${problems.map((problem) => this.#renderProblem(problem))}
          </tbody>
        </table>
      </div>
      <div class="row spread">
        <span class="small quiet">
          ${problems.length < problemCount ? msg(str`Se ven ${problems.length} de ${problemCount}. El archivo los tiene todos.`) : nothing}
        </span>
        <slot></slot>
      </div>
    `;
  }

  #renderProblem(problem: ImportProblemRow) {
    const isError = problem.severity === 'error';
    return html`<tr>
      <td class="line">${problem.line}</td>
      <td>${fieldName(this.entity, problem.field)}</td>
      <td>${problem.value}</td>
      <td class=${isError ? 'signal' : ''}>
        <ui-icon name=${isError ? 'close' : 'alert'}></ui-icon> ${problemName(problem.problem)}${isError ? ` · ${msg('se queda fuera')}` : nothing}
      </td>
    </tr>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'import-report': ImportReport;
  }
}
