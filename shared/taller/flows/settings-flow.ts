/** Settings of the workshop: one row for each, whoever sets it first. */
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
