/** `report.violation`: merged rows that break a declared rule. */
import type { PoolClient } from 'pg';
import type { Schema } from '../../shared/schema/table.ts';
import type { WarmDocument } from './warm-document.ts';

export interface ViolationScope {
  readonly warm: WarmDocument;
  readonly touched: ReadonlyMap<string, ReadonlySet<string>>;
}

export async function writeViolations(
  _client: PoolClient,
  _schema: Schema,
  _scopes: readonly ViolationScope[],
): Promise<void> {}
