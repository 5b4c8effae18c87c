import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { setPermission } from '../../shared/taller/flows/settings-flow.ts';
import { decide, PERMISSIONS, type Permission } from '../../shared/taller/permissions.ts';
import { TallerPage } from '../app/page.ts';
import { parseDecimal } from '../app/parse-decimal.ts';
import { permissionsQuery } from '../app/permissions.ts';
import { type RoleRow, roleName, rolesQuery } from '../app/roles.ts';
import { columnStyle } from '../app/styles/column.ts';
import { dividedListStyle } from '../app/styles/lists.ts';
import { shared } from '../app/styles/shared.ts';
import { LiveQuery } from '../client/live-query.ts';
import '../components/cell-field.ts';
import type { CellChangedEvent } from '../components/cell-field.ts';
import '../components/ui-icon.ts';

/** Permissions that come with a largest discount. */
const WITH_DISCOUNT: readonly Permission[] = ['price.override', 'discount.give'];

/** P31: what each role may do beyond reading and writing. The administrator may do all of it. */
@customElement('roles-page')
export class RolesPage extends TallerPage {
  #roles = new LiveQuery<RoleRow>(this, () => this.engine, rolesQuery);
  #permissions = new LiveQuery(this, () => this.engine, permissionsQuery);

  static override styles = [
    shared,
    dividedListStyle,
    columnStyle,
    css`
      li {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding-block: var(--space-3);
      }
      .roles {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(9rem, 30%), 1fr));
        align-items: start;
        gap: var(--space-2);
      }
      .role {
        display: grid;
        gap: var(--space-2);
      }
      .role .button {
        padding-inline: var(--space-3);
      }
      @media (max-width: 699px) {
        li {
          grid-template-columns: minmax(0, 1fr);
        }
        .role .button {
          flex-direction: column;
          gap: 2px;
          min-block-size: 60px;
          padding-inline: var(--space-1);
          font-size: var(--text-s);
        }
      }
    `,
  ];

  override render() {
    const roles = this.#roles.rows.filter(({ id }) => id !== 'admin');
    return html`
      <div class="stack">
        <h1>${msg('Papeles y permisos')}</h1>
        <p class="quiet">${msg('Quien administra lo puede todo. Los cambios valen en cada tableta en cuanto llegan a ella.')}</p>
      </div>
      <section class="panel" aria-label=${msg('Permisos')}>
        <ul>
          ${PERMISSIONS.map(
            (permission) => html`<li data-permission=${permission}>
              <strong>${permissionName(permission)}</strong>
              <div class="roles">${roles.map((role) => this.#renderRole(role, permission))}</div>
            </li>`,
          )}
        </ul>
      </section>
    `;
  }

  #renderRole(role: RoleRow, permission: Permission) {
    const decision = decide(role.id, permission, this.#permissions.rows as never);
    const name = roleName(this.#roles.rows, role.id);
    const limitBp = decision.allowed ? decision.limits.max_discount_bp : undefined;
    return html`<div class="role">
      <button
        class="button ${decision.allowed ? 'main' : ''}"
        aria-pressed=${decision.allowed}
        aria-label=${`${permissionName(permission)}: ${name}`}
        @click=${() => this.#set(role.id, permission, !decision.allowed, limitBp)}
      >
        <ui-icon name=${decision.allowed ? 'check' : 'plus'}></ui-icon>${name}
      </button>
      ${
        decision.allowed && WITH_DISCOUNT.includes(permission)
          ? html`<cell-field
              label=${msg('Descuento máximo')}
              suffix="%"
              .value=${limitBp === undefined ? '' : String(limitBp / 100)}
              @cell-changed=${(event: CellChangedEvent) => this.#limit(role.id, permission, String(event.value ?? ''))}
            ></cell-field>`
          : nothing
      }
    </div>`;
  }

  /** Empty: no limit. What is no number changes nothing. */
  #limit(role: string, permission: Permission, text: string): void {
    const percent = parseDecimal(text);
    const isNoNumber = text.trim() !== '' && percent === undefined;
    if (isNoNumber || (percent !== undefined && (percent < 0 || percent > 100))) return;
    this.#set(role, permission, true, percent === undefined ? undefined : Math.round(percent * 100));
  }

  #set(role: string, permission: Permission, allowed: boolean, limitBp: number | undefined): void {
    const limits = limitBp === undefined ? {} : { max_discount_bp: limitBp };
    void this.write('roles.edit', () => setPermission(role, permission, allowed, limits));
  }
}

function permissionName(permission: Permission): string {
  switch (permission) {
    case 'cost.view':
      return msg('Ver costes');
    case 'price.view':
      return msg('Ver precios');
    case 'price.override':
      return msg('Cambiar precios');
    case 'discount.give':
      return msg('Dar descuentos');
    case 'order.cancel':
      return msg('Cancelar órdenes');
    case 'order.reopen':
      return msg('Reabrir órdenes');
    case 'order.unlock':
      return msg('Desbloquear órdenes facturadas');
    case 'order.approve_by_phone':
      return msg('Apuntar aprobaciones por teléfono');
    case 'time.correct':
      return msg('Corregir tiempos');
    case 'stock.adjust':
      return msg('Ajustar existencias');
    case 'customer.merge':
      return msg('Unir fichas repetidas');
    case 'customer.anonymize':
      return msg('Anonimizar clientes');
    case 'invoice.issue':
      return msg('Emitir facturas');
    case 'invoice.void':
      return msg('Anular facturas');
    case 'cash.see_expected':
      return msg('Ver lo que debería haber en caja');
    case 'data.import':
      return msg('Importar archivos');
    case 'data.export':
      return msg('Exportar listas');
    case 'settings.edit':
      return msg('Cambiar ajustes');
    case 'users.edit':
      return msg('Cambiar usuarios');
    default:
      return permission;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'roles-page': RolesPage;
  }
}
