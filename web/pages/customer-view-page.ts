import { msg, str } from '@lit/localize';
import { html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { groupedOptions } from '../../shared/taller/options.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import { handedOver, keepChoices } from '../app/customer-mode.ts';
import {
  answerOf,
  choiceHeading,
  type DocumentJob,
  type DocumentSource,
  ESTIMATE_TEXT_VERSION,
  type EstimateDocument,
  estimateDocument,
  signedText,
} from '../app/estimate-document.ts';
import { estimateFile } from '../app/estimate-file.ts';
import { EstimateReads } from '../app/estimate-reads.ts';
import { answerTo, decisionMark, type EstimateOrder, type SentEstimate } from '../app/estimates.ts';
import { renderFailed, renderLoading } from '../app/live.ts';
import { locale } from '../app/localisation.ts';
import { TallerPage } from '../app/page.ts';
import { sha256Of } from '../app/photos/prepare-photo.ts';
import { shareFile } from '../app/share-file.ts';
import { footStyle } from '../app/styles/foot.ts';
import { shared } from '../app/styles/shared.ts';
import '../components/number-plate.ts';
import '../components/signature-field.ts';
import type { SignatureField } from '../components/signature-field.ts';
import '../components/state-note.ts';
import '../components/take-back.ts';
import '../components/ui-icon.ts';
import { customerViewStyle } from './customer-view-style.ts';

type Choice = Approval['decision'];

/**
 * What a customer sees with the tablet in hand: one estimate, a yes or no to each job of it, what the yeses come to, and
 * the signature. Everything is one commit, at the signature.
 */
@customElement('customer-view-page')
export class CustomerViewPage extends TallerPage {
  @state() private accessor choices: ReadonlyMap<string, Choice> = new Map(
    Object.entries(handedOver()?.choices ?? {}),
  );
  @state() private accessor step: 'choosing' | 'signing' = 'choosing';
  @state() private accessor busy = false;
  @state() private accessor problem = '';
  @query('signature-field') private accessor field!: SignatureField;

  #reads = new EstimateReads(
    this,
    () => this.engine,
    () => handedOver()?.orderId,
  );

  static override styles = [shared, footStyle, customerViewStyle];

  override render() {
    const given = handedOver();
    const { state, first: order } = this.#reads.order;
    if (state.name === 'failed') return renderFailed(state.failure.message);
    if (!given) return this.#renderNothing(msg('Esta tableta no está en manos de un cliente'));
    if (this.#reads.isPending) return renderLoading();
    const estimate = this.#reads.versions.rows.find(({ id }) => id === given.estimateId);
    if (!order || !estimate) return this.#renderNothing(msg('Este presupuesto no está en este dispositivo'));
    return this.#renderEstimate(order, estimate);
  }

  #renderNothing(heading: string) {
    return html`<h1 class="visually-hidden">${msg('Presupuesto')}</h1>
      <state-note page icon="lock" heading=${heading}><take-back></take-back></state-note>`;
  }

  #renderEstimate(order: EstimateOrder, estimate: SentEstimate) {
    const source = this.#reads.sourceOf(order, estimate);
    const document = estimateDocument(source);
    const { decisions, state } = this.#reads.states(this.now).get(estimate.id) ?? { decisions: new Map() };
    const open = document.jobs.filter(({ id }) => id !== null && !decisions.has(id));
    return html`
      <div class="head">
        <number-plate value=${order.plate} country=${order.plate_country}></number-plate>
        <div>
          <h1>${document.title}</h1>
          <span class="quiet">${order.vehicle} · <span class="figure">${document.number}</span></span>
        </div>
        <take-back></take-back>
      </div>
      ${
        open.length === 0
          ? this.#renderThanks(source)
          : state === 'superseded'
            ? html`<state-note icon="history" heading=${msg('Hay una versión más nueva de este presupuesto')} text=${msg('Devuelva la tableta: el taller le enseñará la nueva.')}></state-note>`
            : this.step === 'choosing'
              ? this.#renderChoosing(document, open, source)
              : this.#renderSigning(document, open, source)
      }
    `;
  }

  #renderChoosing(document: EstimateDocument, open: readonly DocumentJob[], source: DocumentSource) {
    const left = open.filter(({ id }) => !this.choices.has(id ?? '')).length;
    const { approved } = answerOf(source, this.#chosen(open));
    return html`
      <p>${msg(str`${source.order.customer}: elija qué quiere que hagamos. Los precios incluyen impuestos.`)}</p>
      ${repeat(
        groupedOptions(open),
        ([job]) => job?.id,
        (group) =>
          isChoice(group) ? this.#renderChoice(document, group) : this.#renderJob(document, group[0]),
      )}
      <div class="foot">
        <div class="sum">
          <span class="small quiet">${approved.label}</span>
          <span class="figure" aria-live="polite">${approved.text}</span>
        </div>
        ${
          left > 0 && groupedOptions(open).length > 1
            ? html`<button class="button big" @click=${() => this.#chooseAll(open)}>
                <ui-icon name="check"></ui-icon>${msg('Sí a todo')}
              </button>`
            : html`<button class="button main big" ?disabled=${left > 0} @click=${() => this.#go('signing')}>
                ${msg('Firmar')}<ui-icon name="chevron-right"></ui-icon>
              </button>`
        }
      </div>
    `;
  }

  #renderJob({ columns }: EstimateDocument, job: DocumentJob | undefined) {
    if (!job) return nothing;
    const choice = (decision: Choice, label: string) => {
      const on = this.choices.get(job.id ?? '') === decision;
      return html`<label class="button choice ${on ? 'on' : ''}">
        <input type="radio" name=${job.id ?? ''} .checked=${on} @change=${() => this.#choose(job, decision)} />
        <ui-icon name=${decisionMark(decision)[0]}></ui-icon>${label}
      </label>`;
    };
    return html`<section class="panel job" data-job=${job.id ?? nothing} aria-label=${job.title}>
      <header>
        <h2>${job.title}</h2>
        <span class="figure price">${job.total}</span>
      </header>
      <fieldset>
        <legend class="visually-hidden">${job.title}</legend>
        ${choice('approved', msg('Sí, adelante'))} ${choice('declined', msg('Por ahora no'))}
      </fieldset>
      ${renderContents(columns, job)}
    </section>`;
  }

  /** One of several ways to do it, or none of them. */
  #renderChoice({ columns }: EstimateDocument, options: readonly DocumentJob[]) {
    const group = options[0]?.option_group ?? '';
    const none = options.every(({ id }) => this.choices.get(id ?? '') === 'declined');
    return html`<section class="panel job" data-choice=${group} aria-label=${group}>
      <header>
        <h2>${group}</h2>
        <span class="quiet">${msg('Elija una opción')}</span>
      </header>
      <fieldset class="options">
        <legend class="visually-hidden">${choiceHeading(group)}</legend>
        ${options.map((job) => {
          const on = this.choices.get(job.id ?? '') === 'approved';
          return html`<label class="button choice option ${on ? 'on' : ''}">
            <input type="radio" name=${group} .checked=${on} @change=${() => this.#take(options, job)} />
            ${on ? html`<ui-icon name="check"></ui-icon>` : html`<span class="ring"></span>`}
            <span>${job.title}<span class="small hint">${job.option}</span></span>
            <span class="figure">${job.total}</span>
          </label>`;
        })}
        <label class="button choice option ${none ? 'on' : ''}">
          <input type="radio" name=${group} .checked=${none} @change=${() => this.#take(options, undefined)} />
          <ui-icon name=${decisionMark('declined')[0]}></ui-icon><span>${msg('Por ahora ninguna')}</span>
        </label>
      </fieldset>
      ${options.map((job) => renderContents(columns, job, job.title))}
    </section>`;
  }

  #renderSigning(document: EstimateDocument, open: readonly DocumentJob[], source: DocumentSource) {
    const { approved } = answerOf(source, this.#chosen(open));
    return html`
      <section class="panel stack" aria-label=${msg('Lo que firma')}>
        <h2>${msg('Lo que firma')}</h2>
        <ul class="answers">
          ${open.map((job, index) => {
            const [icon, word] = decisionMark(answerTo(job, open, this.choices));
            return html`<li class=${this.choices.get(job.id ?? '') === 'approved' ? '' : 'no'}>
              <ui-icon name=${icon} label=${word}></ui-icon>
              <span>
                ${
                  job.option_group === '' || job.option_group === open[index - 1]?.option_group
                    ? nothing
                    : html`<span class="small quiet">${job.option_group}</span><br />`
                }
                ${job.title}
              </span>
              <span class="figure">${job.total}</span>
            </li>`;
          })}
        </ul>
        <div class="row spread">
          <strong>${approved.label}</strong><strong class="figure">${approved.text}</strong>
        </div>
        <p class="quiet terms">${document.terms}</p>
      </section>
      <section class="panel stack" aria-label=${msg('Firma')}>
        <signature-field name=${source.order.customer}></signature-field>
        ${this.problem ? html`<p class="signal" role="alert">${this.problem}</p>` : nothing}
        <div class="row spread">
          <button class="button big" @click=${() => this.#go('choosing')}>
            <ui-icon name="chevron-left"></ui-icon>${msg('Cambiar algo')}
          </button>
          <button class="button main big" ?disabled=${this.busy} @click=${() => this.attempt(() => this.#sign(open, source))}>
            <ui-icon name="draft"></ui-icon>${msg('Firmar y enviar')}
          </button>
        </div>
      </section>
    `;
  }

  #renderThanks(source: DocumentSource) {
    return html`<section class="panel thanks" aria-label=${msg('Gracias')}>
      <ui-icon name="check"></ui-icon>
      <h2>${msg('Gracias. Hemos guardado su respuesta.')}</h2>
      <p>${msg('Ya puede devolver la tableta.')}</p>
      <button class="button big" @click=${() => this.attempt(() => this.#share(source))}>
        <ui-icon name="share"></ui-icon>${msg('Quiero una copia')}
      </button>
    </section>`;
  }

  #chosen(open: readonly DocumentJob[]): ReadonlyMap<string, Choice> {
    return new Map([...this.choices].filter(([id]) => open.some((job) => job.id === id)));
  }

  #choose({ id }: DocumentJob, decision: Choice): void {
    if (id === null) return;
    this.#keep(new Map([...this.choices, [id, decision]]));
  }

  /** One option of a group; undefined: none of them. */
  #take(options: readonly DocumentJob[], taken: DocumentJob | undefined): void {
    const answers = options.map((job) => [job.id ?? '', job === taken ? 'approved' : 'declined'] as const);
    this.#keep(new Map([...this.choices, ...answers]));
  }

  /** Of options what was chosen, else the one that is recommended. */
  #chooseAll(open: readonly DocumentJob[]): void {
    const answers = groupedOptions(open).flatMap((group) => {
      const taken = group.find(({ id }) => this.choices.get(id ?? '') === 'approved') ?? group[0];
      return group.map((job) => [job.id ?? '', job === taken ? 'approved' : 'declined'] as const);
    });
    this.#keep(new Map([...this.choices, ...answers]));
  }

  #keep(choices: ReadonlyMap<string, Choice>): void {
    this.choices = choices;
    keepChoices(Object.fromEntries(choices));
  }

  #go(step: 'choosing' | 'signing'): void {
    this.step = step;
    this.problem = '';
    window.scrollTo({ top: 0 });
  }

  async #sign(open: readonly DocumentJob[], source: DocumentSource): Promise<void> {
    const given = this.field.value;
    this.problem = given ? '' : msg('Falta la firma o el nombre de quien firma.');
    if (!given || this.busy) return;
    this.busy = true;
    try {
      const decisions = this.#chosen(open);
      const before = this.#reads.states(this.now).get(source.estimate.id)?.decisions ?? [];
      const answer = answerOf(source, new Map([...before, ...decisions]));
      const shown = signedText(estimateDocument(source), answer);
      const doc_hash = await sha256Of(new TextEncoder().encode(shown));
      await this.write('estimate.decide', (actor) =>
        this.#reads.answer(actor, source, decisions, {
          byName: given.signerName,
          channel: 'in_person',
          signature: {
            signer_name: given.signerName,
            method: given.method,
            strokes_json: JSON.stringify(given.strokes),
            doc_hash,
            accepted_text_version: `${locale()}-${ESTIMATE_TEXT_VERSION}`,
          },
        }),
      );
    } finally {
      this.busy = false;
    }
  }

  async #share(source: DocumentSource): Promise<void> {
    const { estimate } = source;
    const file = await estimateFile(source, {
      decisions: this.#reads.states(this.now).get(estimate.id)?.decisions ?? new Map(),
      signature: this.#reads.signatureOf(estimate.id),
      nowMs: this.now,
    });
    await shareFile(file.blob, file.name, file.title, file.message);
  }
}

/** Jobs of which at most one is taken. */
function isChoice(group: readonly DocumentJob[]): boolean {
  return (group[0]?.option_group ?? '') !== '';
}

function renderContents(columns: EstimateDocument['columns'], job: DocumentJob, of = '') {
  return html`<details>
    <summary>${of === '' ? msg('Qué incluye') : msg(str`Qué incluye: ${of}`)}</summary>
    <dl aria-label=${columns.description}>
      ${job.lines.map(
        ({ description, quantity, amount }) =>
          html`<dt>${description} <span class="quiet">× ${quantity}</span></dt><dd class="figure">${amount}</dd>`,
      )}
    </dl>
  </details>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'customer-view-page': CustomerViewPage;
  }
}
