import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import { formatAgo, formatNumber } from '../app/format.ts';
import type { IconName } from '../app/icons.ts';
import { locale } from '../app/localisation.ts';
import { shared } from '../app/styles/shared.ts';
import type { DocumentProof, Proof, ResultRow } from '../client/engine-messages.ts';
import './result-table.ts';
import './ui-icon.ts';

const MAX_IDS = 5;

/** A proof for people: what was compared, what differed, what was done about it, and the hashes behind it. */
@customElement('proof-report')
export class ProofReport extends TallerElement {
  @property({ attribute: false }) accessor proof: Proof | undefined;
  /** Epoch ms. */
  @property({ type: Number }) accessor now = 0;

  static override styles = [
    shared,
    css`
      .stack {
        grid-template-columns: minmax(0, 1fr);
      }
      ul {
        display: grid;
        gap: var(--space-3);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--space-1) var(--space-3);
        align-items: start;
        overflow-wrap: anywhere;
      }
      li ui-icon {
        margin-block-start: 0.15em;
      }
      li .small {
        grid-column: 2;
      }
      li.wrong ui-icon {
        color: var(--signal-text);
      }
      summary {
        display: flex;
        align-items: center;
        gap: var(--space-2);
        inline-size: fit-content;
        min-block-size: var(--target);
        cursor: pointer;
        font-weight: 650;
      }
      summary::before {
        content: '';
        inline-size: 0.5em;
        block-size: 0.5em;
        border-inline-end: 2px solid;
        border-block-end: 2px solid;
        transform: rotate(-45deg);
        transition: transform var(--motion-quick) var(--ease);
      }
      details[open] summary::before {
        transform: rotate(45deg);
      }
    `,
  ];

  override render() {
    const { proof } = this;
    if (!proof) return nothing;
    return html`<div class="stack">
      <ul>
        ${this.#renderLocal(proof)} ${this.#renderRelay(proof)}
      </ul>
      <details>
        <summary>${msg('Huellas por tabla')}</summary>
        <result-table
          label=${msg('Huellas por tabla')}
          .rows=${rowsOf(proof)}
          .headings=${{
            document: msg('Documento'),
            table: msg('Tabla'),
            rows: msg('Filas'),
            registers: msg('Registros'),
            sql: 'SQL',
            report: msg('Informe'),
          }}
        ></result-table>
      </details>
      <p class="small quiet">
        ${formatAgo(proof.atMs, this.now, locale())} ·
        ${msg(str`${formatNumber(Math.round(proof.tookMs), locale())} ms · sin enviar: ${proof.unsentCommits}, sin tocar`)}
      </p>
    </div>`;
  }

  #renderLocal({ tables, mendedRows }: Proof) {
    const documents = new Set(tables.map(({ document }) => document)).size;
    const mended = tables.flatMap(({ mendedIds }) => mendedIds);
    return mendedRows === 0
      ? line('check', msg(str`Las tablas coinciden con los registros en los ${documents} documentos.`))
      : line(
          'wrench',
          msg(str`Filas que no coincidían con sus registros y se han escrito de nuevo: ${mendedRows}.`),
          { detail: listOf(mended), isWrong: true },
        );
  }

  #renderRelay({ relay }: Proof) {
    const { state, reason, documents } = relay;
    if (state === 'not-connected')
      return line('offline', msg('Sin conexión: no se ha comparado con el servidor.'));
    const equal = documents.filter(({ outcome }) => outcome === 'equal').length;
    return html`
      ${
        state === 'failed'
          ? line('alert', msg('El servidor no ha podido comparar.'), { detail: reason ?? '', isWrong: true })
          : line(
              equal === documents.length ? 'check' : 'list',
              msg(str`El informe del servidor coincide en ${equal} de ${documents.length} documentos.`),
            )
      }
      ${documents.filter(({ outcome }) => outcome !== 'equal').map((document) => this.#renderDocument(document))}
    `;
  }

  #renderDocument({ document, outcome, because, epoch, seq, tables }: DocumentProof) {
    const isWrong = outcome === 'report-differs';
    const differing = tables.filter(({ ids }) => ids.length > 0);
    const details = differing.map(({ table, ids }) => `${table}: ${listOf(ids)}`);
    return line(iconOf(outcome), `${document}: ${sentenceOf(outcome, because)}`, {
      detail: [msg(str`hasta ${epoch}.${seq}`), ...details].join(' · '),
      isWrong,
    });
  }
}

function line(
  icon: IconName,
  text: string,
  { detail = '', isWrong = false }: { readonly detail?: string; readonly isWrong?: boolean } = {},
) {
  return html`<li class=${isWrong ? 'wrong' : ''}>
    <ui-icon name=${icon}></ui-icon><span>${text}</span>
    ${detail === '' ? nothing : html`<span class="small quiet">${detail}</span>`}
  </li>`;
}

function iconOf(outcome: DocumentProof['outcome']): IconName {
  if (outcome === 'report-differs' || outcome === 'set-aside') return 'alert';
  if (outcome === 'not-compared') return 'hourglass';
  return outcome === 'unknown-here' ? 'download' : 'wrench';
}

function sentenceOf(outcome: DocumentProof['outcome'], because: DocumentProof['because']): string {
  switch (outcome) {
    case 'equal':
      return msg('coincide.');
    case 'unknown-here':
      return msg('el servidor tiene de él lo que este dispositivo no conocía. Se ha pedido.');
    case 'mended':
      return msg('a este dispositivo le faltaba una parte. Ya la tiene.');
    case 'rebuilt':
      return msg('este dispositivo tenía otra cosa que el servidor. Se está trayendo de nuevo.');
    case 'set-aside':
      return msg(
        'el informe deja fuera lo que escribió otro programa en registros que no son suyos. Este dispositivo lo muestra.',
      );
    case 'report-differs':
      return msg('el informe del servidor no coincide con su propio registro. Este dispositivo está bien.');
    case 'not-compared':
      return reasonOf(because);
  }
}

function reasonOf(because: DocumentProof['because']): string {
  switch (because) {
    case 'report-behind':
      return msg('el informe del servidor aún no ha llegado hasta aquí. Prueba dentro de un momento.');
    case 'too-large':
      return msg('es demasiado grande para compararlo.');
    case 'not-reported':
      return msg('el servidor no hace informe de él.');
    default:
      return msg('se estaba escribiendo en él. Prueba dentro de un momento.');
  }
}

function listOf(ids: readonly string[]): string {
  return ids.slice(0, MAX_IDS).join(', ') + (ids.length > MAX_IDS ? ` … (${ids.length})` : '');
}

/** Every table that holds something, or differed. */
function rowsOf({ tables, relay }: Proof): ResultRow[] {
  return tables
    .filter(({ rows, registerHash, sqlHash }) => rows > 0 || registerHash !== sqlHash)
    .map(({ document, table, rows, registerHash, sqlHash }) => ({
      document,
      table,
      rows,
      registers: registerHash,
      sql: sqlHash,
      report:
        relay.documents.find((of) => of.document === document)?.tables.find((of) => of.table === table)
          ?.reportHash ?? null,
    }));
}

declare global {
  interface HTMLElementTagNameMap {
    'proof-report': ProofReport;
  }
}
