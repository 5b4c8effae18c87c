import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { groupedOptions } from '../../shared/taller/options.ts';
import type { Approval } from '../../shared/taller/tables/orders.ts';
import { TallerElement } from '../app/element.ts';
import { choiceHeading, type DocumentJob } from '../app/estimate-document.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

type Channel = Exclude<Approval['channel'], 'in_person' | 'link'>;
const CHANNELS: readonly Channel[] = ['phone', 'whatsapp', 'email'];

export interface Reply {
  readonly channel: Channel;
  readonly byName: string;
  readonly note: string;
  /** By wo_jobs.id; what has no answer yet is not in it. */
  readonly decisions: ReadonlyMap<string, Approval['decision']>;
}

/** What the customer said, from afar. */
export class ReplyNotedEvent extends Event {
  static readonly type = 'reply-noted';
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(ReplyNotedEvent.type, { bubbles: true });
    this.reply = reply;
  }
}

/**
 * Notes an answer that came by telephone, message or e-mail: who said it, to which jobs, in which words.
 *
 * @fires reply-noted
 * @fires reply-left
 */
@customElement('estimate-reply')
export class EstimateReply extends TallerElement {
  @property({ attribute: false }) accessor jobs: readonly DocumentJob[] = [];
  /** Who is expected to answer. */
  @property() accessor name = '';
  @state() private accessor channel: Channel = 'phone';
  @state() private accessor decisions: ReadonlyMap<string, Approval['decision']> = new Map();
  @state() private accessor problem = '';

  static override styles = [
    shared,
    css`
      form {
        display: grid;
        gap: var(--space-4);
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend,
      .field {
        font-weight: 600;
        font-size: var(--text-s);
      }
      legend {
        padding: 0 0 6px;
      }
      .field {
        display: grid;
        gap: 6px;
      }
      .field input,
      textarea {
        min-block-size: var(--target);
        padding: var(--space-2) var(--space-3);
        border: var(--line) solid var(--rule-strong);
        border-radius: var(--radius-m);
        background: var(--surface-raised);
        color: var(--ink);
        font: inherit;
        font-weight: 400;
        resize: vertical;
      }
      .choice {
        position: relative;
      }
      .choice input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: inherit;
      }
      .choice:focus-within {
        outline: var(--focus-ring);
        outline-offset: 2px;
      }
      .choice.on {
        border-color: var(--ink);
        background: var(--ink);
        color: var(--on-ink);
      }
    `,
  ];

  override render() {
    return html`<wa-dialog open label=${msg('Apuntar la respuesta')} @wa-after-hide=${this.#leave}>
      <form @submit=${this.#note}>
        <fieldset>
          <legend>${msg('Cómo ha respondido')}</legend>
          ${CHANNELS.map((channel) =>
            this.#renderChoice('channel', channelName(channel), this.channel === channel, () => {
              this.channel = channel;
            }),
          )}
        </fieldset>
        ${groupedOptions(this.jobs).map((group) =>
          group[0]?.option_group ? this.#renderChoiceOf(group) : group.map((job) => this.#renderJob(job)),
        )}
        <label class="field">${msg('Quién ha respondido')}
          <input name="by" autocomplete="off" .value=${this.name} />
        </label>
        <label class="field">${msg('Qué ha dicho')}
          <textarea name="note" rows="2"></textarea>
        </label>
        ${this.problem === '' ? nothing : html`<p class="signal" role="alert">${this.problem}</p>`}
        <button class="button main"><ui-icon name="check"></ui-icon>${msg('Guardar la respuesta')}</button>
      </form>
    </wa-dialog>`;
  }

  #renderJob(job: DocumentJob) {
    const { id } = job;
    if (id === null) return nothing;
    const choose = (decision: Approval['decision']) => () => {
      this.decisions = new Map([...this.decisions, [id, decision]]);
    };
    const on = this.decisions.get(id);
    return html`<fieldset>
      <legend>${job.title} · ${job.total}</legend>
      ${this.#renderChoice(id, msg('Aprobado'), on === 'approved', choose('approved'))}
      ${this.#renderChoice(id, msg('Rechazado'), on === 'declined', choose('declined'))}
    </fieldset>`;
  }

  /** One of several options, or none of them. */
  #renderChoiceOf(options: readonly DocumentJob[]) {
    const group = options[0]?.option_group ?? '';
    const take = (taken: DocumentJob | undefined) => () => {
      const answers = options.map((job) => [job.id ?? '', job === taken ? 'approved' : 'declined'] as const);
      this.decisions = new Map([...this.decisions, ...answers]);
    };
    const none = options.every(({ id }) => this.decisions.get(id ?? '') === 'declined');
    return html`<fieldset>
      <legend>${choiceHeading(group)}</legend>
      ${options.map((job) =>
        this.#renderChoice(
          group,
          `${job.title} · ${job.total}`,
          this.decisions.get(job.id ?? '') === 'approved',
          take(job),
        ),
      )}
      ${this.#renderChoice(group, msg('Ninguna'), none, take(undefined))}
    </fieldset>`;
  }

  #renderChoice(group: string, label: string, on: boolean, choose: () => void) {
    return html`<label class="button choice ${on ? 'on' : ''}">
      <input type="radio" name=${group} .checked=${on} @change=${choose} />
      ${on ? html`<ui-icon name="check"></ui-icon>` : nothing}${label}
    </label>`;
  }

  #note = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const byName = String(given.get('by') ?? '').trim();
    const undecided = this.jobs.find(({ id }) => id !== null && !this.decisions.has(id));
    if (undecided) {
      this.problem = msg(str`Falta la respuesta a: ${undecided.option_group || undecided.title}`);
    } else if (byName === '') this.problem = msg('Falta quién ha respondido.');
    else {
      const note = String(given.get('note') ?? '').trim();
      this.dispatchEvent(
        new ReplyNotedEvent({ channel: this.channel, byName, note, decisions: this.decisions }),
      );
    }
  };

  #leave = (event: Event): void => {
    if (event.target === event.currentTarget) this.dispatchEvent(new Event('reply-left'));
  };
}

function channelName(channel: Channel): string {
  switch (channel) {
    case 'phone':
      return msg('Por teléfono');
    case 'whatsapp':
      return 'WhatsApp';
    case 'email':
      return msg('Por correo');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'estimate-reply': EstimateReply;
  }
  interface HTMLElementEventMap {
    'reply-noted': ReplyNotedEvent;
  }
}
