/** What the person who acts may do beyond families, for what a page offers. */
import { decide, type Permission } from '../../shared/taller/permissions.ts';
import type { ResultRow, Session } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';

export const permissionsQuery = (): SqlQuery =>
  sql`select role_id, permission, allowed, limit_json from role_permissions`;

/** `rows` are those of `permissionsQuery`. False while nobody is signed in. */
export function may(
  session: Session | undefined,
  rows: readonly ResultRow[],
  permission: Permission,
): boolean {
  return session !== undefined && decide(session.role, permission, rows as never).allowed;
}
