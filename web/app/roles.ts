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

/** A name that came with the application is said in the language of the page; any other is the workshop's own. */
export function roleName(roles: readonly RoleRow[], id: string): string {
  const name = roles.find((role) => role.id === id)?.name || id;
  switch (name) {
    case 'admin':
    case 'Administración':
      return msg('Administración');
    case 'recepcion':
    case 'Recepción':
      return msg('Recepción');
    case 'mecanico':
    case 'Taller':
      return msg('Taller');
    case 'caja':
    case 'Caja':
      return msg('Caja');
    default:
      return name;
  }
}
