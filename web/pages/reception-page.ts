import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import {
  addDamageMark,
  discardReception,
  saveReceptionDraft,
  setReceptionCheck,
} from '../../shared/taller/flows/reception-draft.ts';
import { signReception } from '../../shared/taller/flows/reception-flow.ts';
import { type Statement, statements, update } from '../../shared/taller/flows/statement.ts';
import { missingForSignature } from '../../shared/taller/reception.ts';
import { readSettings, type WorkshopSettings } from '../../shared/taller/settings.ts';
import type { Setting } from '../../shared/taller/tables/admin.ts';
import type { Attachment } from '../../shared/taller/tables/reception.ts';
import type { DamageRow } from '../app/damage.ts';
import { NavigateEvent, ToastEvent } from '../app/events.ts';
import { formatDateTime } from '../app/format.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { seriesOf } from '../app/numbering.ts';
import { TallerPage } from '../app/page.ts';
import { sha256Of } from '../app/photos/prepare-photo.ts';
import { damageLine, type Receipt, receiptOf, receiptText } from '../app/receipt.ts';
import {
  type CheckRow,
  checksQuery,
  type DraftChangeEvent,
  marksQuery,
  type PhotoRow,
  photosQuery,
  type ReceptionView,
  receptionQuery,
} from '../app/receptions.ts';
import { saveFile } from '../app/save-file.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import { takePhotos } from '../app/take-photos.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import type { DamageEditEvent } from '../components/damage-map.ts';
import '../components/number-plate.ts';
import '../components/reception-condition.ts';
import type { CheckAnsweredEvent } from '../components/reception-condition.ts';
import '../components/reception-photos.ts';
import type { PhotoTakenEvent, Slot } from '../components/reception-photos.ts';
import '../components/reception-reasons.ts';
import '../components/reception-summary.ts';
import type { SignedEvent } from '../components/reception-summary.ts';
import '../components/sync-badge.ts';
import '../components/ui-icon.ts';

interface SignatureRow extends ResultRow {
  readonly signer_name: string;
  readonly strokes_json: string;
  readonly created_at: number;
}

const STEPS = ['estado', 'fotos', 'motivos', 'firma'] as const;
type Step = (typeof STEPS)[number];

/** Rows that are part of a reception, and the column that says of which. */
const PARTS = [
  ['reception_checks', 'reception_id'],
  ['damage_marks', 'reception_id'],
  ['attachments', 'entity_id'],
  ['signatures', 'entity_id'],
] as const;

/** A reception step by step, each change saved at once, so that it can go on here or on another tablet; signed at the end. */
@customElement('reception-page')
export class ReceptionPage extends TallerPage {
  @state() private accessor busy: ReadonlySet<Slot> = new Set();
  @state() private accessor signing = false;

  #reception = new LiveQuery<ReceptionView>(
    this,
    () => this.engine,
    () => receptionQuery(this.#id),
  );
  #checks = new LiveQuery<CheckRow>(
    this,
    () => this.engine,
    () => checksQuery(this.#id),
  );
  #marks = new LiveQuery<DamageRow>(
    this,
    () => this.engine,
    () => marksQuery(this.#id),
  );
  #photos = new LiveQuery<PhotoRow>(
    this,
    () => this.engine,
    () => photosQuery(this.#id),
  );
  #settings = new LiveQuery<Setting>(
    this,
    () => this.engine,
    () => sql`select * from settings`,
  );

  static override styles = [
    shared,
    columnStyle,
    css`
      .head number-plate {
        --plate-size: 1.75rem;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(4, minmax(0, 1fr));
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      ol a {
        display: grid;
        gap: 4px;
        align-content: start;
        min-block-size: var(--target);
        padding-block-start: var(--space-3);
        border-block-start: 4px solid var(--rule);
        color: var(--ink-quiet);
        line-height: 1.3;
        font-size: var(--text-s);
        text-decoration: none;
      }
      ol a.done {
        border-color: var(--rule-strong);
      }
      ol a[aria-current='step'] {
        border-color: var(--ink);
        box-shadow: inset 0 4px var(--ink);
        color: var(--ink);
        font-weight: 700;
      }
      @media (max-width: 699px) {
        ol a {
          font-size: var(--text-xs);
        }
      }
      .step:focus {
        outline: none;
      }
      .foot {
        display: flex;
        justify-content: space-between;
        gap: var(--space-3);
      }
    `,
  ];

  get #id(): string {
    return this.params.id ?? '';
  }

  get #step(): Step {
    const given = this.search.get('paso');
    return STEPS.find((step) => step === given) ?? 'estado';
  }

  /** A step begins at its top, also for who goes by keyboard or listens. */
  override updated(changed: PropertyValues<this>): void {
    const before = changed.get('search');
    if (before === undefined || before.get('paso') === this.search.get('paso')) return;
    window.scrollTo({ top: 0 });
    this.renderRoot.querySelector<HTMLElement>('.step')?.focus({ preventScroll: true });
  }

  override render() {
    switch (this.#reception.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#reception.state.failure.message);
      case 'rows': {
        const reception = this.#reception.first;
        if (!reception) {
          return html`<state-note page heading=${msg('Esta recepción no está en este dispositivo')} text=${msg('Puede que aún no haya llegado, o que se haya borrado.')} icon="search">
            <a class="button" href="/recepcion">${msg('Ver recepciones')}</a>
          </state-note>`;
        }
        return this.#renderReception(reception, readSettings(this.#settings.rows));
      }
    }
  }

  #renderReception(reception: ReceptionView, settings: WorkshopSettings) {
    if (reception.status === 'cancelled') return this.#renderDiscarded(reception);
    const signed = reception.status === 'signed';
    return html`
      <div class="row spread head">
        <div class="row">
          <number-plate value=${reception.plate} country=${reception.plate_country}></number-plate>
          <div>
            <h1>${reception.vehicle || msg('Vehículo sin datos')}</h1>
            <span class="row quiet"
              >${reception.customer}<sync-badge table="receptions" row=${reception.id} .parts=${PARTS}></sync-badge
            ></span>
          </div>
        </div>
        ${
          signed
            ? this.#renderSignedActions(reception, settings)
            : html`<button class="button" @click=${() => this.#discard(reception)}>
                <ui-icon name="trash"></ui-icon>${msg('Descartar')}
              </button>`
        }
      </div>
      ${signed ? nothing : this.#renderSteps()}
      <div
        class="step"
        role="group"
        tabindex="-1"
        aria-label=${stepName(signed ? 'firma' : this.#step)}
        @draft-change=${this.#saveDraft}
        @check-answered=${this.#saveCheck}
        @damage-edit=${this.#saveDamage}
        @photo-taken=${this.#takePhotos}
        @reception-signed=${(event: SignedEvent) => this.attempt(() => this.#sign(event, reception, settings))}
      >
        ${this.#renderStep(signed ? 'firma' : this.#step, reception, settings)}
      </div>
      ${signed ? nothing : this.#renderFoot()}
    `;
  }

  #renderDiscarded(reception: ReceptionView) {
    const text = [reception.plate, reception.customer].filter((part) => part !== '').join(' · ');
    return html`<state-note page heading=${msg('Esta recepción está descartada')} text=${text} icon="trash">
      <button class="button" @click=${() => this.write('reception.edit', () => discardReception(reception.id, false))}>
        ${msg('Recuperar')}
      </button>
      <a class="button" href="/recepcion">${msg('Ver recepciones')}</a>
    </state-note>`;
  }

  #renderSteps() {
    const here = STEPS.indexOf(this.#step);
    return html`<nav aria-label=${msg('Pasos')}>
      <ol>
        ${STEPS.map(
          (step, index) => html`<li>
            <a
              href="/recepcion/${this.#id}?paso=${step}"
              class=${index < here ? 'done' : ''}
              aria-current=${index === here ? 'step' : nothing}
            >
              <span>${index + 1}. ${stepName(step)}</span>
            </a>
          </li>`,
        )}
      </ol>
    </nav>`;
  }

  #renderStep(step: Step, reception: ReceptionView, settings: WorkshopSettings) {
    switch (step) {
      case 'estado':
        return html`<reception-condition
          .reception=${reception}
          .checks=${this.#checks.rows}
          .settings=${settings}
        ></reception-condition>`;
      case 'fotos':
        return html`<reception-photos
          .photos=${this.#photos.rows}
          .marks=${this.#marks.rows}
          .busy=${this.busy}
        ></reception-photos>`;
      case 'motivos':
        return html`<reception-reasons .reception=${reception} .settings=${settings}></reception-reasons>`;
      case 'firma':
        return html`<reception-summary
          .receipt=${this.#receipt(reception, settings)}
          .missing=${this.#missing(reception, settings)}
          customer=${reception.customer}
          ?signed=${reception.status === 'signed'}
          ?busy=${this.signing}
        ></reception-summary>`;
    }
  }

  #renderFoot() {
    const here = STEPS.indexOf(this.#step);
    const to = (step: Step) => `/recepcion/${this.#id}?paso=${step}`;
    const before = STEPS[here - 1];
    const after = STEPS[here + 1];
    return html`<div class="foot">
      ${before ? html`<a class="button" href=${to(before)}><ui-icon name="chevron-left"></ui-icon>${stepName(before)}</a>` : html`<span></span>`}
      ${after ? html`<a class="button main" href=${to(after)}>${stepName(after)}<ui-icon name="chevron-right"></ui-icon></a>` : nothing}
    </div>`;
  }

  #renderSignedActions(reception: ReceptionView, settings: WorkshopSettings) {
    return html`<div class="row no-print">
      <button class="button" @click=${() => this.attempt(() => this.#download(reception, settings))}>
        <ui-icon name="download"></ui-icon>${msg('Resguardo en PDF')}
      </button>
      <button class="button" @click=${() => window.print()}><ui-icon name="printer"></ui-icon>${msg('Imprimir')}</button>
      ${
        reception.work_order_id
          ? html`<a class="button main" href="/ordenes/${reception.work_order_id}">${msg('Ver la orden')}</a>`
          : nothing
      }
    </div>`;
  }

  #receipt(reception: ReceptionView, settings: WorkshopSettings): Receipt {
    return receiptOf({
      reception,
      settings,
      checks: this.#checks.rows,
      damages: this.#marks.rows.map((mark, index) => damageLine(index + 1, mark.type, mark.note)),
      photoCount: this.#photos.rows.length,
      nowMs: reception.signed_at ?? this.now,
      locale: locale(),
    });
  }

  #missing(reception: ReceptionView, settings: WorkshopSettings) {
    return missingForSignature(
      { ...reception, purpose: reception.purpose as 'estimate' | 'repair' | null },
      reception.vehicle_id ? reception : undefined,
      this.#photos.rows as unknown as readonly Pick<Attachment, 'kind' | 'slot'>[],
      { waived: settings.reception_waived, photosRequired: settings.reception_photos_required },
    );
  }

  async #discard(reception: ReceptionView): Promise<void> {
    const what = `${msg('Recepción')} ${reception.plate}`.trim();
    if (await this.writeRemoval(what, 'reception.discard', () => discardReception(reception.id, true)))
      this.dispatchEvent(new NavigateEvent('/recepcion'));
  }

  #saveDraft = (event: DraftChangeEvent): void => {
    void this.write('reception.edit', () => saveReceptionDraft(this.#id, event.cells));
  };

  #saveCheck = (event: CheckAnsweredEvent): void => {
    const { key, label, present } = event;
    void this.write('reception.check', () => setReceptionCheck(this.#id, { item_key: key, label, present }));
  };

  #saveDamage = ({ edit }: DamageEditEvent): void => {
    void this.write('reception.damage', (actor): readonly Statement[] => {
      switch (edit.do) {
        case 'add': {
          const { view, x_pm, y_pm, type } = edit;
          return addDamageMark(actor, this.#id, { view, x_pm, y_pm, type }).statements;
        }
        case 'change':
          return statements(update('damage_marks', edit.id, { type: edit.type, note: edit.note }));
        case 'remove':
          return [{ sql: 'delete from damage_marks where id = ?', params: [edit.id] }];
      }
    });
  };

  #takePhotos = async (event: PhotoTakenEvent): Promise<void> => {
    const { place: slot, files } = event;
    const { photos } = this;
    if (!photos) return;
    this.busy = new Set([...this.busy, slot]);
    try {
      const of = { entity: 'receptions', entityId: this.#id, slot };
      const missing = await takePhotos(photos, files, of, (label, make) => this.write(label, make));
      if (missing) this.dispatchEvent(new ToastEvent(missing, { tone: 'signal' }));
    } finally {
      this.busy = new Set([...this.busy].filter((other) => other !== slot));
    }
  };

  async #sign(event: SignedEvent, reception: ReceptionView, settings: WorkshopSettings): Promise<void> {
    const writer = await this.writer();
    if (!writer || this.signing || !reception.vehicle_id || !reception.customer_id) return;
    const { engine, actor: now } = writer;
    this.signing = true;
    try {
      const { vehicle_id, customer_id } = reception;
      const { signature } = event;
      const shown = new TextEncoder().encode(receiptText(this.#receipt(reception, settings)));
      const doc_hash = await sha256Of(shown);
      const [workOrder, receipt] = await Promise.all([
        seriesOf(engine, 'work_order', now.device, now.nowMs),
        seriesOf(engine, 'reception', now.device, now.nowMs),
      ]);
      const written = await this.write('reception.sign', (actor) => {
        return signReception(
          actor,
          {
            id: reception.id,
            vehicle_id,
            customer_id,
            odometer: reception.odometer,
            odometer_unit: reception.odometer_unit === 'mi' ? 'mi' : 'km',
            odometer_note: reception.odometer_note,
            concerns: reception.concerns,
            promised_at: reception.promised_at,
            estimate_waived: reception.estimate_waived,
            purpose: reception.purpose === 'estimate' ? 'estimate' : 'repair',
          },
          {
            signer_name: signature.signerName,
            method: signature.method,
            strokes_json: JSON.stringify(signature.strokes),
            doc_hash,
          },
          { workOrder, reception: receipt },
        ).statements;
      });
      if (!written) return;
      this.dispatchEvent(new ToastEvent(msg('Recepción firmada. La orden está abierta.')));
      this.dispatchEvent(new NavigateEvent(`/recepcion/${reception.id}`, { replace: true }));
    } finally {
      this.signing = false;
    }
  }

  async #download(reception: ReceptionView, settings: WorkshopSettings): Promise<void> {
    const [row] =
      (await this.engine?.query<SignatureRow>(
        sql`select signer_name, strokes_json, created_at from signatures where entity_id = ${reception.id} and purpose = 'deposit'`,
      )) ?? [];
    const [{ receiptPdf }, { strokesPicture }] = await Promise.all([
      import('../app/receipt-pdf.ts'),
      import('../app/strokes-picture.ts'),
    ]);
    const picture = strokesPicture(row?.strokes_json ?? '[]');
    const blob = await receiptPdf(this.#receipt(reception, settings), {
      name: row?.signer_name ?? '',
      atText: formatDateTime(reception.signed_at ?? this.now, this.now, locale()),
      number: reception.number,
      signedWord: msg('Firmado por'),
      ...(picture === undefined ? {} : { picture }),
    });
    saveFile(blob, `${reception.number}.pdf`);
  }
}

function stepName(step: Step): string {
  switch (step) {
    case 'estado':
      return msg('Estado y objetos');
    case 'fotos':
      return msg('Fotos y daños');
    case 'motivos':
      return msg('Motivos');
    case 'firma':
      return msg('Firma');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'reception-page': ReceptionPage;
  }
}
