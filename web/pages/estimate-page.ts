import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { VersionState } from '../../shared/taller/estimates.ts';
import { sendEstimate } from '../../shared/taller/flows/estimate-flow.ts';
import { decide } from '../../shared/taller/permissions.ts';
import type { WorkshopSettings } from '../../shared/taller/settings.ts';
import { isLocked } from '../../shared/taller/status.ts';
import { handOver } from '../app/customer-mode.ts';
import { estimateDocument, estimateText, termsOf } from '../app/estimate-document.ts';
import { EstimateReads } from '../app/estimate-reads.ts';
import {
  type EstimateOrder,
  type SentEstimate,
  type SentLine,
  stateMark,
  stepWhenSent,
  type WaitingFinding,
  waitingFindingsQuery,
} from '../app/estimates.ts';
import { NavigateEvent, ToastEvent } from '../app/events.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { seriesOf } from '../app/numbering.ts';
import { TallerPage } from '../app/page.ts';
import { permissionsQuery } from '../app/permissions.ts';
import { sha256Of } from '../app/photos/prepare-photo.ts';
import { shared } from '../app/styles/shared.ts';
import { tabStyle } from '../app/styles/tabs.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import '../components/estimate-draft.ts';
import type { EstimateReadyEvent } from '../components/estimate-draft.ts';
import type { Reply } from '../components/estimate-reply.ts';
import '../components/estimate-version.ts';
import { hasPins } from '../components/hand-over.ts';
import '../components/number-plate.ts';
import '../components/ui-icon.ts';

/** The estimate of an order: the version that is being made, and those that were sent with what became of them. */
@customElement('estimate-page')
export class EstimatePage extends TallerPage {
  @state() private accessor sending = false;

  #reads = new EstimateReads(
    this,
    () => this.engine,
    () => this.params.id,
  );
  #findings = new LiveQuery<WaitingFinding>(
    this,
    () => this.engine,
    () => {
      const order = this.#reads.order.first;
      return order ? waitingFindingsQuery(order.vehicle_id, order.id) : undefined;
    },
  );
  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);
  #tax = new LiveQuery<ResultRow & { readonly rate_bp: number }>(
    this,
    () => this.engine,
    () => sql`select rate_bp from tax_rates where is_default = 1 and active = 1 limit 1`,
  );

  static override styles = [
    shared,
    tabStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-4);
        max-inline-size: 1080px;
      }
    `,
  ];

  override render() {
    const { state, first: order } = this.#reads.order;
    if (state.name === 'failed') return renderFailed(state.failure.message);
    if (this.#reads.isPending || this.#permissions.state.name === 'pending') return renderLoading();
    return order ? this.#renderOrder(order) : this.#renderMissing();
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

  #renderOrder(order: EstimateOrder) {
    return html`
      <div class="row no-print">
        <a class="button" href="/ordenes/${order.id}" aria-label=${msg(str`Volver a la orden ${order.number}`)}>
          <ui-icon name="chevron-left"></ui-icon>
        </a>
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <div>
          <h1>${msg('Presupuesto')}</h1>
          <span class="quiet small">${order.vehicle} · <span class="figure">${order.number}</span></span>
        </div>
      </div>
      ${this.#maySee('price.view') ? this.#renderVersions(order) : this.#renderNoPrices()}
    `;
  }

  #renderNoPrices() {
    return html`<state-note
      icon="lock"
      heading=${msg('Aquí se ven precios')}
      text=${msg('Tu función en el taller no los incluye. Los hallazgos se añaden desde la inspección.')}
    ></state-note>`;
  }

  #renderVersions(order: EstimateOrder) {
    const versions = this.#reads.versions.rows;
    const states = this.#reads.states(this.now);
    const asked = this.search.get('version');
    const open = isLocked(order)
      ? (versions.find(({ id }) => id === asked) ?? versions[0])
      : asked === 'nueva'
        ? undefined
        : (versions.find(({ id }) => id === asked) ?? (this.#hasDraft ? undefined : versions[0]));
    return html`
      <nav class="no-print" aria-label=${msg('Versiones')}>
        ${
          isLocked(order)
            ? nothing
            : html`<a href="/ordenes/${order.id}/presupuesto?version=nueva" aria-current=${open ? nothing : 'page'}>
                <ui-icon name="draft"></ui-icon>${msg(str`Versión ${versions.length + 1}, en preparación`)}
              </a>`
        }
        ${versions.map((version) => {
          const [icon, word] = stateMark(states.get(version.id)?.state ?? 'sent');
          return html`<a
            href="/ordenes/${order.id}/presupuesto?version=${version.id}"
            aria-current=${version.id === open?.id ? 'page' : nothing}
            ><ui-icon name=${icon}></ui-icon>${msg(str`Versión ${version.version}: ${word}`)}</a
          >`;
        })}
      </nav>
      ${
        !open && isLocked(order)
          ? html`<state-note icon="lock" heading=${msg('Esta orden se facturó sin presupuesto')}></state-note>`
          : nothing
      }
      ${open ? this.#renderSent(order, open, states.get(open.id)) : isLocked(order) ? nothing : this.#renderDraft(order)}
    `;
  }

  #renderDraft(order: EstimateOrder) {
    const { jobs, lines, sentLines, settings } = this.#reads;
    const discounts = this.#decide('discount.give');
    return html`<estimate-draft
      .order=${order}
      .jobs=${jobs.rows}
      .lines=${lines.rows}
      .findings=${this.#findings.rows}
      .sentJobIds=${new Set(sentLines.rows.map(({ job_id }) => job_id ?? ''))}
      .settings=${settings}
      .defaultTaxBp=${this.#tax.first?.rate_bp ?? 0}
      maxDiscountBp=${discounts.allowed ? (discounts.limits.max_discount_bp ?? 10_000) : 0}
      ?fixedPrices=${!this.#maySee('price.override')}
      ?busy=${this.sending}
      @estimate-ready=${(event: EstimateReadyEvent) => this.attempt(() => this.#send(order, settings, event))}
    ></estimate-draft>`;
  }

  #renderSent(order: EstimateOrder, estimate: SentEstimate, found: VersionState | undefined) {
    const { approvals, versions } = this.#reads;
    const source = this.#reads.sourceOf(order, estimate);
    return html`<estimate-version
      .source=${source}
      .state=${found?.state ?? 'sent'}
      .decisions=${found?.decisions ?? new Map()}
      .signature=${this.#reads.signatureOf(estimate.id)}
      .approval=${approvals.rows.findLast(({ entity_id }) => entity_id === estimate.id)}
      ?isLast=${estimate.id === versions.first?.id}
      ?mayNote=${this.#maySee('order.approve_by_phone')}
      .note=${({ decisions, ...reply }: Reply) =>
        this.write('estimate.decide', (actor) => this.#reads.answer(actor, source, decisions, reply))}
    ></estimate-version>`;
  }

  get #hasDraft(): boolean {
    return this.#reads.jobs.rows.some(({ approval, id }) => approval === 'proposed' && !this.#isWaiting(id));
  }

  /** The last version that was sent asks about this job. */
  #isWaiting(jobId: string): boolean {
    const last = this.#reads.versions.first;
    return this.#reads.sentLines.rows.some((line) => line.estimate_id === last?.id && line.job_id === jobId);
  }

  #decide(permission: Parameters<typeof decide>[1]) {
    return decide(this.session?.role ?? '', permission, this.#permissions.rows as never);
  }

  #maySee(permission: Parameters<typeof decide>[1]): boolean {
    return this.#decide(permission).allowed;
  }

  async #send(order: EstimateOrder, settings: WorkshopSettings, ready: EstimateReadyEvent): Promise<void> {
    const writer = await this.writer();
    if (!writer || this.sending) return;
    this.sending = true;
    try {
      const { engine, actor: now } = writer;
      const { lines, totals } = ready.content;
      const last = this.#reads.versions.first;
      const head = {
        work_order_id: order.id,
        customer_id: order.customer_id,
        vehicle_id: order.vehicle_id,
        version: (last?.version ?? 0) + 1,
        ...(last ? { supersedes_id: last.id } : {}),
        valid_until: ready.validUntilMs,
        sent_via: ready.inPerson ? 'in_person' : 'print',
        subtotal_minor: totals.subtotalMinor,
        tax_minor: totals.taxMinor,
        total_minor: totals.totalMinor,
        terms: termsOf(settings, {
          note: order.customer_note,
          validUntilMs: ready.validUntilMs,
          locale: locale(),
        }),
      };
      // Its number is given in the transaction that stores it, so the hash is of everything but the number.
      const shown = {
        ...head,
        id: '',
        number: '',
        status: 'sent',
        sent_at: now.nowMs,
        supersedes_id: null,
        doc_hash: '',
      };
      const document = estimateDocument({
        order,
        estimate: shown as SentEstimate,
        lines: lines as readonly SentLine[],
        settings,
        locale: locale(),
      });
      const doc_hash = await sha256Of(new TextEncoder().encode(estimateText(document)));
      const series = await seriesOf(engine, 'estimate', now.device, now.nowMs);
      let id = '';
      const sent = await this.write('estimate.send', (actor) => {
        const made = sendEstimate(
          actor,
          { ...head, doc_hash, lines },
          series,
          stepWhenSent(order, this.#reads.statuses.rows),
        );
        id = made.id;
        return made.statements;
      });
      if (!sent) return;
      const returnTo = `/ordenes/${order.id}/presupuesto?version=${id}`;
      if (ready.inPerson && (await hasPins(engine))) {
        const path = await handOver({ orderId: order.id, estimateId: id, returnTo });
        this.dispatchEvent(new NavigateEvent(path));
      } else {
        this.dispatchEvent(new NavigateEvent(returnTo));
        this.dispatchEvent(new ToastEvent(msg('Versión cerrada. Ya se puede compartir.')));
      }
    } finally {
      this.sending = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-page': EstimatePage;
  }
}
