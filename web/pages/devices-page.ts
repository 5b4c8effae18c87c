import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import '../app/field-controls.ts';
import { ToastEvent } from '../app/events.ts';
import { formatAgo, formatDate } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { Anything, askRelay, RelayDevices } from '../app/relay-admin.ts';
import { RelayReading } from '../app/relay-reading.ts';
import { columnStyle } from '../app/styles/column.ts';
import { cardListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/device-join.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

interface DeviceRow extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly series_code: string;
  readonly registered_by: string;
  readonly last_seen_at: number | null;
  readonly revoked_at: number | null;
}

/** What is shown of one device, from the relay where it was reached, else from the rows of this one. */
interface Shown {
  readonly id: string;
  readonly name: string;
  readonly series: string;
  readonly user: string;
  readonly seenAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly revokedBy: string;
}

/** P35: the tablets of the workshop, their names and series, and shutting one out that was lost. */
@customElement('devices-page')
export class DevicesPage extends TallerPage {
  @state() private accessor naming = '';
  @state() private accessor asking: Shown | undefined;

  #devices = new RelayReading(this, RelayDevices, '/api/devices');
  #rows = new LiveQuery<DeviceRow>(
    this,
    () => this.engine,
    () =>
      sql`select id, name, series_code, registered_by, last_seen_at, revoked_at from devices order by last_seen_at desc, id`,
  );

  static override styles = [
    shared,
    cardListStyle,
    columnStyle,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-2) var(--space-4);
        min-block-size: 72px;
        padding: var(--space-3) var(--space-4);
      }
      li.revoked strong {
        text-decoration: line-through;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-3);
        inline-size: 100%;
      }
      form wa-input {
        flex: 1 1 14rem;
        max-inline-size: 24rem;
      }
    `,
  ];

  override render() {
    const { isOffline, isForbidden, value } = this.#devices;
    return html`
      <h1>${msg('Dispositivos')}</h1>
      ${this.#devices.renderNotice(msg('Sin conexión: se ve lo que sabe este dispositivo. Poner nombre, unir y revocar se hace con conexión.'))}
      ${isForbidden ? nothing : html`<device-join ?offline=${isOffline}></device-join>`}
      <ul aria-label=${msg('Dispositivos')}>
        ${repeat(
          this.#shown(),
          (device) => device.id,
          (device) => this.#renderDevice(device, isOffline || isForbidden || !value),
        )}
      </ul>
      ${this.asking ? this.#renderQuestion(this.asking) : nothing}
    `;
  }

  #renderDevice(device: Shown, isReadOnly: boolean) {
    const isOwn = device.id === this.sync?.device;
    return html`<li class=${device.revokedAtMs === undefined ? '' : 'revoked'} data-device=${device.id}>
      <div>
        <strong>${device.name || device.id}</strong>
        ${isOwn ? html`<span class="small quiet"> · ${msg('este dispositivo')}</span>` : nothing}
        <div class="small quiet">
          ${[
            device.series === '' ? '' : msg(str`Serie ${device.series}`),
            device.user,
            device.seenAtMs === undefined
              ? ''
              : msg(str`visto ${formatAgo(device.seenAtMs, this.now, locale())}`),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      ${device.revokedAtMs === undefined ? this.#renderActions(device, isReadOnly, isOwn) : this.#renderRevoked(device, device.revokedAtMs)}
      ${this.naming === device.id ? this.#renderNaming(device) : nothing}
    </li>`;
  }

  #renderActions(device: Shown, isReadOnly: boolean, isOwn: boolean) {
    return html`<div class="row">
      <button class="button" ?disabled=${isReadOnly} aria-label=${msg(str`Poner nombre a ${device.name || device.id}`)} @click=${() => this.#name(device.id)}>
        <ui-icon name="draft"></ui-icon>${msg('Nombre')}
      </button>
      <button class="button" ?disabled=${isReadOnly || isOwn} aria-label=${msg(str`Revocar ${device.name || device.id}`)} @click=${() => this.#ask(device)}>
        <ui-icon name="cancelled"></ui-icon>${msg('Revocar')}
      </button>
    </div>`;
  }

  #renderRevoked(device: Shown, atMs: number) {
    const day = formatDate(atMs, locale());
    return html`<span class="quiet"
      ><ui-icon name="cancelled"></ui-icon>
      ${device.revokedBy === '' ? msg(str`Revocado el ${day}`) : msg(str`Revocado el ${day} por ${device.revokedBy}`)}</span
    >`;
  }

  #renderNaming(device: Shown) {
    return html`<form @submit=${(event: SubmitEvent) => this.#rename(event, device)}>
      <wa-input name="label" label=${msg('Nombre del dispositivo')} value=${device.name} required maxlength="100" autocomplete="off" autofocus></wa-input>
      <button class="button main" type="submit">${msg('Guardar nombre')}</button>
    </form>`;
  }

  #renderQuestion(device: Shown) {
    return html`<wa-dialog open label=${msg(str`¿Revocar ${device.name || device.id}?`)} @wa-after-hide=${() => this.#ask(undefined)}>
      <div class="stack">
        <p>${msg('Deja de conectarse al instante y nadie podrá entrar en él. No se puede deshacer. Lo que tenga sin enviar no llegará.')}</p>
        <div class="row">
          <button class="button act" @click=${() => this.#revoke(device)}>${msg('Revocar para siempre')}</button>
          <button class="button" @click=${() => this.#ask(undefined)}>${msg('Volver')}</button>
        </div>
      </div>
    </wa-dialog>`;
  }

  #shown(): readonly Shown[] {
    const rows = this.#rows.rows;
    const known = this.#devices.value?.devices;
    if (known) {
      return known.map((device) => ({
        id: device.id,
        name: device.label || (rows.find(({ id }) => id === device.id)?.name ?? ''),
        series: rows.find(({ id }) => id === device.id)?.series_code ?? '',
        user: device.user,
        seenAtMs: device.lastSeenAtMs,
        revokedAtMs: device.revokedAtMs,
        revokedBy: device.revokedBy ?? '',
      }));
    }
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      series: row.series_code,
      user: row.registered_by,
      seenAtMs: row.last_seen_at ?? undefined,
      revokedAtMs: row.revoked_at ?? undefined,
      revokedBy: '',
    }));
  }

  #name(device: string): void {
    this.naming = this.naming === device ? '' : device;
  }

  #ask(device: Shown | undefined): void {
    this.asking = device;
  }

  async #rename(event: SubmitEvent, device: Shown): Promise<void> {
    event.preventDefault();
    const label = String(new FormData(event.target as HTMLFormElement).get('label') ?? '').trim();
    if (await this.#change('PATCH', device, '', { label })) this.naming = '';
  }

  async #revoke(device: Shown): Promise<void> {
    this.asking = undefined;
    if (await this.#change('POST', device, '/revoke', {}))
      this.dispatchEvent(new ToastEvent(msg(str`${device.name || device.id} está revocado.`)));
  }

  async #change(method: 'POST' | 'PATCH', device: Shown, path: string, body: unknown): Promise<boolean> {
    const answer = await askRelay(this.engine, Anything, method, `/api/devices/${device.id}${path}`, body);
    if (answer.ok) await this.#devices.read();
    else this.dispatchEvent(new ToastEvent(answer.text, { tone: 'signal' }));
    return answer.ok;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'devices-page': DevicesPage;
  }
}
