/**
 * What every workshop begins with: roles and what they may do, the statuses of the board, ways to pay. Natural keys,
 * so that two devices that set up one workshop meet in the same rows.
 */
import { insert, type Statement } from './flows/statement.ts';
import { decide, PERMISSIONS } from './permissions.ts';
import { ROLE_IDS, type RoleId } from './roles.ts';
import { DEFAULT_STATUSES } from './status.ts';

const ROLE_NAMES: Readonly<Record<RoleId, readonly [name: string, description: string]>> = {
  admin: ['Administración', 'Configura el taller y ve todo'],
  recepcion: ['Recepción', 'Recibe vehículos, presupuesta y entrega'],
  mecanico: ['Taller', 'Trabaja en las órdenes y ficha tiempos'],
  caja: ['Caja', 'Cobra y cierra la caja'],
};

/** Orders that a board of a small workshop has in work at once. */
const WORK_LIMIT = 8;

const PAYMENT_METHODS = [
  ['efectivo', 'Efectivo', 'Cash', 'cash'],
  ['tarjeta', 'Tarjeta', 'Card', 'card'],
  ['transferencia', 'Transferencia', 'Bank transfer', 'transfer'],
  ['bizum', 'Bizum', 'Bizum', 'wallet'],
] as const;

export function starterStatements(): Statement[] {
  return [
    ...ROLE_IDS.map(roleStatement),
    ...ROLE_IDS.flatMap(rolePermissions),
    ...DEFAULT_STATUSES.map((status, index) =>
      insert('wo_statuses', status.key, {
        ...status,
        sort: index + 1,
        wip_limit: status.key === 'in_progress' ? WORK_LIMIT : null,
      }),
    ),
    ...PAYMENT_METHODS.map(([id, name_es, name_en, kind], index) =>
      insert('payment_methods', id, {
        name_es,
        name_en,
        kind,
        opens_drawer: kind === 'cash' ? 1 : 0,
        needs_reference: kind === 'transfer' ? 1 : 0,
        in_cash_count: kind === 'cash' ? 1 : 0,
        sort: index + 1,
      }),
    ),
  ];
}

/** The row of a role that comes with the application. */
export function roleStatement(id: RoleId): Statement {
  return insert('roles', id, { name: ROLE_NAMES[id][0], description: ROLE_NAMES[id][1], is_system: 1 });
}

function rolePermissions(role: RoleId): Statement[] {
  return PERMISSIONS.map((permission) => {
    const decision = decide(role, permission, []);
    return insert('role_permissions', `${role}:${permission}`, {
      role_id: role,
      permission,
      allowed: decision.allowed ? 1 : 0,
      limit_json: JSON.stringify(decision.allowed ? decision.limits : {}),
    });
  });
}
