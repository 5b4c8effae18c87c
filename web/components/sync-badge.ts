import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDateTime } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import './ui-icon.ts';

interface SyncRow extends ResultRow {
  /** Index in STAGES of the row that is least far; null: nothing of it was written here lately. */
  readonly stage: number | null;
  readonly stored_at: number | null;
  readonly reported_at: number | null;
  readonly archived_at: number | null;
  /** Of the changes the relay refused, those that wrote one of its rows. */
  readonly refused: number;
  /** Bulk writes that wait and name no rows. */
  readonly bulk: number;
}

/** Each includes those before it. */
const STAGES = ['local', 'sent', 'stored', 'reported', 'archived'] as const;
const STAGE_OF = `case s.stage ${STAGES.map((stage, index) => `when '${stage}' then ${index}`).join(' ')} end`;

/**
 * How far what this device wrote of a row, and of what hangs on it, has come: only here, on its way, with the workshop,
 * or refused.
 */
@customElement('sync-badge')
export class SyncBadge extends ConnectedElement {
  @property() accessor table = '';
  @property() accessor row = '';
  /** Tables whose rows are part of it, each with the column that names it. */
  @property({ attribute: false }) accessor parts: readonly (readonly [table: string, column: string])[] = [];

  #sync = new LiveQuery<SyncRow>(
    this,
    () => this.engine,
    () => (this.row === '' ? undefined : this.#query()),
  );

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
      }
      @media print {
        :host {
          display: none;
        }
      }
      a {
        min-block-size: var(--target);
      }
      a,
      span {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-size: var(--text-s);
        white-space: nowrap;
      }
      .away {
        font-weight: 600;
      }
    `,
  ];

  override render() {
    const sync = this.#sync.first;
    if (!sync) return nothing;
    if (sync.refused > 0)
      return html`<a class="signal" href="/pendientes" data-stage="refused"
        ><ui-icon name="alert"></ui-icon>${msg('No se pudo enviar')}</a
      >`;
    const stage = STAGES[sync.stage ?? STAGES.indexOf('stored')]!;
    // Rows of a bulk write are not followed one by one, so nothing is known of this one.
    if (sync.stage === null && sync.bulk > 0) return nothing;
    const [icon, word] = markOf(stage);
    const isAway = stage === 'local' || stage === 'sent';
    return html`<span class=${isAway ? 'away' : 'quiet'} data-stage=${stage} title=${this.#timesOf(sync)}
      ><ui-icon name=${icon}></ui-icon>${word}</span
    >`;
  }

  #query(): SqlQuery {
    const { table, row } = this;
    const own = sql`(s.table_name = ${table} and s.row_id = ${row})`;
    const those = this.parts.reduce(
      (before, [part, column]) =>
        sql`${before} or (s.table_name = ${part} and s.row_id in (${idsOf(part, column, row)}))`,
      own,
    );
    return sql`
      select min(${{ sql: STAGE_OF, params: [] }}) as stage, max(s.stored_at) as stored_at, max(s.reported_at) as reported_at,
        max(s.archived_at) as archived_at,
        (select count(*) from _outbox o where o.state = 'rejected' and instr(o.rows, ${`"${row}"`}) > 0) as refused,
        (select count(*) from _outbox o where o.state <> 'rejected' and o.rows is null) as bulk
      from _sync s where ${those}`;
  }

  /** When it came how far, for who wants to know. */
  #timesOf(sync: SyncRow): string {
    const at = (ms: number) => formatDateTime(ms, this.now, locale());
    return [
      sync.stored_at === null ? '' : msg(str`En el servidor: ${at(sync.stored_at)}`),
      sync.reported_at === null ? '' : msg(str`En los informes: ${at(sync.reported_at)}`),
      sync.archived_at === null ? '' : msg(str`En el archivo: ${at(sync.archived_at)}`),
    ]
      .filter((text) => text !== '')
      .join(' · ');
  }
}

function idsOf(table: string, column: string, row: string): SqlQuery {
  return { sql: `select id from ${table} where ${column} = ?`, params: [row] };
}

function markOf(stage: (typeof STAGES)[number]): readonly [IconName, string] {
  switch (stage) {
    case 'local':
      return ['clock', msg('Guardado aquí')];
    case 'sent':
      return ['outbox', msg('Enviando')];
    default:
      return ['check', msg('En el servidor')];
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sync-badge': SyncBadge;
  }
}
