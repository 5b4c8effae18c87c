import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { ConnectedElement } from '../app/connected-element.ts';
import { formatDate, formatMoney } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { locale } from '../app/localisation.ts';
import { sameIds } from '../app/people.ts';
import type { PhotoRow } from '../app/receptions.ts';
import { shared } from '../app/styles/shared.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { LiveQuery } from '../client/live-query.ts';
import { sql } from '../client/sql-tag.ts';
import './photo-strip.ts';
import './ui-icon.ts';

interface FindingRow extends ResultRow {
  readonly id: string;
  readonly description: string;
  readonly severity: string;
  readonly status: string;
  readonly est_minor: number;
  readonly created_at: number;
  readonly inspection_item_id: string | null;
}

interface PhotoOfPoint extends PhotoRow {
  readonly entity_id: string;
}

/** The most urgent ones; the rest is a tap away. */
const SHOWN_FIRST = 4;

/** A finding is to be looked at in this visit. */
export class FindingChosenEvent extends Event {
  static readonly type = 'finding-chosen';
  readonly description: string;

  constructor(description: string) {
    super(FindingChosenEvent.type, { bubbles: true });
    this.description = description;
  }
}

/**
 * What earlier visits of a vehicle left undone: it returns at each visit until it is done. Draws nothing when there is
 * nothing.
 *
 * @fires finding-chosen
 */
@customElement('open-findings')
export class OpenFindings extends ConnectedElement {
  /** vehicles.id */
  @property() accessor vehicle = '';
  /** Concerns of this visit so far; given where findings may be taken up. */
  @property({ attribute: false }) accessor concerns: string | undefined;
  @state() private accessor showsAll = false;

  #findings = new LiveQuery<FindingRow>(
    this,
    () => this.engine,
    () =>
      this.vehicle === ''
        ? undefined
        : sql`
          select id, description, severity, status, est_minor, created_at, inspection_item_id from findings
          where vehicle_id in (${sameIds('vehicles', this.vehicle)}) and status <> 'done'
          order by severity = 'urgent' desc, created_at desc limit 50`,
  );
  #photos = new LiveQuery<PhotoOfPoint>(
    this,
    () => this.engine,
    () =>
      this.vehicle === ''
        ? undefined
        : sql`
          select a.id, a.kind, a.slot, a.sha256, a.thumb_sha256, a.caption, a.entity_id from attachments a
          join findings f on f.inspection_item_id = a.entity_id
          where f.vehicle_id in (${sameIds('vehicles', this.vehicle)}) and f.status <> 'done' and a.kind = 'photo' order by a.created_at`,
  );

  static override styles = [
    shared,
    css`
      /* Nothing pending takes no place. */
      :host {
        display: contents;
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-3);
        border-block-start: var(--line) solid var(--rule);
      }
      photo-strip {
        grid-column: 1 / -1;
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: minmax(0, 1fr);
          justify-items: start;
        }
      }
      .marks {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-1) var(--space-4);
      }
      .marks span {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
      }
    `,
  ];

  override render() {
    const findings = this.#findings.rows;
    if (findings.length === 0) return nothing;
    return html`<section class="panel stack" aria-label=${msg('Lo que quedó pendiente')}>
      <h2>${msg('Lo que quedó pendiente')}</h2>
      <ul>
        ${repeat(
          this.showsAll ? findings : findings.slice(0, SHOWN_FIRST),
          ({ id }) => id,
          (finding) => this.#renderFinding(finding),
        )}
      </ul>
      ${
        this.showsAll || findings.length <= SHOWN_FIRST
          ? nothing
          : html`<div>
              <button type="button" class="button" @click=${this.#showAll}>
                <ui-icon name="chevron-down"></ui-icon>${msg(str`Ver ${findings.length - SHOWN_FIRST} más`)}
              </button>
            </div>`
      }
    </section>`;
  }

  #showAll = (): void => {
    this.showsAll = true;
  };

  #renderFinding(finding: FindingRow) {
    const { description, severity, inspection_item_id: point } = finding;
    const [icon, word] = severityMark(severity);
    const photos = point === null ? [] : this.#photos.rows.filter(({ entity_id }) => entity_id === point);
    const isTaken = this.concerns?.split('\n').includes(description) ?? false;
    return html`<li data-finding=${finding.id}>
      <div>
        <div>${description}</div>
        <div class="marks small">
          <span class=${severity === 'urgent' ? 'signal' : 'quiet'}><ui-icon name=${icon}></ui-icon>${word}</span>
          <span class="quiet">${formatDate(finding.created_at, locale())}</span>
          ${finding.status === 'open' ? nothing : html`<span class="quiet">${statusWord(finding.status)}</span>`}
          ${finding.est_minor > 0 ? html`<span class="figure quiet">${formatMoney(finding.est_minor, 'EUR', locale())}</span>` : nothing}
        </div>
      </div>
      ${
        this.concerns === undefined
          ? nothing
          : isTaken
            ? html`<span class="row small"><ui-icon name="check"></ui-icon>${msg('Apuntado')}</span>`
            : html`<button
                type="button"
                class="button"
                aria-label=${msg(str`Añadir a los motivos: ${description}`)}
                @click=${() => this.dispatchEvent(new FindingChosenEvent(description))}
              >
                <ui-icon name="plus"></ui-icon>${msg('Añadir a los motivos')}
              </button>`
      }
      ${photos.length === 0 ? nothing : html`<photo-strip .rows=${photos} label=${description} readonly></photo-strip>`}
    </li>`;
  }
}

export function severityMark(severity: string): readonly [IconName, string] {
  switch (severity) {
    case 'urgent':
      return ['alert', msg('Urgente')];
    case 'soon':
      return ['clock', msg('Pronto')];
    default:
      return ['search', msg('Vigilar')];
  }
}

function statusWord(status: string): string {
  switch (status) {
    case 'declined':
      return msg('Se rechazó');
    case 'approved':
      return msg('Aprobado');
    default:
      return msg('Está en el presupuesto');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'open-findings': OpenFindings;
  }
  interface HTMLElementEventMap {
    'finding-chosen': FindingChosenEvent;
  }
}
