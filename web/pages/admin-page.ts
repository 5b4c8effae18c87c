import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { IconName } from '../app/icons.ts';
import { TallerPage } from '../app/page.ts';
import { columnStyle } from '../app/styles/column.ts';
import { shared } from '../app/styles/shared.ts';
import '../components/ui-icon.ts';

/** Where whoever runs the workshop starts from. */
@customElement('admin-page')
export class AdminPage extends TallerPage {
  static override styles = [
    shared,
    columnStyle,
    css`
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr));
        gap: var(--space-3);
        margin: 0;
        padding: 0;
        list-style: none;
      }
      a {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-content: start;
        gap: var(--space-1) var(--space-4);
        block-size: 100%;
        text-decoration: none;
      }
      a ui-icon {
        grid-row: span 2;
        font-size: 1.75rem;
      }
    `,
  ];

  override render() {
    return html`
      <h1>${msg('Administración')}</h1>
      <ul>
        ${places().map(
          ({ path, icon, name, text }) => html`<li>
            <a class="panel" href=${path}>
              <ui-icon name=${icon}></ui-icon>
              <h2>${name}</h2>
              <p class="quiet">${text}</p>
            </a>
          </li>`,
        )}
      </ul>
    `;
  }
}

interface Place {
  readonly path: string;
  readonly icon: IconName;
  readonly name: string;
  readonly text: string;
}

function places(): readonly Place[] {
  return [
    {
      path: '/admin/usuarios',
      icon: 'customers',
      name: msg('Usuarios'),
      text: msg('Quién entra, con qué papel, y los PIN de la tableta compartida.'),
    },
    {
      path: '/admin/roles',
      icon: 'key',
      name: msg('Papeles y permisos'),
      text: msg('Qué puede hacer cada papel, y hasta qué descuento.'),
    },
    {
      path: '/admin/dispositivos',
      icon: 'lock',
      name: msg('Dispositivos'),
      text: msg('Unir una tableta, ponerle nombre y revocar la que se perdió.'),
    },
    {
      path: '/admin/datos',
      icon: 'download',
      name: msg('Importar y exportar'),
      text: msg('Listas en Excel o CSV, y archivos de otro programa.'),
    },
    {
      path: '/repetidos',
      icon: 'customers',
      name: msg('Fichas repetidas'),
      text: msg('Clientes y vehículos que están dos veces.'),
    },
    {
      path: '/diagnostico',
      icon: 'diagnosis',
      name: msg('Diagnóstico'),
      text: msg('Versiones, espacio, documentos y consultas.'),
    },
  ];
}

declare global {
  interface HTMLElementTagNameMap {
    'admin-page': AdminPage;
  }
}
