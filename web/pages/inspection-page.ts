import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import {
  completeInspection,
  setInspectionItem,
  startInspection,
} from '../../shared/taller/flows/inspection-flow.ts';
import { isLocked } from '../../shared/taller/status.ts';
import { formatDateTime } from '../app/format.ts';
import {
  type InspectedOrder,
  type InspectionRow,
  inspectedOrderQuery,
  inspectionQuery,
  type LastPoint,
  lastPointsQuery,
  type PointPhoto,
  type PointRow,
  pointPhotosQuery,
  pointsQuery,
  type TemplatePoint,
  type TemplateRow,
  templatePointsQuery,
  templatesQuery,
} from '../app/inspections.ts';
import { renderFailed, renderLive, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { footStyle } from '../app/styles/foot.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/inspection-point.ts';
import '../components/number-plate.ts';
import '../components/ui-icon.ts';

/** The inspection of an order: started from a template, filled in point by point, sealed when it is done. */
@customElement('inspection-page')
export class InspectionPage extends TallerPage {
  /** Asked for beside the one that is done. */
  @state() private accessor again = false;
  @state() private accessor starting = false;

  #order = new LiveQuery<InspectedOrder>(
    this,
    () => this.engine,
    () => inspectedOrderQuery(this.params.id),
  );
  #inspection = new LiveQuery<InspectionRow>(
    this,
    () => this.engine,
    () => {
      const id = this.#order.first?.inspection_id;
      return id ? inspectionQuery(id) : undefined;
    },
  );
  #points = new LiveQuery<PointRow>(
    this,
    () => this.engine,
    () => {
      const id = this.#order.first?.inspection_id;
      return id ? pointsQuery(id) : undefined;
    },
  );
  #photos = new LiveQuery<PointPhoto>(
    this,
    () => this.engine,
    () => {
      const id = this.#order.first?.inspection_id;
      return id ? pointPhotosQuery(id) : undefined;
    },
  );
  #templates = new LiveQuery<TemplateRow>(this, () => this.engine, templatesQuery);

  static override styles = [
    shared,
    footStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1080px;
      }
      .templates {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr));
        gap: var(--space-3);
      }
      .template {
        display: grid;
        justify-items: start;
        justify-content: start;
        align-content: center;
        gap: var(--space-1);
        min-block-size: 88px;
        padding: var(--space-3) var(--space-5);
        text-align: start;
        line-height: 1.3;
      }
      .template .quiet {
        font-weight: 400;
      }
      .done {
        display: flex;
        align-items: center;
        gap: var(--space-3);
      }
      section.panel {
        padding-block-end: var(--space-2);
      }
      section h2 {
        margin-block-end: var(--space-3);
      }
      progress {
        inline-size: 8rem;
        block-size: 10px;
        accent-color: var(--ink);
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-3);
        padding-block: var(--space-3);
        background: linear-gradient(transparent, var(--surface) var(--space-3));
      }
      @media (orientation: portrait), (max-width: 699px) {
        .foot .button {
          flex: 1;
        }
      }
    `,
  ];

  override render() {
    switch (this.#order.state.name) {
      case 'pending':
        return renderLoading();
      case 'failed':
        return renderFailed(this.#order.state.failure.message);
      case 'rows': {
        const order = this.#order.first;
        return order ? this.#renderOrder(order) : this.#renderMissing();
      }
    }
  }

  #renderMissing() {
    return html`<state-note
      page
      heading=${msg('Esta orden no está en este dispositivo')}
      text=${msg('Puede que aún no haya llegado, o que se haya borrado.')}
      icon="search"
    >
      <a class="button" href="/ordenes">${msg('Ver órdenes')}</a>
    </state-note>`;
  }

  #renderOrder(order: InspectedOrder) {
    const begun = order.inspection_id !== null && !this.again;
    return html`
      <div class="row spread">
        <div class="row">
          <a class="button" href="/ordenes/${order.id}" aria-label=${msg(str`Volver a la orden ${order.number}`)}>
            <ui-icon name="chevron-left"></ui-icon>
          </a>
          <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
          <div>
            <h1>${msg('Inspección')}</h1>
            <span class="quiet small">${order.vehicle} · <span class="figure">${order.number}</span></span>
          </div>
        </div>
        ${begun ? this.#renderProgress() : nothing}
      </div>
      ${begun ? this.#renderInspection(order) : this.#renderTemplates(order)}
    `;
  }

  #renderProgress() {
    const points = this.#points.rows;
    const seen = points.filter(({ status }) => status !== null).length;
    if (points.length === 0) return nothing;
    return html`<label class="row">
      <span class="figure">${msg(str`${seen} de ${points.length}`)}</span>
      <progress max=${points.length} value=${seen} aria-label=${msg('Puntos mirados')}></progress>
    </label>`;
  }

  #renderTemplates(order: InspectedOrder) {
    if (order.vehicle_id === null || isLocked(order)) {
      return html`<state-note
        icon="lock"
        heading=${msg('Aquí no se puede inspeccionar')}
        text=${msg('La orden no tiene vehículo o ya está facturada.')}
      ></state-note>`;
    }
    return renderLive(this.#templates, {
      empty: () => html`<state-note
        icon="list"
        heading=${msg('No hay plantillas de inspección')}
        text=${msg('Las crea quien administra el taller.')}
      ></state-note>`,
      rows: (templates) => html`
        <p class="quiet">${msg('Elige qué se va a mirar.')}</p>
        <div class="templates">
          ${templates.map(
            (template) => html`<button
              class="button template"
              ?disabled=${this.starting}
              @click=${() => this.attempt(() => this.#start(order, template))}
            >
              <span>${(locale() === 'en' && template.name_en) || template.name_es}</span>
              <span class="quiet small">${msg(str`Puntos: ${template.points}`)}</span>
            </button>`,
          )}
        </div>
      `,
    });
  }

  #renderInspection(order: InspectedOrder) {
    const inspection = this.#inspection.first;
    if (!inspection) return nothing;
    const done = inspection.completed_at !== null;
    const sections = sectionsOf(this.#points.rows);
    return html`
      ${
        done
          ? html`<p class="done"><ui-icon name="lock"></ui-icon>${msg(
              str`Terminada por ${inspection.technician} el ${formatDateTime(inspection.completed_at ?? 0, this.now, locale())}. Ya no cambia.`,
            )}</p>`
          : nothing
      }
      ${repeat(
        sections,
        ([section]) => section,
        ([section, points]) => html`<section class="panel" aria-label=${headingOf(section, points)}>
          <h2>${headingOf(section, points)}</h2>
          ${repeat(
            points,
            ({ id }) => id,
            (point) => html`<inspection-point
              data-point=${point.id}
              .point=${point}
              .order=${order}
              .shots=${this.#photos.rows.filter(({ entity_id }) => entity_id === point.id)}
              ?readonly=${done || isLocked(order)}
            ></inspection-point>`,
          )}
        </section>`,
      )}
      ${this.#renderFoot(order, inspection, done)}
    `;
  }

  #renderFoot(order: InspectedOrder, inspection: InspectionRow, done: boolean) {
    if (isLocked(order)) return nothing;
    if (done) {
      return html`<div class="foot">
        <button class="button" @click=${this.#startAgain}><ui-icon name="plus"></ui-icon>${msg('Otra inspección')}</button>
      </div>`;
    }
    const left = this.#points.rows.filter(({ status }) => status === null).length;
    return html`<div class="foot">
      <button class="button main" ?disabled=${left > 0} @click=${() => this.#complete(inspection.id)}>
        <ui-icon name="check"></ui-icon>${msg('Terminar la inspección')}
      </button>
      ${
        left > 0
          ? html`<button class="button" @click=${this.#skipRest}><ui-icon name="more"></ui-icon>${msg(str`No aplica el resto: ${left}`)}</button>`
          : nothing
      }
    </div>`;
  }

  #startAgain = (): void => {
    this.again = true;
  };

  async #start(order: InspectedOrder, template: TemplateRow): Promise<void> {
    const { engine } = this;
    const vehicleId = order.vehicle_id;
    if (!engine || vehicleId === null || this.starting) return;
    this.starting = true;
    try {
      const items = await engine.query<TemplatePoint>(templatePointsQuery(template.id));
      const last = await engine.query<LastPoint>(lastPointsQuery(vehicleId));
      const started = await this.write(
        'inspection.start',
        (actor) =>
          startInspection(actor, {
            workOrderId: order.id,
            vehicleId,
            template,
            items,
            lastItemIdByLabel: new Map(last.map(({ id, label }) => [label, id])),
            odometer: order.odometer_in,
          }).statements,
      );
      if (started) this.again = false;
    } finally {
      this.starting = false;
    }
  }

  #skipRest = (): void => {
    const left = this.#points.rows.filter(({ status }) => status === null);
    void this.write('inspection.point', () =>
      left.flatMap(({ id }) => setInspectionItem(id, { status: 'na' })),
    );
  };

  #complete(id: string): void {
    void this.write('inspection.complete', (actor) => completeInspection(actor, id));
  }
}

function headingOf(section: string, points: readonly PointRow[]): string {
  return (locale() === 'en' && points[0]?.section_en) || section;
}

/** The points under their headings, in the order of the template. */
function sectionsOf(points: readonly PointRow[]): readonly (readonly [string, readonly PointRow[]])[] {
  const pointsBySection = new Map<string, PointRow[]>();
  for (const point of points) {
    const section = pointsBySection.get(point.section);
    if (section) section.push(point);
    else pointsBySection.set(point.section, [point]);
  }
  return [...pointsBySection];
}

declare global {
  interface HTMLElementTagNameMap {
    'inspection-page': InspectionPage;
  }
}
