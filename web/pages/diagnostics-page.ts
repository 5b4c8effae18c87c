import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { tallerSchema } from '../../shared/taller/schema.ts';
import { ToastEvent } from '../app/events.ts';
import { formatNumber, formatSpace } from '../app/format.ts';
import { lastSyncText } from '../app/last-sync.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { saveFile } from '../app/save-file.ts';
import { shared } from '../app/styles/shared.ts';
import type { LiveQueryReport, Proof, ResultRow, Status, SyncReport } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/proof-report.ts';
import '../components/result-table.ts';
import '../components/sql-console.ts';
import '../components/sync-measures.ts';
import '../components/ui-icon.ts';

interface Counts extends ResultRow {
  readonly sqlite: string;
  readonly waiting: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly conflicts: number;
  readonly violations: number;
  readonly quarantine: number;
}

const DOCUMENTS_SQL = `
  select name, iif(hydrated, '●', '') as hydrated, registers, round(bytes / 1024.0, 1) as kilobytes, updates,
    epoch, seq, head, reported, archived
  from _document order by name`;

const ENDINGS = { sqlite: 'sqlite', rescue: 'espejo', incident: 'incidencia' } as const;

/** Documents and live queries are looked at this often while the page is open: no commit tells when they change. */
const LOOK_INTERVAL_MS = 2_000;

/** What a developer asks first: what this device holds, what it waits for, what it runs, and whether SQL is right. */
@customElement('diagnostics-page')
export class DiagnosticsPage extends TallerPage {
  @state() private accessor queries: readonly LiveQueryReport[] = [];
  @state() private accessor documents: readonly ResultRow[] = [];
  @state() private accessor proof: Proof | undefined;
  @state() private accessor measures: SyncReport | undefined;
  @state() private accessor isRedacting = true;
  @state() private accessor isVerifying = false;

  #timer: ReturnType<typeof setInterval> | undefined;
  #counts = new LiveQuery<Counts>(
    this,
    () => this.engine,
    () => sql`
      select sqlite_version() as sqlite,
        (select count(*) from _outbox where state <> 'rejected') as waiting,
        (select count(*) from _outbox where state = 'rejected') as rejected,
        (select coalesce(sum(bytes), 0) from _outbox) as bytes,
        (select count(*) from _conflict) as conflicts,
        (select count(*) from _violation) as violations,
        (select count(*) from _quarantine) as quarantine`,
  );
  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1240px;
      }
      .panel {
        grid-template-columns: minmax(0, 1fr);
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 200px), 1fr));
        gap: var(--space-4);
        margin: 0;
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      dd a {
        display: inline-grid;
        place-items: center start;
        min-inline-size: var(--target);
        min-block-size: var(--target);
        margin-block: calc(-1 * var(--space-3));
      }
      .choice {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        min-block-size: var(--target);
      }
      .choice input {
        inline-size: 24px;
        block-size: 24px;
        margin: 0;
        accent-color: var(--ink);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
    void this.updateComplete.then(() => this.#look());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    const { sync } = this;
    if (!sync) return nothing;
    return html`
      <h1>${msg('Diagnóstico')}</h1>
      ${this.#renderDevice(sync)}
      <section class="panel stack" aria-label=${msg('Sincronización')}>
        <h2>${msg('Sincronización')}</h2>
        <sync-measures .report=${this.measures} .now=${this.now}></sync-measures>
      </section>
      ${this.#renderProof()} ${this.#renderIncident()} ${this.#renderDocuments()} ${this.#renderQueries()}
      ${
        this.session?.role === 'admin'
          ? html`<section class="panel stack" aria-label=${msg('Consola SQL')}>
              <h2>${msg('Consola SQL')}</h2>
              <sql-console></sql-console>
            </section>`
          : nothing
      }
    `;
  }

  #renderDevice(sync: Status) {
    const counts = this.#counts.first;
    const { storage } = sync;
    const space = (bytes = 0) => formatSpace(bytes, locale());
    const fact = (name: string, value: unknown, isBad = false) =>
      html`<div><dt class="label">${name}</dt><dd class=${isBad ? 'signal' : ''}>${value}</dd></div>`;
    return html`<section class="panel stack" aria-label=${msg('Este dispositivo')}>
      <h2>${msg('Este dispositivo')}</h2>
      <dl>
        ${fact(msg('Identificador'), html`<span class="figure">${sync.device}</span>`)}
        ${fact(msg('Versiones'), msg(str`esquema ${tallerSchema.version} · SQLite ${counts?.sqlite ?? '…'}`))}
        ${fact(msg('Conexión'), sync.connection === 'connected' ? `${msg('Conectado')} (${sync.transport})` : (sync.lastError ?? msg('Sin conexión')))}
        ${fact(msg('Última sincronización'), lastSyncText(sync, this.now))}
        ${fact(msg('Desvío del reloj'), `${formatNumber(sync.clockOffsetMs, locale())} ms`, Math.abs(sync.clockOffsetMs) > 60_000)}
        ${fact(msg('Espacio'), msg(str`${space(storage.usedBytes)} de ${space(storage.quotaBytes)}`))}
        ${fact(msg('Conservación'), storage.failure ?? (storage.persisted ? msg('El navegador conserva los datos') : msg('Sin garantía del navegador')), storage.failure !== undefined)}
        ${
          counts
            ? html`${fact(msg('Pendientes de enviar'), html`<a href="/pendientes">${counts.waiting} · ${formatNumber(counts.bytes, locale())} B</a>`)}
              ${fact(msg('Rechazados'), counts.rejected, counts.rejected > 0)}
              ${fact(msg('Conflictos'), html`<a href="/conflictos">${counts.conflicts}</a>`)}
              ${fact(msg('Reglas incumplidas'), counts.violations, counts.violations > 0)}
              ${fact(msg('En cuarentena'), counts.quarantine, counts.quarantine > 0)}`
            : nothing
        }
      </dl>
      <div class="row">
        <button class="button" @click=${() => this.#export('sqlite')}><ui-icon name="download"></ui-icon>${msg('Base de datos (.sqlite)')}</button>
        <button class="button" @click=${() => this.#export('rescue')}><ui-icon name="download"></ui-icon>${msg('Archivo de rescate')}</button>
      </div>
    </section>`;
  }

  #renderProof() {
    return html`<section class="panel stack" aria-label=${msg('Comprobación')}>
      <div class="row spread">
        <h2>${msg('Comprobación')}</h2>
        <button class="button" ?disabled=${this.isVerifying} @click=${this.#verify}><ui-icon name="quality"></ui-icon>${msg('Comprobar los datos')}</button>
      </div>
      <p class="small quiet">
        ${msg('Compara las tablas con los documentos, y estos con el servidor, y repara lo que difiera aquí. No toca lo pendiente de enviar. En reposo se hace sola cada seis horas.')}
      </p>
      <div role="status">
        ${this.isVerifying ? msg('Comprobando…') : nothing}
        <proof-report .proof=${this.proof} .now=${this.now}></proof-report>
      </div>
    </section>`;
  }

  #renderIncident() {
    return html`<section class="panel stack" aria-label=${msg('Archivo de incidencia')}>
      <h2>${msg('Archivo de incidencia')}</h2>
      <p class="small quiet">
        ${msg('Todo lo que hace falta para ver el mismo fallo en otro sitio: documentos, pendientes, estado y últimos errores. Sin valores quedan los identificadores, las fechas y la longitud de cada texto.')}
      </p>
      <div class="row spread">
        <label class="choice"
          ><input
            type="checkbox"
            .checked=${this.isRedacting}
            @change=${(event: Event) => {
              this.isRedacting = (event.target as HTMLInputElement).checked;
            }}
          />${msg('Ocultar los valores')}</label
        >
        <button class="button" @click=${() => this.#export('incident')}><ui-icon name="download"></ui-icon>${msg('Descargar')}</button>
      </div>
    </section>`;
  }

  #renderDocuments() {
    return html`<section class="panel stack" aria-label=${msg('Documentos')}>
      <h2>${msg('Documentos')}</h2>
      <result-table
        label=${msg('Documentos')}
        .rows=${this.documents}
        .headings=${{
          name: msg('Documento'),
          hydrated: msg('En memoria'),
          registers: msg('Registros'),
          kilobytes: 'kB',
          updates: msg('Cambios'),
          epoch: msg('Época'),
          seq: msg('Recibido'),
          head: msg('En el servidor'),
          reported: msg('En el informe'),
          archived: msg('Archivado'),
        }}
      ></result-table>
    </section>`;
  }

  #renderQueries() {
    const rows: ResultRow[] = this.queries.map((query) => ({
      lastMs: Math.round(query.lastMs * 100) / 100,
      runs: query.runs,
      skipped: query.skipped,
      rows: query.rows,
      tables: query.tables.join(', '),
      sql: query.sql.replaceAll(/\s+/g, ' ').trim(),
    }));
    return html`<section class="panel stack" aria-label=${msg('Consultas vivas')}>
      <h2>${msg('Consultas vivas')}</h2>
      <result-table
        label=${msg('Consultas vivas')}
        .rows=${rows}
        .headings=${{
          lastMs: 'ms',
          runs: msg('Ejecuciones'),
          skipped: msg('Ahorradas'),
          rows: msg('Filas'),
          tables: msg('Tablas'),
          sql: 'SQL',
        }}
      ></result-table>
    </section>`;
  }

  async #look(): Promise<void> {
    try {
      const { engine } = this;
      if (!engine) return;
      this.queries = await engine.liveQueries();
      this.measures = await engine.syncReport();
      if (!this.isVerifying) this.proof = await engine.lastProof();
      this.documents = await engine.query(DOCUMENTS_SQL);
    } catch {
      // Nobody is signed in any more: the shell shows that.
    }
  }

  #verify = async (): Promise<void> => {
    const { engine } = this;
    if (!engine) return;
    this.isVerifying = true;
    try {
      this.proof = await engine.verify();
    } catch (error) {
      this.#tell(error);
    } finally {
      this.isVerifying = false;
    }
  };

  async #export(kind: keyof typeof ENDINGS): Promise<void> {
    const { engine, sync } = this;
    if (!engine || !sync) return;
    try {
      const bytes = await (kind === 'sqlite'
        ? engine.exportSqlite()
        : kind === 'rescue'
          ? engine.exportRescue()
          : engine.exportIncident({ redact: this.isRedacting, engine: navigator.userAgent }));
      saveFile(new Blob([bytes as BlobPart]), `taller-${sync.device}.${ENDINGS[kind]}`);
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diagnostics-page': DiagnosticsPage;
  }
}
