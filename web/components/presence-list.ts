import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { TallerElement } from '../app/element.ts';
import type { Companion } from '../app/presence.ts';
import { shared } from '../app/styles/shared.ts';

/** Who else is here, as initials with names; said politely when it changes. */
@customElement('presence-list')
export class PresenceList extends TallerElement {
  @property({ attribute: false }) accessor companions: readonly Companion[] = [];
  /** `page`: everyone on the page. `field`: who is writing in one field. */
  @property() accessor scope: 'page' | 'field' = 'page';

  static override styles = [
    shared,
    css`
      :host {
        display: inline-flex;
      }
      .who {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        font-size: var(--text-s);
      }
      .mark {
        display: inline-grid;
        place-items: center;
        inline-size: 30px;
        block-size: 30px;
        border-radius: 50%;
        background: var(--person);
        color: var(--on-person);
        font: 700 0.75rem / 1 var(--font-display);
      }
      .mark + .mark {
        margin-inline-start: -12px;
        box-shadow: 0 0 0 2px var(--surface);
      }
      .p1 {
        --person: var(--person-1);
      }
      .p2 {
        --person: var(--person-2);
      }
      .p3 {
        --person: var(--person-3);
      }
      .p4 {
        --person: var(--person-4);
      }
      .p5 {
        --person: var(--person-5);
      }
      .p6 {
        --person: var(--person-6);
      }
    `,
  ];

  override render() {
    const { companions } = this;
    return html`<span class="who" role="status" aria-live="polite">
      ${
        companions.length === 0
          ? nothing
          : html`<span>${companions.map((companion) => renderMark(companion))}</span>
              <span>${this.#sentence()}</span>`
      }
    </span>`;
  }

  #sentence(): string {
    const names = this.companions.map((companion) => companion.displayName).join(', ');
    if (this.scope === 'field') return msg(str`${names} está escribiendo`);
    return this.companions.length === 1
      ? msg(str`${names} también está aquí`)
      : msg(str`${names} también están aquí`);
  }
}

function renderMark(companion: Companion) {
  return html`<span class="mark p${colourOf(companion.user)}" aria-hidden="true">${initialsOf(companion.displayName)}</span>`;
}

/** One of six colours, the same on every device. */
function colourOf(user: string): number {
  let sum = 0;
  for (const character of user) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 6;
  return sum + 1;
}

/** "María Ruiz" -> "MR". */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0]!, words[words.length - 1]!] : words;
  return letters.map((word) => word[0]?.toUpperCase() ?? '').join('');
}

declare global {
  interface HTMLElementTagNameMap {
    'presence-list': PresenceList;
  }
}
