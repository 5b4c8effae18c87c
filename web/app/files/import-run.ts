/** An import as the page runs it: what is known, portion after portion, and whether it can still be taken back. */
import type { Remote } from 'comlink';
import type { ImportEntity } from '../../../shared/taller/import/fields.ts';
import {
  batchRowsQuery,
  batchUsesQuery,
  decideUndo,
  fingerprint,
  ROWS_PER_PORTION,
  rememberFingerprint,
  type UndoDecision,
} from '../../../shared/taller/import/import-flow.ts';
import type { EngineClient } from '../../client/engine-client.ts';
import type { ResultRow, Statement } from '../../client/engine-messages.ts';
import { type SqlQuery, sql } from '../../client/sql-tag.ts';
import type { FileWorker, Plan } from './file-worker.ts';

/** Rows that cross to the page at once: a few milliseconds of it. */
const ROWS_AT_ONCE = 1_000;

type Worker = Pick<Remote<FileWorker>, 'forget' | 'know' | 'portion'>;

export interface BatchRow extends ResultRow {
  readonly id: string;
  readonly entity: ImportEntity;
  readonly file_name: string;
  readonly rows_ok: number;
  readonly rows_bad: number;
  readonly mapping_json: string;
  readonly undone_at: number | null;
  readonly created_at: number;
  readonly created_by: string;
}

/** Imports of the last months, the latest first. */
export const batchesQuery = (): SqlQuery => sql`
  select id, entity, file_name, rows_ok, rows_bad, mapping_json, undone_at, created_at, created_by
  from import_batches order by id desc limit 20`;

/** Every row of a query, some at a time; the query is in order of `id` and begins after the id it is given. */
export async function eachRows(
  engine: Pick<EngineClient, 'query'>,
  query: (afterId: string, limit: number) => Statement,
  take: (rows: readonly ResultRow[]) => unknown,
): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await engine.query(query(after, ROWS_AT_ONCE));
    await take(rows);
    if (rows.length < ROWS_AT_ONCE) return;
    after = String(rows.at(-1)?.id);
  }
}

/** Tells the worker which customers and vehicles are there already. */
export async function tellKnown(engine: Pick<EngineClient, 'query'>, worker: Worker): Promise<void> {
  await worker.forget();
  await eachRows(
    engine,
    (after, limit) => sql`
      select id, name, tax_id_norm, phone_norm from customers
      where id > ${after} and merged_into_id is null order by id limit ${limit}`,
    (rows) => worker.know('customers', rows as never),
  );
  await eachRows(
    engine,
    (after, limit) =>
      sql`select id, plate_norm, vin from vehicles where id > ${after} and merged_into_id is null order by id limit ${limit}`,
    (rows) => worker.know('vehicles', rows as never),
  );
}

/**
 * Writes the portions, one commit each. `onProgress` hears the rows done so far and answers false to stop there.
 * Resolves to whether all of it was written; what was written can be taken back either way.
 */
export async function runPortions(
  engine: Pick<EngineClient, 'transaction' | 'query'>,
  worker: Worker,
  plan: Plan,
  batch: Pick<BatchRow, 'entity'> & { readonly mapping: Readonly<Record<string, number>> },
  onProgress: (rowsDone: number) => boolean,
): Promise<boolean> {
  for (let index = 0; index < plan.portions; index++) {
    await engine.transaction(await worker.portion(index), { label: `import.${batch.entity}` });
    const rowsDone = Math.min(plan.rows, (index + 1) * ROWS_PER_PORTION);
    if (!onProgress(rowsDone) && index + 1 < plan.portions) return false;
  }
  const then = await fingerprintOf(engine, { id: plan.batchId, entity: batch.entity, rows_ok: plan.rows });
  await engine.transaction(rememberFingerprint(plan.batchId, batch.mapping, then), { label: 'import.done' });
  return true;
}

/** Whether the rows of a batch are as they were imported and nothing uses them. */
export async function undoDecision(
  engine: Pick<EngineClient, 'query'>,
  batch: BatchRow,
): Promise<UndoDecision> {
  const then = fingerprintThen(batch);
  // One that was stopped half way has none: nobody can have relied on it as a whole.
  const now = then === undefined ? '' : await fingerprintOf(engine, batch);
  const [uses] = await engine.query(batchUsesQuery(batch));
  return decideUndo(batch, {
    fingerprintThen: then ?? '',
    fingerprintNow: now,
    uses: Number(uses?.uses ?? 0),
  });
}

function fingerprintThen({ mapping_json }: BatchRow): string | undefined {
  const { fingerprint: then } = JSON.parse(mapping_json) as { fingerprint?: unknown };
  return typeof then === 'string' ? then : undefined;
}

/** Of each portion, and then of those: a whole batch at once would hold up the page. */
async function fingerprintOf(
  engine: Pick<EngineClient, 'query'>,
  batch: Pick<BatchRow, 'id' | 'entity' | 'rows_ok'>,
): Promise<string> {
  const parts: { readonly part: string }[] = [];
  for (let portion = 0; portion * ROWS_PER_PORTION < batch.rows_ok; portion++)
    parts.push({ part: fingerprint(await engine.query(batchRowsQuery(batch, portion))) });
  return fingerprint(parts);
}
