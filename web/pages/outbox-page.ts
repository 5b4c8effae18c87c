import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { commitName } from '../app/commit-labels.ts';
import { ToastEvent } from '../app/events.ts';
import { formatDateTime, formatSpace } from '../app/format.ts';
import { lastSyncText } from '../app/last-sync.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { saveFile } from '../app/save-file.ts';
import { columnStyle } from '../app/styles/column.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow, Status } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/rescue-import.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface OutboxRow extends ResultRow {
  readonly id: string;
  readonly label: string;
  readonly state: string;
  readonly attempts: number;
  readonly created_at: number;
  readonly next_attempt_at: number | null;
  readonly error_code: string | null;
  readonly error: string | null;
}

/** More than a minute, and what this device dates is worth a look. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What this device still has to send, what the relay refused, and how the device stands. */
@customElement('outbox-page')
export class OutboxPage extends TallerPage {
  @state() private accessor photosWaiting = 0;
  /** The commit whose removal is asked about. */
  @state() private accessor asking: OutboxRow | undefined;

  #outbox = new LiveQuery<OutboxRow>(
    this,
    () => this.engine,
    () => sql`
      select id, label, state, attempts, created_at, next_attempt_at, error_code, error from _outbox
      order by state = 'rejected' desc, priority desc, created_at limit 300`,
  );

  static override styles = [
    shared,
    cardListStyle,
    columnStyle,
    css`
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-3) var(--space-4);
      }
      li.rejected {
        border-color: var(--signal);
        background: var(--signal-surface);
      }
      .actions {
        grid-column: 2 / -1;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        align-items: baseline;
        gap: var(--space-2) var(--space-5);
        margin: 0;
      }
      dd {
        margin: 0;
      }
    `,
  ];

  override updated(): void {
    void this.photos?.countWaiting().then((count) => {
      this.photosWaiting = count;
    });
  }

  override render() {
    const { sync } = this;
    if (!sync) return nothing;
    return html`
      <div class="row spread">
        <h1>${msg('Pendientes de enviar')}</h1>
        <button class="button" @click=${() => this.engine?.retry()}><ui-icon name="retry"></ui-icon>${msg('Reintentar')}</button>
      </div>
      ${this.#renderNotice(sync)} ${this.#renderOutbox()} ${this.#renderDevice(sync)}
      <section class="panel stack" aria-label=${msg('De otra tableta')}>
        <h2>${msg('De otra tableta')}</h2>
        <rescue-import></rescue-import>
      </section>
      ${this.asking ? this.#renderQuestion(this.asking) : nothing}
    `;
  }

  #renderNotice(sync: Status) {
    if (sync.connection === 'connected') return nothing;
    const minutes =
      sync.lastSyncAtMs === undefined ? undefined : Math.round((this.now - sync.lastSyncAtMs) / 60_000);
    return html`<div class="notice" role="status">
      <p>
        ${msg('Sin conexión. Los datos pueden no estar actualizados. Se reintentará al recuperar la conexión.')}
      </p>
      ${minutes === undefined ? nothing : html`<p class="quiet">${msg(str`Datos de hace ${minutes} min. Actualizar cuando haya conexión.`)}</p>`}
    </div>`;
  }

  #renderOutbox() {
    const rows = this.#outbox.rows;
    if (rows.length === 0 && this.photosWaiting === 0) {
      return html`<state-note
        icon="check"
        heading=${msg('Todo está enviado')}
        text=${msg('Lo que apuntes sin conexión aparecerá aquí hasta que llegue al servidor.')}
      ></state-note>`;
    }
    return html`<ul aria-label=${msg('Pendientes de enviar')}>
      ${repeat(
        rows,
        (row) => row.id,
        (row) => this.#renderRow(row),
      )}
      ${
        this.photosWaiting > 0
          ? html`<li><ui-icon name="image"></ui-icon><span>${msg(str`Fotos pendientes de enviar: ${this.photosWaiting}`)}</span></li>`
          : nothing
      }
    </ul>`;
  }

  #renderRow(row: OutboxRow) {
    const rejected = row.state === 'rejected';
    return html`<li class=${rejected ? 'rejected' : ''} data-commit=${row.id} data-state=${row.state}>
      <ui-icon name=${rejected ? 'alert' : row.state === 'sent' ? 'outbox' : 'clock'}></ui-icon>
      <div>
        <strong>${commitName(row.label)}</strong>
        ${rejected ? html`<div class="signal">${msg(str`No se pudo enviar: ${reasonOf(row)}. Revisar y corregir o eliminar.`)}</div>` : nothing}
        ${row.attempts > 1 && !rejected ? html`<div class="small quiet">${msg(str`Intentos: ${row.attempts}`)}</div>` : nothing}
      </div>
      <span class="small quiet">${formatDateTime(row.created_at, this.now, locale())}</span>
      ${
        rejected
          ? html`<div class="row actions">
              <button class="button" @click=${() => this.engine?.resend(row.id)}><ui-icon name="retry"></ui-icon>${msg('Enviar otra vez')}</button>
              <button class="button" @click=${() => this.#ask(row)}><ui-icon name="trash"></ui-icon>${msg('Eliminar')}</button>
            </div>`
          : nothing
      }
    </li>`;
  }

  #renderQuestion(row: OutboxRow) {
    return html`<wa-dialog open label=${msg('¿Eliminar este cambio?')} @wa-after-hide=${() => this.#ask(undefined)}>
      <div class="stack">
        <p>${msg('Se deshará en este dispositivo y no llegará a los demás.')}</p>
        <div class="row">
          <button class="button act" @click=${() => this.#discard(row)}>${msg('Eliminar')}</button>
          <button class="button" @click=${() => this.#ask(undefined)}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #renderDevice(sync: Status) {
    const { storage } = sync;
    const space = (bytes = 0) => formatSpace(bytes, locale());
    return html`<section class="panel stack" aria-label=${msg('Este dispositivo')}>
      <h2>${msg('Este dispositivo')}</h2>
      <dl>
        <dt class="label">${msg('Última sincronización')}</dt>
        <dd>${lastSyncText(sync, this.now)}</dd>
        <dt class="label">${msg('Espacio')}</dt>
        <dd>${msg(str`${space(storage.usedBytes)} de ${space(storage.quotaBytes)}`)}</dd>
        <dt class="label">${msg('Conservación')}</dt>
        <dd>
          ${
            storage.persisted
              ? msg('El navegador conserva los datos')
              : html`<span>${msg('El navegador podría borrar los datos si falta espacio. Instala la aplicación para evitarlo.')}</span>`
          }
        </dd>
        <dt class="label">${msg('Reloj')}</dt>
        <dd>
          ${
            Math.abs(sync.clockOffsetMs) > CLOCK_TOLERANCE_MS
              ? html`<span class="signal">${msg(str`Va desviado ${Math.round(Math.abs(sync.clockOffsetMs) / 60_000)} min; Taller lo corrige.`)}</span>`
              : msg('En hora')
          }
        </dd>
        <dt class="label">${msg('Identificador')}</dt>
        <dd class="figure">${sync.device}</dd>
      </dl>
      <div class="row">
        <button class="button" @click=${() => this.#export('sqlite')}><ui-icon name="download"></ui-icon>${msg('Base de datos (.sqlite)')}</button>
        <button class="button" @click=${() => this.#export('rescue')}><ui-icon name="download"></ui-icon>${msg('Archivo de rescate')}</button>
        <a class="button" href="/diagnostico"><ui-icon name="settings"></ui-icon>${msg('Diagnóstico')}</a>
      </div>
    </section>`;
  }

  #ask(row: OutboxRow | undefined): void {
    this.asking = row;
  }

  async #discard(row: OutboxRow): Promise<void> {
    this.asking = undefined;
    await this.engine?.discard(row.id);
  }

  async #export(kind: 'sqlite' | 'rescue'): Promise<void> {
    const { engine, sync } = this;
    if (!engine || !sync) return;
    try {
      const bytes = kind === 'sqlite' ? await engine.exportSqlite() : await engine.exportRescue();
      saveFile(
        new Blob([bytes as BlobPart]),
        `taller-${sync.device}.${kind === 'sqlite' ? 'sqlite' : 'espejo'}`,
      );
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new ToastEvent(text, { tone: 'signal' }));
    }
  }
}

/** The relay's sentences are English; what happens to people has words of its own. */
function reasonOf({ error_code: code, error }: OutboxRow): string {
  if (code === 'not-allowed')
    return msg(
      'tu papel no permite, o ya no permite, tocar estos datos; el cambio se conserva aquí y en el archivo de rescate',
    );
  if (code === 'revoked') return msg('este dispositivo ya no tiene permiso para enviar');
  if (code === 'too-large') return msg('el cambio es demasiado grande');
  return error ?? '';
}

declare global {
  interface HTMLElementTagNameMap {
    'outbox-page': OutboxPage;
  }
}
