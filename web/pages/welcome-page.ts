import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { installOffer } from '../app/install.ts';
import { TallerPage } from '../app/page.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow, Status } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/ui-icon.ts';

interface ProgressRow extends ResultRow {
  readonly documents: number;
  readonly here: number;
  readonly orders: number;
  readonly customers: number;
}

interface Step {
  readonly key: string;
  readonly isDone: boolean;
  readonly title: string;
  readonly text: string;
  readonly action?: unknown;
}

/** P39: what makes a new tablet ready: its data downloaded, kept by the browser, installed, and a PIN for each person. */
@customElement('welcome-page')
export class WelcomePage extends TallerPage {
  @state() private accessor isAsking = false;
  /** The browser was asked to keep the data and would not promise it. */
  @state() private accessor isPersistRefused = false;

  #progress = new LiveQuery<ProgressRow>(
    this,
    () => this.engine,
    () => sql`
      select count(*) as documents, coalesce(sum(seq >= head), 0) as here,
        (select count(*) from work_orders) as orders, (select count(*) from customers) as customers from _document`,
  );
  #pins = new LiveQuery(
    this,
    () => this.engine,
    () =>
      sql`select count(*) as people, coalesce(sum(pin_hash <> ''), 0) as pins from users where active = 1`,
  );
  #stop: (() => void) | undefined;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 760px;
      }
      ol {
        display: grid;
        gap: var(--space-3);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--space-2) var(--space-4);
      }
      .mark {
        display: grid;
        place-items: center;
        inline-size: 40px;
        block-size: 40px;
        border: var(--line-strong) solid var(--rule-strong);
        border-radius: 50%;
        font-family: var(--font-display);
        font-weight: 650;
      }
      .done .mark {
        border-color: var(--ink);
        background: var(--ink);
        color: var(--on-ink);
      }
      .what {
        display: grid;
        justify-items: start;
        gap: var(--space-2);
      }
      progress {
        inline-size: 100%;
        block-size: 12px;
        accent-color: var(--ink);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = installOffer.watch(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    const { sync } = this;
    if (!sync) return nothing;
    const steps = [this.#download(sync), this.#keep(sync), this.#install(), this.#pin()];
    const isReady = steps.every(({ isDone }) => isDone);
    return html`
      <h1>${isReady ? msg('Esta tableta está lista') : msg('Prepara esta tableta')}</h1>
      <p class="quiet">${msg(str`Unida al taller ${this.session?.workspace ?? ''} como ${this.session?.displayName ?? ''}.`)}</p>
      <ol>
        ${steps.map(
          (
            step,
            index,
          ) => html`<li class="panel ${step.isDone ? 'done' : ''}" data-step=${step.key} data-done=${step.isDone}>
            <span class="mark" aria-hidden="true">${step.isDone ? html`<ui-icon name="check"></ui-icon>` : index + 1}</span>
            <div class="what">
              <h2>${step.title}${step.isDone ? html`<span class="visually-hidden"> · ${msg('hecho')}</span>` : nothing}</h2>
              <p class="quiet">${step.text}</p>
              ${step.action ?? nothing}
            </div>
          </li>`,
        )}
      </ol>
      <div class="row"><a class="button main" href="/inicio"><ui-icon name="arrow-right"></ui-icon>${msg('Empezar a trabajar')}</a></div>
    `;
  }

  #download(sync: Status): Step {
    const { documents = 0, here = 0, orders = 0, customers = 0 } = this.#progress.first ?? {};
    const isDone = !sync.firstSync && sync.level && here >= documents && documents > 0;
    const bar = html`<progress
      max=${Math.max(1, documents)}
      value=${here}
      aria-label=${msg('Datos descargados')}
    ></progress>`;
    return {
      key: 'download',
      isDone,
      title: msg('Descargar los datos del taller'),
      text: isDone
        ? msg(str`Órdenes: ${orders}. Clientes: ${customers}. Todo se puede consultar sin conexión.`)
        : msg(str`${here} de ${documents} partes. Puedes empezar mientras llegan las demás.`),
      ...(isDone ? {} : { action: bar }),
    };
  }

  #keep(sync: Status): Step {
    const isDone = sync.storage.persisted === true;
    const button = html`<button class="button" ?disabled=${this.isAsking} @click=${this.#persist}>
      <ui-icon name="lock"></ui-icon>${msg('Conservar los datos')}
    </button>`;
    return {
      key: 'keep',
      isDone,
      title: msg('Que el navegador no borre nada'),
      text: isDone
        ? msg('El navegador conserva los datos aunque falte espacio.')
        : this.isPersistRefused
          ? msg('El navegador todavía no lo promete. Suele hacerlo después de instalar la aplicación.')
          : msg('Sin esto podría borrar lo que aún no se ha enviado si falta espacio.'),
      ...(isDone ? {} : { action: button }),
    };
  }

  #install(): Step {
    const isDone = installOffer.isInstalled;
    const button = installOffer.isThere
      ? html`<button class="button" @click=${() => installOffer.accept()}><ui-icon name="download"></ui-icon>${msg('Instalar')}</button>`
      : undefined;
    return {
      key: 'install',
      isDone,
      title: msg('Instalar la aplicación'),
      text: isDone
        ? msg('Se abre como una aplicación más, también sin conexión.')
        : button
          ? msg('Tendrá su propio icono y ocupará toda la pantalla.')
          : msg(
              'En un iPad: Compartir, y después «Añadir a pantalla de inicio». En los demás: el menú del navegador, «Instalar».',
            ),
      ...(isDone || !button ? {} : { action: button }),
    };
  }

  #pin(): Step {
    const { people = 0, pins = 0 } = (this.#pins.first ?? {}) as { people?: number; pins?: number };
    return {
      key: 'pin',
      isDone: pins > 0,
      title: msg('Un PIN para cada persona'),
      text: msg(
        str`Con PIN: ${pins} de ${people}. Con él cada uno toma la tableta sin conexión, y se bloquea sola cuando nadie la toca.`,
      ),
      ...(this.session?.role === 'admin'
        ? {
            action: html`<a class="button" href="/admin/usuarios"><ui-icon name="customers"></ui-icon>${msg('Usuarios')}</a>`,
          }
        : {}),
    };
  }

  #persist = async (): Promise<void> => {
    this.isAsking = true;
    this.isPersistRefused = !(await navigator.storage?.persist?.());
    this.isAsking = false;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'welcome-page': WelcomePage;
  }
}
