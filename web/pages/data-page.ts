import { msg } from '@lit/localize';
import { html } from 'lit';
import { customElement } from 'lit/decorators.js';
import { EXPORT_LISTS, type ExportList } from '../app/files/export-lists.ts';
import { TallerPage } from '../app/page.ts';
import { may, permissionsQuery } from '../app/permissions.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/import-batches.ts';
import '../components/list-export.ts';
import '../components/state-note.ts';
import '../components/ui-icon.ts';

/** Data out and in: any list as a file, and files of other programs as customers, vehicles and open orders. */
@customElement('data-page')
export class DataPage extends TallerPage {
  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);

  static override styles = [shared, columnStyle];

  override render() {
    const mayExport = may(this.session, this.#permissions.rows, 'data.export');
    const mayImport = may(this.session, this.#permissions.rows, 'data.import');
    return html`
      <h1>${msg('Importar y exportar')}</h1>
      ${
        mayExport
          ? html`<list-export .list=${this.#list()}></list-export>`
          : html`<state-note icon="lock" heading=${msg('Para exportar hace falta permiso')}></state-note>`
      }
      ${mayImport ? this.#renderImport() : ''}
    `;
  }

  #renderImport() {
    return html`
      <section class="panel stack" aria-label=${msg('Importar')}>
        <h2>${msg('Importar')}</h2>
        <p class="quiet">${msg('Clientes, vehículos y órdenes abiertas de otro programa, en Excel o CSV. Nada se escribe antes de que lo veas comprobado.')}</p>
        <div class="row">
          <a class="button main" href="/admin/datos/importar"><ui-icon name="received"></ui-icon>${msg('Importar un archivo')}</a>
        </div>
      </section>
      <import-batches></import-batches>
    `;
  }

  /** `?lista=customers`: where the person came from. */
  #list(): ExportList {
    const wanted = this.search.get('lista');
    return EXPORT_LISTS.find((list) => list === wanted) ?? 'orders';
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'data-page': DataPage;
  }
}
