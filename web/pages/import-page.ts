import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type ImportEntity, type ImportMapping, missingFields } from '../../shared/taller/import/fields.ts';
import { ROWS_PER_PORTION } from '../../shared/taller/import/import-flow.ts';
import { readSettings, type WorkshopSettings } from '../../shared/taller/settings.ts';
import { ToastEvent } from '../app/events.ts';
import { csvOptions } from '../app/files/export-lists.ts';
import type { DryRunReport, FileHead, Plan } from '../app/files/file-worker.ts';
import { type BatchRow, portionsThere, runAlone, runPortions, tellKnown } from '../app/files/import-run.ts';
import { ALL_PROBLEMS, entityName, fieldName, problemName } from '../app/files/import-words.ts';
import { type Files, openFileWorker } from '../app/files/open-file-worker.ts';
import { formatQuantity } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { seriesOf } from '../app/numbering.ts';
import { TallerPage } from '../app/page.ts';
import { may, permissionsQuery } from '../app/permissions.ts';
import { saveFile } from '../app/save-file.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/import-batches.ts';
import type { ImportGoOnEvent } from '../components/import-batches.ts';
import '../components/import-mapping.ts';
import type { MappingChangedEvent } from '../components/import-mapping.ts';
import '../components/import-report.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

type Step =
  | { readonly name: 'file' }
  | { readonly name: 'reading' }
  | { readonly name: 'columns'; readonly file: File; readonly head: FileHead }
  | { readonly name: 'checking'; readonly file: File; readonly head: FileHead }
  | { readonly name: 'checked'; readonly file: File; readonly head: FileHead; readonly report: DryRunReport }
  | { readonly name: 'importing'; readonly plan: Plan; readonly rowsDone: number }
  | { readonly name: 'done'; readonly rows: number; readonly isWhole: boolean };

const ENTITIES: readonly ImportEntity[] = ['customers', 'vehicles', 'work_orders'];

/**
 * F13: a file of another program becomes customers, vehicles or open orders. Columns are chosen, everything is checked
 * and shown, and only then written, some hundred rows to a commit, beside whatever else the person does.
 */
@customElement('import-page')
export class ImportPage extends TallerPage {
  @state() private accessor entity: ImportEntity = 'customers';
  @state() private accessor mapping: ImportMapping = {};
  @state() private accessor step: Step = { name: 'file' };

  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);
  #files: Files | undefined;
  #isStopping = false;

  static override styles = [
    shared,
    columnStyle,
    css`
      .entities {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 180px), 1fr));
        gap: var(--space-2);
      }
      .drop {
        display: grid;
        justify-items: center;
        gap: var(--space-3);
        padding: var(--space-6) var(--space-4);
        border: var(--line-strong) dashed var(--rule-strong);
        border-radius: var(--radius-l);
        text-align: center;
      }
      .drop ui-icon {
        font-size: 2rem;
      }
      .drop .button ui-icon {
        font-size: inherit;
      }
      progress {
        inline-size: 100%;
        block-size: 14px;
        accent-color: var(--ink);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // An import goes on when the person goes elsewhere.
    if (this.step.name !== 'importing') this.#close();
  }

  override render() {
    if (
      this.#permissions.state.name === 'rows' &&
      !may(this.session, this.#permissions.rows, 'data.import')
    ) {
      return html`<state-note page icon="lock" heading=${msg('Para importar hace falta permiso')}></state-note>`;
    }
    return html`
      <h1>${msg('Importar')}</h1>
      ${this.#renderStep()}
    `;
  }

  #renderStep() {
    const { step } = this;
    switch (step.name) {
      case 'file':
        return html`${this.#renderFile()}${this.#renderBatches()}`;
      case 'reading':
        return html`<state-note kind="loading" heading=${msg('Leyendo el archivo…')}></state-note>`;
      case 'columns':
      case 'checking':
        return this.#renderColumns(step.file, step.head, step.name === 'checking');
      case 'checked':
        return this.#renderChecked(step.file, step.head, step.report);
      case 'importing':
        return this.#renderImporting(step.plan, step.rowsDone);
      case 'done':
        return html`${this.#renderDone(step.rows, step.isWhole)}${this.#renderBatches()}`;
    }
  }

  #renderFile() {
    return html`<section class="panel stack" aria-label=${msg('Archivo')}>
      <h2>${msg('¿Qué trae el archivo?')}</h2>
      <div class="entities" role="group" aria-label=${msg('¿Qué trae el archivo?')}>
        ${ENTITIES.map(
          (entity) => html`<button
            class="button ${this.entity === entity ? 'main' : ''}"
            aria-pressed=${this.entity === entity}
            @click=${() => this.#chooseEntity(entity)}
          >
            ${entityName(entity)}
          </button>`,
        )}
      </div>
      <p class="quiet">${msg('Primero los clientes, después los vehículos y al final las órdenes abiertas: cada uno busca a los anteriores.')}</p>
      <div class="drop" @dragover=${this.#allowDrop} @drop=${this.#drop}>
        <ui-icon name="received"></ui-icon>
        <p>${msg('Excel (.xlsx) o CSV. La primera fila tiene los nombres de las columnas.')}</p>
        <button class="button main" @click=${this.#pick}>${msg('Elegir archivo')}</button>
        <input type="file" hidden accept=".xlsx,.csv,.txt,text/csv" aria-label=${msg('Archivo')} @change=${this.#picked} />
      </div>
    </section>`;
  }

  #renderBatches() {
    return html`<import-batches
      @import-go-on=${({ batch, file }: ImportGoOnEvent) => this.#goOn(batch, file)}
    ></import-batches>`;
  }

  #renderColumns(file: File, head: FileHead, isChecking: boolean) {
    const missing = missingFields(this.entity, this.mapping);
    return html`<section class="panel stack" aria-label=${msg('Columnas')}>
      <div class="row spread">
        <h2>${msg('¿Qué hay en cada columna?')}</h2>
        <span class="quiet">${file.name} · ${msg(str`${count(head.rowCount)} filas`)}</span>
      </div>
      <import-mapping
        .entity=${this.entity}
        .head=${head}
        .mapping=${this.mapping}
        @mapping-changed=${(event: MappingChangedEvent) => {
          this.mapping = event.mapping;
        }}
      ></import-mapping>
      <div class="row spread">
        <span class="signal" role="status">
          ${missing.length > 0 ? msg(str`Falta: ${missing.map((key) => fieldName(this.entity, key)).join(', ')}`) : nothing}
        </span>
        <div class="row">
          <button class="button" @click=${this.#startOver}>${msg('Otro archivo')}</button>
          <button class="button main" ?disabled=${missing.length > 0 || isChecking} @click=${() => this.#check(file, head)}>
            ${isChecking ? msg('Comprobando…') : msg('Comprobar')}
          </button>
        </div>
      </div>
    </section>`;
  }

  #renderChecked(file: File, head: FileHead, report: DryRunReport) {
    return html`<section class="panel stack" aria-label=${msg('Comprobación')}>
      <div class="row spread">
        <h2>${msg('Esto es lo que entraría')}</h2>
        <span class="quiet">${file.name} · ${entityName(this.entity)}</span>
      </div>
      <import-report .entity=${this.entity} .report=${report}>
        <button class="button" @click=${this.#saveProblems}><ui-icon name="download"></ui-icon>${msg('Lista de problemas')}</button>
      </import-report>
      <div class="row">
        <button class="button main" ?disabled=${report.okCount === 0} @click=${() => this.#import(file)}>
          ${msg(str`Importar ${count(report.okCount)} filas`)}
        </button>
        <button
          class="button"
          @click=${() => {
            this.step = { name: 'columns', file, head };
          }}
        >
          ${msg('Cambiar columnas')}
        </button>
      </div>
    </section>`;
  }

  #renderImporting(plan: Plan, rowsDone: number) {
    return html`<section class="panel stack" aria-label=${msg('Importando')}>
      <h2>${msg('Importando…')}</h2>
      <progress max=${plan.rows} value=${rowsDone} aria-label=${msg('Filas importadas')}></progress>
      <div class="row spread">
        <span role="status">${msg(str`${count(rowsDone)} de ${count(plan.rows)} filas guardadas en este dispositivo`)}</span>
        <button class="button" @click=${this.#stop}>${msg('Parar')}</button>
      </div>
    </section>`;
  }

  #renderDone(rows: number, isWhole: boolean) {
    return html`<state-note
      icon=${isWhole ? 'check' : 'stop'}
      heading=${isWhole ? msg(str`${count(rows)} filas importadas`) : msg(str`Parada tras ${count(rows)} filas`)}
      text=${msg('Se puede deshacer: lo que alguien haya cambiado o use se queda, y se dice qué y por qué.')}
    >
      <button class="button main" @click=${this.#startOver}>${msg('Importar otro archivo')}</button>
    </state-note>`;
  }

  #chooseEntity(entity: ImportEntity): void {
    this.entity = entity;
  }

  #allowDrop = (event: DragEvent): void => {
    event.preventDefault();
  };

  #drop = (event: DragEvent): void => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) void this.#read(file);
  };

  #pick = (): void => {
    this.renderRoot.querySelector<HTMLInputElement>('input[type="file"]')?.click();
  };

  #picked = (event: Event): void => {
    const file = (event.target as HTMLInputElement).files?.[0];
    if (file) void this.#read(file);
  };

  #startOver = (): void => {
    this.#close();
    this.step = { name: 'file' };
  };

  #stop = (): void => {
    this.#isStopping = true;
  };

  async #read(file: File): Promise<void> {
    this.#close();
    this.#isStopping = false;
    this.#files = openFileWorker();
    const { worker } = this.#files;
    this.step = { name: 'reading' };
    try {
      const head = await worker.read(file);
      this.mapping = await worker.suggest(this.entity);
      this.step = { name: 'columns', file, head };
    } catch {
      this.step = { name: 'file' };
      this.#say(
        msg(
          'No se puede leer. Guárdalo como Excel (.xlsx) o CSV, con los nombres de las columnas en la primera fila.',
        ),
      );
    }
  }

  async #check(file: File, head: FileHead): Promise<void> {
    const { engine } = this;
    if (!engine || !this.#files) return;
    const { worker } = this.#files;
    this.step = { name: 'checking', file, head };
    try {
      const { country, tz } = await this.#settings();
      await tellKnown(engine, worker);
      const report = await worker.check(this.entity, this.mapping, { country, timeZone: tz });
      this.step = { name: 'checked', file, head, report };
    } catch (error) {
      this.step = { name: 'columns', file, head };
      this.#say(error);
    }
  }

  #saveProblems = async (): Promise<void> => {
    if (!this.#files) return;
    const { tz } = await this.#settings();
    const columns = [
      { name: 'line', label: msg('Línea'), kind: 'integer' },
      { name: 'field', label: msg('Campo'), kind: 'text' },
      { name: 'value', label: msg('En el archivo'), kind: 'text' },
      { name: 'problem', label: msg('Qué pasa'), kind: 'text' },
      { name: 'severity', label: msg('Resultado'), kind: 'text' },
    ] as const;
    const words = {
      ...Object.fromEntries(ALL_PROBLEMS.map((problem) => [problem, problemName(problem)])),
      ...Object.fromEntries(Object.keys(this.mapping).map((key) => [key, fieldName(this.entity, key)])),
      error: msg('se queda fuera'),
      warning: msg('entra'),
    };
    const blob = await this.#files.worker.problemsFile(columns, words, csvOptions(locale(), tz));
    saveFile(blob, 'problemas.csv');
  };

  /** The same file once more: it is checked as it was when the import began, and its other rows are written. */
  async #goOn(batch: BatchRow, file: File): Promise<void> {
    await this.#read(file);
    const { engine } = this;
    if (!engine || !this.#files || this.step.name !== 'columns') return;
    const { head } = this.step;
    const { print, ...mapping } = JSON.parse(batch.mapping_json) as ImportMapping & {
      readonly print: string;
    };
    this.entity = batch.entity;
    this.mapping = mapping;
    this.step = { name: 'checking', file, head };
    try {
      const { country, tz } = await this.#settings();
      await tellKnown(engine, this.#files.worker, batch.id);
      await this.#files.worker.check(batch.entity, mapping, { country, timeZone: tz });
    } catch (error) {
      this.#say(error);
      return this.#startOver();
    }
    await this.#import(file, { ...batch, print });
  }

  async #import(file: File, begun?: BatchRow & { readonly print: string }): Promise<void> {
    const writer = await this.writer();
    if (!writer || !this.#files) return;
    const { engine, actor } = writer;
    const { worker } = this.#files;
    const { entity } = this;
    const from = begun === undefined ? 0 : await portionsThere(engine, begun);
    let rowsDone = from * ROWS_PER_PORTION;
    try {
      const { country, tz } = await this.#settings();
      const series =
        entity === 'work_orders'
          ? await seriesOf(engine, 'work_order', actor.device, actor.nowMs)
          : undefined;
      const plan = await worker.plan(actor, file.name, { country, timeZone: tz }, series, begun);
      if (plan === undefined) {
        this.step = { name: 'file' };
        this.#say(
          msg(
            'Con este archivo no se puede seguir: no es el mismo, o lo que ya hay en el taller ha cambiado. Deshaz la importación y hazla otra vez.',
          ),
        );
        return;
      }
      const onProgress = (rows: number): boolean => {
        rowsDone = rows;
        this.step = { name: 'importing', plan, rowsDone };
        return !this.#isStopping;
      };
      this.step = { name: 'importing', plan, rowsDone };
      const isAlone = await runAlone(plan.batchId, async () => {
        const isWhole = await runPortions(engine, worker, plan, entity, onProgress, from);
        this.step = { name: 'done', rows: rowsDone, isWhole };
      });
      if (isAlone) return;
      this.step = { name: 'file' };
      this.#say(msg('Esta importación está en marcha en otra pestaña.'));
    } catch (error) {
      this.#say(error);
      this.step = { name: 'done', rows: rowsDone, isWhole: false };
    } finally {
      this.#close();
    }
  }

  async #settings(): Promise<WorkshopSettings> {
    const rows = await this.engine?.query('select key, value_json, scope, scope_id from settings');
    return readSettings((rows ?? []) as never);
  }

  #say(problem: unknown): void {
    const text = problem instanceof Error ? problem.message : String(problem);
    this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
  }

  #close(): void {
    this.#files?.close();
    this.#files = undefined;
  }
}

function count(value: number): string {
  return formatQuantity(value * 1000, locale());
}

declare global {
  interface HTMLElementTagNameMap {
    'import-page': ImportPage;
  }
}
