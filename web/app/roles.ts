/** Roles in the words of the page. */
import { msg } from '@lit/localize';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';

export interface RoleRow extends ResultRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export const rolesQuery = (): SqlQuery =>
  sql`select id, name, description from roles order by is_system desc, name`;

/** The workshop's own name of a role, else ours, else its id. */
export function roleName(roles: readonly RoleRow[], id: string): string {
  const given = roles.find((role) => role.id === id)?.name;
  if (given) return given;
  switch (id) {
    case 'admin':
      return msg('Administración');
    case 'recepcion':
      return msg('Recepción');
    case 'mecanico':
      return msg('Taller');
    case 'caja':
      return msg('Caja');
    default:
      return id;
  }
}
