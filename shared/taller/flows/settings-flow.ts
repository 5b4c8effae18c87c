/** Settings of the workshop and what its roles may do: one row for each, whoever sets it first. */
import type { Permission, PermissionLimits } from '../permissions.ts';
import type { WorkshopSettings } from '../settings.ts';
import type { Statement } from './statement.ts';

/** Sets one setting for the whole workshop; narrower ones, of a device or a user, still count before it [TALLER-28]. */
export function setWorkshopSetting<K extends keyof WorkshopSettings>(
  key: K,
  value: WorkshopSettings[K],
): Statement[] {
  return [
    {
      sql: `insert into settings (id, key, value_json, scope, scope_id) values (?, ?, ?, 'workshop', '')
            on conflict (id) do update set value_json = excluded.value_json`,
      params: [`workshop:${key}`, key, JSON.stringify(value)],
    },
  ];
}

/** Gives a role a permission, with its limits, or takes it [TALLER-24]. */
export function setPermission(
  role: string,
  permission: Permission,
  allowed: boolean,
  limits: PermissionLimits,
): Statement[] {
  return [
    {
      sql: `insert into role_permissions (id, role_id, permission, allowed, limit_json) values (?, ?, ?, ?, ?)
            on conflict (id) do update set allowed = excluded.allowed, limit_json = excluded.limit_json`,
      params: [`${role}:${permission}`, role, permission, allowed ? 1 : 0, JSON.stringify(limits)],
    },
  ];
}
