/** The statuses of an order as the workshop set them up, in this language. */
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

export const statusesQuery = (): SqlQuery =>
  sql`select key, name_es, name_en, phase, wip_limit from wo_statuses order by sort, key`;

export function nameOf(status: Status, locale: Locale): string {
  return (locale === 'es' ? status.name_es : status.name_en) || status.key;
}

/** Phases in which an order no longer needs anyone. */
export const OVER_PHASES: ReadonlySet<string> = new Set(['delivered', 'cancelled']);
