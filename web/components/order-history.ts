import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { addComment } from '../../shared/taller/flows/order-flow.ts';
import '../app/field-controls.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { declarationName } from '../app/declarations.ts';
import { formatDateTime } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { locale } from '../app/localisation.ts';
import { type OrderView, type Person, peopleQuery, personName } from '../app/order-view.ts';
import { nameOf, type Status, statusesQuery } from '../app/statuses.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import { iconOf } from './status-mark.ts';
import './ui-icon.ts';

interface EventRow extends ResultRow {
  readonly id: string;
  readonly kind: 'status' | 'comment' | 'photo' | 'time' | 'signature' | 'approval';
  /** Status key, text, or name, by kind. */
  readonly what: string;
  readonly note: string;
  readonly at: number;
  readonly who: string;
}

/** Everything that happened to an order, newest first, and a place to say something. */
@customElement('order-history')
export class OrderHistory extends ConnectedElement {
  @property({ attribute: false }) accessor order: OrderView | undefined;

  #people = new LiveQuery<Person>(this, () => this.engine, peopleQuery);
  #statuses = new LiveQuery<Status>(this, () => this.engine, statusesQuery);
  #events = new LiveQuery<EventRow>(
    this,
    () => this.engine,
    () => {
      const id = this.order?.id;
      return sql`
        select id, 'status' as kind, to_key as what, reason as note, created_at as at, created_by as who
          from wo_status_log where work_order_id = ${id}
        union all select id, 'comment', text, '', created_at, created_by from comments
          where entity = 'work_orders' and entity_id = ${id}
        union all select id, 'photo', coalesce(slot, ''), caption, created_at, created_by from attachments
          where entity_id = ${id} and kind = 'photo'
        union all select t.id, 'time', coalesce(j.title, ''), '', t.started_at, t.technician_id from time_entries t
          left join wo_jobs j on j.id = t.job_id where t.work_order_id = ${id}
        union all select id, 'signature', signer_name, purpose, created_at, created_by from signatures
          where entity_id in (${id}, ${this.order?.reception_id ?? ''})
        union all select a.id, 'approval', iif(exists (
              select 1 from approvals x where x.entity_id = a.instead_id and x.decision = 'approved'),
            'other-option', a.decision), coalesce(j.title, ''), a.created_at, a.by_name from approvals a
          join wo_jobs j on j.id = a.entity_id where j.work_order_id = ${id}
        order by at desc, id desc limit 200`;
    },
  );

  static override styles = [
    shared,
    css`
      form {
        align-items: end;
      }
      wa-textarea {
        flex: 1;
      }
      ol {
        display: grid;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        position: relative;
        display: grid;
        grid-template-columns: 2.5rem minmax(0, 1fr);
        padding-block-end: var(--space-4);
      }
      li:not(:last-child)::before {
        content: '';
        position: absolute;
        inset-block: 1.7rem 0;
        inset-inline-start: 0.6rem;
        inline-size: 2px;
        background: var(--rule);
      }
      .text {
        white-space: pre-line;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { order } = this;
    if (!order) return nothing;
    return html`<section class="panel stack" aria-label=${msg('Historial')}>
      <form class="row" @submit=${(event: SubmitEvent) => this.#comment(order, event)}>
        <wa-textarea
          name="comment"
          rows="2"
          resize="auto"
          label=${msg('Escribir un comentario')}
        ></wa-textarea>
        <button class="button" type="submit">${msg('Comentar')}</button>
      </form>
      <ol>
        ${repeat(
          this.#events.rows,
          (event) => event.id,
          (event) => this.#renderEvent(event),
        )}
      </ol>
    </section>`;
  }

  #renderEvent(event: EventRow) {
    const [icon, text] = this.#sentence(event);
    return html`<li>
      <ui-icon name=${icon}></ui-icon>
      <div>
        <div class="text">${text}</div>
        ${event.note && event.kind !== 'approval' ? html`<div class="small">${event.kind === 'signature' ? purposeName(event.note) : event.note}</div>` : nothing}
        <div class="small quiet">
          ${formatDateTime(event.at, this.now, locale())} · ${personName(this.#people.rows, event.who)}
        </div>
      </div>
    </li>`;
  }

  #sentence({ kind, what, note }: EventRow): readonly [IconName, string] {
    switch (kind) {
      case 'status': {
        const status = this.#statuses.rows.find(({ key }) => key === what);
        return [iconOf(what, status?.phase ?? ''), status ? nameOf(status, locale()) : what];
      }
      case 'comment':
        return ['note', what];
      case 'photo':
        return ['image', msg('Foto añadida')];
      case 'time':
        return ['clock', msg(str`Reloj en marcha: ${what}`)];
      case 'signature':
        return ['draft', msg(str`Firmado por ${what}`)];
      case 'approval':
        if (what === 'approved') return ['check', msg(str`Aprobado: ${note}`)];
        return what === 'other-option'
          ? ['arrow-right', msg(str`Otra opción en vez de: ${note}`)]
          : ['cancelled', msg(str`Rechazado: ${note}`)];
    }
  }

  #comment(order: OrderView, event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const text = String(new FormData(form).get('comment') ?? '').trim();
    if (text === '') return;
    form.reset();
    void this.write('comment.add', (actor) => addComment(actor, 'work_orders', order.id, text).statements);
  }
}

/** What a signature of an order or its reception is for. */
function purposeName(purpose: string): string {
  switch (purpose) {
    case 'deposit':
      return msg('Resguardo de depósito');
    case 'waiver':
    case 'refusal':
    case 'consent':
      return declarationName(purpose);
    default:
      return purpose;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'order-history': OrderHistory;
  }
}
