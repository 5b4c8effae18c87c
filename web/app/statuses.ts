/** The statuses of an order as the workshop set them up, in this language, and where an order may go from each. */
import { decideTransition, isLocked, type Phase } from '../../shared/taller/status.ts';
import type { ResultRow } from '../client/engine-messages.ts';
import { type SqlQuery, sql } from '../client/sql-tag.ts';
import type { Locale } from './localisation.ts';

export interface Status extends ResultRow {
  readonly key: string;
  readonly name_es: string;
  readonly name_en: string;
  readonly phase: string;
  readonly wip_limit: number | null;
}

/** What moving an order needs to know of it. */
export interface MovableOrder {
  readonly id: string;
  readonly number: string;
  readonly status_key: string;
  readonly locked_at: number | null;
  readonly unlocked_at: number | null;
}

export const statusesQuery = (): SqlQuery =>
  sql`select key, name_es, name_en, phase, wip_limit from wo_statuses order by sort, key`;

export function nameOf(status: Status, locale: Locale): string {
  return (locale === 'es' ? status.name_es : status.name_en) || status.key;
}

/** A status nobody set up counts as open, so that an order in it can go on. */
export function phaseOf(statuses: readonly Status[], key: string): Phase {
  return (statuses.find((status) => status.key === key)?.phase ?? 'open') as Phase;
}

/** Keys of the statuses that the order may go to, its own included; a reason can still be asked for. */
export function allowedFor(order: MovableOrder, statuses: readonly Status[]): ReadonlySet<string> {
  const from = phaseOf(statuses, order.status_key);
  const locked = isLocked(order);
  const allowed = statuses.filter(
    ({ key, phase }) =>
      key === order.status_key || decideTransition({ from, to: phase as Phase, reason: '-', locked }).allowed,
  );
  return new Set(allowed.map(({ key }) => key));
}

/** A move that was a slip can be taken back with one tap: when the way back is open and nobody is owed a reason. */
export function canTakeBack(order: MovableOrder, to: string, statuses: readonly Status[]): boolean {
  const [from, locked] = [phaseOf(statuses, to), isLocked(order)];
  return decideTransition({ from, to: phaseOf(statuses, order.status_key), locked }).allowed;
}
