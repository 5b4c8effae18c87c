import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { isAdmin } from '../../shared/permissions/admin.ts';
import { ConnectedElement } from '../app/connected-element.ts';
import { shared } from '../app/styles/shared.ts';
import './ui-icon.ts';

/** Opens the rescue file of another tablet: its unsent changes come in here and leave through this one. */
@customElement('rescue-import')
export class RescueImport extends ConnectedElement {
  @state() private accessor isReading = false;
  /** What the last file came to. */
  @state() private accessor outcome = '';
  @state() private accessor isProblem = false;
  @query('input') private accessor input!: HTMLInputElement;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        justify-items: start;
        gap: var(--space-3);
      }
      p {
        max-inline-size: 62ch;
      }
    `,
  ];

  override render() {
    // The relay takes the work of another device from an administrator alone.
    if (this.sync?.grants && !isAdmin(this.sync.grants))
      return html`<p class="quiet">
        ${msg('Lo que otra tableta no pudo enviar lo incorpora un administrador: entra con su cuenta y abre aquí el archivo de rescate.')}
      </p>`;
    return html`
      <p class="quiet">
        ${msg('Si una tableta no puede enviar, guarda en ella su archivo de rescate y ábrelo en esta: sus cambios entran aquí y salen por esta. Abrirlo dos veces no repite nada.')}
      </p>
      <button class="button" ?disabled=${this.isReading} @click=${() => this.input.click()}>
        <ui-icon name="received"></ui-icon>${msg('Abrir un archivo de rescate')}
      </button>
      <input type="file" hidden accept=".espejo" aria-label=${msg('Archivo de rescate')} @change=${this.#take} />
      <div role="status">
        ${this.outcome === '' ? nothing : html`<p class=${this.isProblem ? 'signal' : ''}>${this.outcome}</p>`}
      </div>
    `;
  }

  #take = async (): Promise<void> => {
    const [file] = this.input.files ?? [];
    const { engine } = this;
    if (!file || !engine) return;
    this.isReading = true;
    try {
      const {
        commits,
        alreadyKnown,
        behind = 0,
      } = await engine.importRescue(new Uint8Array(await file.arrayBuffer()));
      const taken = msg(str`Cambios recuperados: ${commits}. Ya estaban: ${alreadyKnown}.`);
      const left = msg(
        str`Quedan ${behind} en el archivo, que siguen a otros que aún no han llegado aquí. Conecta esta tableta y ábrelo otra vez.`,
      );
      this.#tell(behind > 0 ? `${taken} ${left}` : taken, behind > 0);
    } catch (error) {
      this.#tell(this.#reasonOf(error), true);
    } finally {
      this.isReading = false;
      this.input.value = '';
    }
  };

  #tell(outcome: string, isProblem: boolean): void {
    this.outcome = outcome;
    this.isProblem = isProblem;
  }

  /** The engine's sentences are English. */
  #reasonOf(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes('not a rescue file')) return msg('Eso no es un archivo de rescate de Taller.');
    if (text.includes('cut short'))
      return msg('El archivo de rescate está incompleto o dañado. No se ha cambiado nada.');
    return text;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'rescue-import': RescueImport;
  }
}
