/** An import as the page runs it: what is known, portion after portion, and what of it can still be taken back. */
import type { Remote } from 'comlink';
import type { ImportEntity } from '../../../shared/taller/import/fields.ts';
import { batchRange, importedPlace, ROWS_PER_PORTION } from '../../../shared/taller/import/import-flow.ts';
import {
  marksOf,
  marksQuery,
  planUndo,
  portionQuery,
  rememberMarks,
  type UndoPlan,
  usesQuery,
} from '../../../shared/taller/import/undo-import.ts';
import { tallerSchema } from '../../../shared/taller/schema.ts';
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
  /** Of the file. */
  readonly rows_ok: number;
  readonly rows_bad: number;
  /** 1: it broke off, or runs now. */
  readonly is_unfinished: number;
  /** Of an import that is unfinished, those that are here; else as `rows_ok`. */
  readonly rows_there: number;
  /** Of an import that is unfinished, how to go on with it: columns, and `print`. */
  readonly mapping_json: string;
  /** Rows that stayed when the rest was taken back; null while nobody has. */
  readonly kept: number | null;
  readonly undone_at: number | null;
  readonly created_at: number;
  readonly created_by: string;
}

/** Imports of the last months, the latest first. */
export const batchesQuery = (): SqlQuery => sql`
  select id, entity, file_name, rows_ok, rows_bad, kept, undone_at, created_at, created_by, is_unfinished,
    case when is_unfinished then mapping_json else '{}' end as mapping_json,
    case when not is_unfinished then rows_ok
      when entity = 'customers' then (select count(*) from customers t where t.id > first and t.id < last)
      when entity = 'vehicles' then (select count(*) from vehicles t where t.id > first and t.id < last)
      else (select count(*) from work_orders t where t.id > first and t.id < last) end as rows_there
  from (select *, json_extract(mapping_json, '$.kept') as kept,
    undone_at is null and json_extract(mapping_json, '$.marks') is null as is_unfinished,
    substr(id, 1, 24) || '000000000000' as first, substr(id, 1, 24) || '0000ffffffff' as last
    from import_batches order by id desc limit 20)`;

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

/** Tells the worker which customers and vehicles are there already; not those of the batch that it goes on with. */
export async function tellKnown(
  engine: Pick<EngineClient, 'query'>,
  worker: Worker,
  batchId?: string,
): Promise<void> {
  await worker.forget();
  const [above, upTo] = batchId === undefined ? ['', ''] : batchRange(batchId);
  await eachRows(
    engine,
    (after, limit) => sql`
      select id, name, tax_id_norm, phone_norm from customers
      where id > ${after} and not (id > ${above} and id <= ${upTo}) and merged_into_id is null order by id limit ${limit}`,
    (rows) => worker.know('customers', rows as never),
  );
  await eachRows(
    engine,
    (after, limit) =>
      sql`select id, plate_norm, vin from vehicles
        where id > ${after} and not (id > ${above} and id <= ${upTo}) and merged_into_id is null order by id limit ${limit}`,
    (rows) => worker.know('vehicles', rows as never),
  );
}

/**
 * Writes the portions from `from` on, one commit each. `onProgress` hears the rows done so far and answers false to stop there.
 * Resolves to whether all of it was written; what was written can be taken back either way.
 */
export async function runPortions(
  engine: Pick<EngineClient, 'transaction' | 'query'>,
  worker: Worker,
  plan: Plan,
  entity: ImportEntity,
  onProgress: (rowsDone: number) => boolean,
  from = 0,
): Promise<boolean> {
  const batch = { id: plan.batchId, entity };
  let marks = '';
  for (let portion = 0; portion < from; portion++)
    marks += marksOf(await engine.query(portionQuery(batch, portion)));
  let done = from;
  let rows = 0;
  for (let isWanted = true; isWanted && done < plan.portions; done++) {
    await engine.transaction(await worker.portion(done), { label: `import.${entity}` });
    marks += marksOf(await engine.query(portionQuery(batch, done)));
    rows = Math.min(plan.rows, (done + 1) * ROWS_PER_PORTION);
    isWanted = onProgress(rows);
  }
  const isWhole = done === plan.portions;
  // The batch was written with the first portion, for all rows of the file.
  const cut = isWhole ? [] : [sql`update import_batches set rows_ok = ${rows} where id = ${batch.id}`];
  await engine.transaction([rememberMarks(batch, marks), ...cut], { label: 'import.done' });
  return isWhole;
}

/** Runs unless another tab is at this batch: then does nothing, and resolves to false. A tab that dies lets go of it. */
export function runAlone(batchId: string, run: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request(`taller.import.${batchId}`, { ifAvailable: true }, async (lock) => {
    if (lock) await run();
    return lock !== null;
  });
}

/** Portions of a batch that are here: each is one commit, so all of it or none. */
export async function portionsThere(
  engine: Pick<EngineClient, 'query'>,
  { id, entity }: Pick<BatchRow, 'id' | 'entity'>,
): Promise<number> {
  const [above, upTo] = batchRange(id);
  const [row] = await engine.query({
    sql: `select max(id) as last from ${entity} where id > ? and id <= ?`,
    params: [above, upTo],
  });
  return typeof row?.last === 'string' ? Math.ceil(importedPlace(row.last) / ROWS_PER_PORTION) : 0;
}

/** What would go and what would stay. Some rows at a time: a whole batch at once would hold up the page. */
export async function undoPlan(
  engine: Pick<EngineClient, 'query'>,
  batch: Pick<BatchRow, 'id' | 'entity' | 'rows_ok'>,
): Promise<UndoPlan> {
  const [remembered] = await engine.query(marksQuery(batch));
  const uses = await engine.query(usesQuery(tallerSchema, batch));
  const facts = {
    marks: remembered?.marks == null ? undefined : String(remembered.marks),
    usedBy: new Map(uses.map(({ id, used_by }) => [String(id), String(used_by)])),
  };
  const parts: UndoPlan[] = [];
  for (let portion = 0; portion * ROWS_PER_PORTION < batch.rows_ok; portion++)
    parts.push(planUndo(await engine.query(portionQuery(batch, portion)), facts));
  return {
    goingCount: parts.reduce((sum, { goingCount }) => sum + goingCount, 0),
    kept: parts.flatMap(({ kept }) => kept),
  };
}
