import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { ToastEvent } from '../app/events.ts';
import { devicesAt, ordersAt, statuses, teamAt } from '../app/gallery-samples.ts';
import { ICONS, type IconName } from '../app/icons.ts';
import { TallerPage } from '../app/page.ts';
import { shared } from '../app/styles/shared.ts';
import { applyTheme, type Theme } from '../app/theme.ts';
import '../components/cell-field.ts';
import '../components/concern-chips.ts';
import '../components/damage-map.ts';
import '../components/fuel-gauge.ts';
import '../components/gate-log.ts';
import '../components/key-sheet.ts';
import '../components/number-plate.ts';
import '../components/odometer-chart.ts';
import '../components/order-board.ts';
import '../components/order-lines-brief.ts';
import '../components/order-list.ts';
import '../components/photo-slot.ts';
import '../components/promised-time.ts';
import '../components/running-time.ts';
import '../components/shared-textarea.ts';
import '../components/signature-field.ts';
import '../components/state-note.ts';
import '../components/status-mark.ts';
import '../components/status-select.ts';
import '../components/sync-health.ts';
import '../components/team-now.ts';
import '../components/ui-icon.ts';

const THEMES: readonly Theme[] = ['light', 'dark', 'contrast'];
const HOUR_MS = 3_600_000;

/** Every element that draws without the engine, in every state. In development only; its words are not translated. */
@customElement('gallery-page')
export class GalleryPage extends TallerPage {
  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-6);
      }
      .cells {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr));
        gap: var(--space-4);
        align-items: start;
      }
      .icons {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(120px, 1fr));
        gap: var(--space-3);
      }
    `,
  ];

  override render() {
    return html`
      <div class="row spread">
        <h1>Galería</h1>
        <div class="row">
          ${THEMES.map((theme) => html`<button class="button" @click=${() => applyTheme(theme)}>${theme}</button>`)}
        </div>
      </div>
      ${section('Botones', this.#renderButtons())} ${section('Iconos', renderIcons())}
      ${section('Matrículas', renderPlates())} ${section('Avisos', renderNotes())}
      ${section('Campos', renderFields())} ${section('Recepción', renderReception())}
      ${section('Estados y promesas', this.#renderStatuses())} ${section('Órdenes', this.#renderOrders())}
      ${section('Equipo y dispositivo', this.#renderTeam())}
      <key-sheet path="/ordenes"></key-sheet>
    `;
  }

  #renderButtons() {
    const say = (tone: 'plain' | 'signal', action: boolean) => () =>
      this.dispatchEvent(
        new ToastEvent(
          'Orden guardada.',
          action ? { tone, action: { label: 'Deshacer', run: () => {} } } : { tone },
        ),
      );
    return html`<div class="row">
      ${['', 'main', 'act', 'bare'].map(
        (
          kind,
        ) => html`<button class="button ${kind}"><ui-icon name="check"></ui-icon>${kind || 'sencillo'}</button>
          <button class="button ${kind}" disabled>${kind || 'sencillo'}, no ahora</button>`,
      )}
      <button class="button" @click=${say('plain', false)}>Aviso</button>
      <button class="button" @click=${say('plain', true)}>Aviso con deshacer</button>
      <button class="button" @click=${say('signal', false)}>Aviso de error</button>
      <button class="button" @click=${() => this.renderRoot.querySelector('key-sheet')?.open()}>Teclas</button>
    </div>`;
  }

  #renderStatuses() {
    const orders = ordersAt(this.now);
    return html`<div class="cells">
      ${statuses.map((status, index) => {
        const order = orders[index];
        return html`<div class="panel stack">
          <status-mark status=${status.key} phase=${status.phase} label=${status.name_es}></status-mark>
          <status-select label=${status.key} .statuses=${statuses} value=${status.key}></status-select>
          <promised-time .order=${order} phase=${status.phase} .now=${this.now}></promised-time>
        </div>`;
      })}
    </div>`;
  }

  #renderOrders() {
    const orders = ordersAt(this.now);
    const counts = [{ status_key: 'received', orders: 44 }];
    const lanes = [
      { id: 'pau', name: 'Pau Ferrer' },
      { id: '', name: 'Sin técnico' },
    ];
    return html`
      <order-board .orders=${orders} .statuses=${statuses} .counts=${counts} .now=${this.now}></order-board>
      <order-board .orders=${orders} .statuses=${statuses} .lanes=${lanes} .now=${this.now}></order-board>
      <order-list .orders=${orders} .count=${orders.length + 2} .statuses=${statuses} .now=${this.now}></order-list>
      <order-lines-brief plates .orders=${orders} .statuses=${statuses} .now=${this.now}></order-lines-brief>
      <order-lines-brief .orders=${[]}></order-lines-brief>
    `;
  }

  #renderTeam() {
    const passed = {
      vehicle: 'Seat Ibiza',
      person: '',
      note: '',
      at: this.now,
      vehicle_id: null,
      work_order_id: null,
      void_reason: null,
      void_by: null,
    };
    return html`
      <team-now .team=${teamAt(this.now)}></team-now>
      ${devicesAt(this.now).map(
        ([name, sync]) => html`<h3>${name}</h3><sync-health .sync=${sync} .now=${this.now}></sync-health>`,
      )}
      <gate-log
        .rows=${[
          { ...passed, id: '1', kind: 'vehicle', direction: 'in', plate: '1234 BCD' },
          {
            ...passed,
            id: '2',
            kind: 'person',
            direction: 'out',
            plate: '',
            person: 'Repartidor',
            note: 'Recambios',
          },
          {
            ...passed,
            id: '3',
            kind: 'vehicle',
            direction: 'out',
            plate: '1234 BCD',
            void_reason: 'Era otro coche',
            void_by: 'Ana',
          },
        ]}
      ></gate-log>
      <p>Reloj: <running-time .since=${this.now - HOUR_MS}></running-time></p>
    `;
  }
}

function section(heading: string, content: unknown) {
  return html`<section class="stack" aria-label=${heading}><h2>${heading}</h2>${content}</section>`;
}

function renderIcons() {
  return html`<div class="icons">
    ${(Object.keys(ICONS) as IconName[]).map((name) => html`<span class="row small"><ui-icon name=${name}></ui-icon>${name}</span>`)}
  </div>`;
}

function renderPlates() {
  return html`<div class="row">
    ${[
      ['1234 BCD', 'ES'],
      ['AB-123-CD', 'FR'],
      ['ABC-12-34', 'MX'],
      ['', 'ES'],
    ].map(
      ([value, country]) => html`<number-plate value=${value ?? ''} country=${country ?? ''}></number-plate>`,
    )}
  </div>`;
}

function renderNotes() {
  return html`
    <state-note kind="loading" heading="Cargando…"></state-note>
    <state-note heading="No hay órdenes" text="Cuando llegue un vehículo, empieza por su matrícula." icon="orders"></state-note>
    <state-note kind="failed" heading="No se pudo leer" text="no such table: nada"></state-note>
  `;
}

function renderFields() {
  return html`<div class="cells">
    <cell-field label="Vacío"></cell-field>
    <cell-field label="Con texto" .value=${'gancho 7'} hint="Una ayuda debajo"></cell-field>
    <cell-field label="Número" kind="number" .value=${84_210} suffix="km"></cell-field>
    <cell-field label="Momento" kind="moment" .value=${Date.UTC(2026, 10, 22, 16)}></cell-field>
    <cell-field label="Líneas" kind="lines" .value=${'Ruido al frenar\nPierde aceite'}></cell-field>
    <cell-field label="Solo se lee" readonly .value=${'cerrado'}></cell-field>
    <shared-textarea label="Texto de varios" value="Pastillas gastadas."></shared-textarea>
    <shared-textarea label="Texto de varios, cerrado" readonly value="Pastillas gastadas."></shared-textarea>
  </div>`;
}

function renderReception() {
  const chips = [
    { es: 'Cambio de aceite', en: 'Oil change' },
    { es: 'Frenos', en: 'Brakes' },
  ];
  const mark = { id: '1', view: 'left', x_pm: 300, y_pm: 500, type: 'dent', note: 'puerta' };
  return html`<div class="cells">
      <fuel-gauge label="Combustible, sin mirar"></fuel-gauge>
      <fuel-gauge label="Combustible" .value=${4}></fuel-gauge>
      <photo-slot label="Delante"></photo-slot>
      <photo-slot label="Detrás" busy></photo-slot>
    </div>
    <concern-chips .value=${'Frenos'} .chips=${chips}></concern-chips>
    <damage-map .marks=${[mark]}></damage-map>
    <damage-map readonly .marks=${[mark]}></damage-map>
    <signature-field name="Rosa Vela"></signature-field>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'gallery-page': GalleryPage;
  }
}
