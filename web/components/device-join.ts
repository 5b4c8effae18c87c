import { msg, str } from '@lit/localize';
import { css, html, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import * as v from 'valibot';
import { ConnectedElement } from '../app/connected-element.ts';
import { ToastEvent } from '../app/events.ts';
import { formatTime } from '../app/format.ts';
import { locale } from '../app/localisation.ts';
import { askRelay } from '../app/relay-admin.ts';
import { fieldLabelStyle, selectStyle } from '../app/styles/fields.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

const Made = v.object({ code: v.string(), expiresAtMs: v.number() });

interface Joining {
  readonly code: string;
  readonly expiresAtMs: number;
  readonly address: string;
  /** Dark modules of the QR code, by row. */
  readonly modules: readonly (readonly boolean[])[];
}

interface PersonRow extends ResultRow {
  readonly id: string;
  readonly display_name: string;
}

/** Joins another tablet: a code, and the same as QR for its camera. */
@customElement('device-join')
export class DeviceJoin extends ConnectedElement {
  @property({ type: Boolean }) accessor offline = false;

  @state() private accessor joining: Joining | undefined;
  @state() private accessor isBusy = false;

  #people = new LiveQuery<PersonRow>(
    this,
    () => this.engine,
    () =>
      sql`select id, display_name from users where active = 1 and role_id <> 'admin' order by display_name`,
  );

  static override styles = [
    shared,
    fieldLabelStyle,
    selectStyle,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-3);
      }
      label {
        flex: 1 1 14rem;
        max-inline-size: 22rem;
      }
      .joining {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-5);
      }
      .joining > .stack {
        flex: 1 1 260px;
      }
      .qr {
        inline-size: 200px;
        block-size: 200px;
        border-radius: var(--radius-m);
        background: var(--plate-field);
        color: var(--plate-ink);
      }
      .code {
        font-size: var(--text-2xl);
        letter-spacing: 0.12em;
      }
    `,
  ];

  override render() {
    return html`<section class="panel stack" aria-label=${msg('Unir una tableta')}>
      <h2>${msg('Unir una tableta')}</h2>
      ${this.joining ? this.#renderCode(this.joining) : this.#renderForm()}
    </section>`;
  }

  #renderForm() {
    return html`
      <p class="quiet">${msg('La tableta nueva entra con un código, sin contraseña. Cada persona la toma después con su PIN.')}</p>
      <form @submit=${this.#make}>
        <label>
          ${msg('Entrará como')}
          <select name="user">
            ${this.#people.rows.map((person) => html`<option value=${person.id}>${person.display_name || person.id}</option>`)}
          </select>
        </label>
        <button class="button main" type="submit" ?disabled=${this.offline || this.isBusy || this.#people.rows.length === 0}>
          <ui-icon name="plus"></ui-icon>${msg('Hacer un código')}
        </button>
      </form>
    `;
  }

  #renderCode(joining: Joining) {
    const groups = `${joining.code.slice(0, 4)} ${joining.code.slice(4)}`;
    return html`<div class="joining">
      ${this.#renderQr(joining)}
      <div class="stack">
        <p>${msg('Apunta la cámara de la tableta nueva a este dibujo, o abre allí esta dirección y escribe el código:')}</p>
        <p>${joining.address.replace(/\?.*$/, '')}</p>
        <p class="figure code" data-code=${joining.code}>${groups}</p>
        <p class="quiet">${msg(str`Vale una vez, hasta las ${formatTime(joining.expiresAtMs, locale())}.`)}</p>
        <div class="row"><button class="button" @click=${this.#close}>${msg('Listo')}</button></div>
      </div>
    </div>`;
  }

  /** Drawn as one path; the quiet zone is part of what uqr gives. */
  #renderQr({ modules }: Joining) {
    const size = modules.length;
    const path = modules
      .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
      .join('');
    return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label=${msg('Código QR para unir la tableta')}>
      ${svg`<path d=${path} fill="currentColor" shape-rendering="crispEdges"></path>`}
    </svg>`;
  }

  #close = (): void => {
    this.joining = undefined;
  };

  #make = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const user = String(new FormData(event.target as HTMLFormElement).get('user') ?? '');
    this.isBusy = true;
    const [answer, { encode }] = await Promise.all([
      askRelay(this.engine, Made, 'POST', '/api/join-codes', { user }),
      import('uqr'),
    ]);
    this.isBusy = false;
    if (!answer.ok) {
      this.dispatchEvent(new ToastEvent(answer.text, { tone: 'signal' }));
      return;
    }
    const { code, expiresAtMs } = answer.value;
    const address = `${window.location.origin}/bienvenida?codigo=${code}`;
    this.joining = { code, expiresAtMs, address, modules: encode(address, { border: 2 }).data };
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'device-join': DeviceJoin;
  }
}
