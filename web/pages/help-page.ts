import { msg, str } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { type Guide, guides, shortcuts, terms } from '../app/help.ts';
import { TallerPage } from '../app/page.ts';
import { keyStyle } from '../app/styles/keys.ts';
import { shared } from '../app/styles/shared.ts';
import '../components/ui-icon.ts';

/** Short guides, keys, and the words of the workshop. All of it is part of the application, so it is there off line. */
@customElement('help-page')
export class HelpPage extends TallerPage {
  static override styles = [
    shared,
    keyStyle,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--space-5);
        max-inline-size: 1080px;
      }
      .guides {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr));
        gap: var(--space-3);
      }
      .guide {
        display: grid;
        grid-template-rows: auto 1fr auto;
        gap: var(--space-3);
      }
      .guide h2 {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        font-size: var(--text-l);
      }
      ol {
        display: grid;
        gap: var(--space-2);
        align-content: start;
        margin: 0;
        padding-inline-start: 1.5em;
        line-height: var(--leading);
      }
      li::marker {
        color: var(--ink-quiet);
        font-family: var(--font-display);
        font-weight: 650;
      }
      .guide .button {
        justify-self: start;
      }
      dl {
        display: grid;
        grid-template-columns: max-content minmax(0, 1fr);
        align-items: center;
        gap: var(--space-3) var(--space-5);
        margin: 0;
      }
      dd {
        margin: 0;
      }
      dl.terms {
        grid-template-columns: repeat(2, minmax(0, 14rem)) minmax(0, 1fr);
        align-items: baseline;
      }
      dl.terms dt {
        font-weight: 650;
      }
      @media (max-width: 699px) {
        dl,
        dl.terms {
          grid-template-columns: minmax(0, 1fr);
          gap: var(--space-1);
        }
        dl dd:last-of-type,
        dl.terms .meaning {
          margin-block-end: var(--space-3);
        }
      }
    `,
  ];

  override render() {
    return html`
      <h1>${msg('Ayuda')}</h1>
      <div class="guides">${guides().map((guide) => this.#renderGuide(guide))}</div>
      <section class="panel stack" aria-label=${msg('Atajos de teclado')}>
        <h2>${msg('Atajos de teclado')}</h2>
        <dl class="keys">
          ${shortcuts().map(
            ({ keys, what }) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd>`,
          )}
        </dl>
      </section>
      <section class="panel stack" aria-label=${msg('Palabras del taller')}>
        <h2>${msg('Palabras del taller')}</h2>
        <dl class="terms">
          ${terms().map(
            ({ es, en, meaning }) =>
              html`<dt lang="es">${es}</dt><dd lang="en">${en}</dd><dd class="meaning quiet">${meaning}</dd>`,
          )}
        </dl>
      </section>
    `;
  }

  #renderGuide({ id, icon, title, steps, path }: Guide) {
    return html`<section class="panel guide" aria-labelledby=${id}>
      <h2 id=${id}><ui-icon name=${icon}></ui-icon>${title}</h2>
      <ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>
      <a class="button" href=${path} aria-label=${msg(str`Ir a: ${title}`)}>${msg('Ir')}<ui-icon name="arrow-right"></ui-icon></a>
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'help-page': HelpPage;
  }
}
