/** How old what is here is, in words. */
import { msg } from '@lit/localize';
import type { Status } from '../client/engine-messages.ts';
import { formatAgo } from './format.ts';
import { locale } from './localisation.ts';

/** On a line that holds it is of now: a status comes when something changes, not every minute. */
export function lastSyncText(
  { connection, level, lastSyncAtMs }: Pick<Status, 'connection' | 'level' | 'lastSyncAtMs'>,
  nowMs: number,
): string {
  if (connection === 'connected' && level) return formatAgo(nowMs, nowMs, locale());
  return lastSyncAtMs === undefined ? msg('Nunca') : formatAgo(lastSyncAtMs, nowMs, locale());
}
