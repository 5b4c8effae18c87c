/**
 * Taking an import back, row by row: what nobody changed and nothing refers to goes, the rest stays and is listed with
 * the reason. A batch of which rows stay can be taken back again once they are free; it is closed when none is left.
 *
 * What a row was like when it came in is remembered as a mark of a few characters in the row of the batch. Who refers
 * to it is asked of every table that the schema lets point there.
 */
import type { CellValue, Schema } from '../../schema/table.ts';
import { type Actor, type Statement, statements, update } from '../flows/statement.ts';
import type { ImportEntity } from './fields.ts';
import { batchRange, importedPlace, portionRange } from './import-flow.ts';
import { MARK_DIGITS, markOf } from './mark.ts';

export interface Batch {
  readonly id: string;
  readonly entity: ImportEntity;
}

/** A row as SQL has it. */
type ImportedRow = Readonly<Record<string, CellValue>>;

export type KeptBecause =
  | { readonly name: 'edited' }
  /** `by`: the table that refers to it; of several any one. */
  | { readonly name: 'in-use'; readonly by: string };

export interface KeptRow {
  readonly id: string;
  /** Name, plate or number. */
  readonly title: string;
  readonly because: KeptBecause;
}

export interface UndoPlan {
  readonly goingCount: number;
  readonly kept: readonly KeptRow[];
}

/** Query of the rows of one portion as they are now, in order of id; portions are counted from 0. */
export function portionQuery(batch: Batch, portion: number): Statement {
  return {
    sql: `select * from ${batch.entity} where id > ? and id <= ? order by id`,
    params: portionRange(batch.id, portion),
  };
}

/** Marks of the rows of a portion, in order; rows are those of `portionQuery` just after the import. */
export function marksOf(rows: readonly ImportedRow[]): string {
  return rows.map((row) => markOf(row)).join('');
}

/** Keeps what the rows looked like when the import was done, or stopped. */
export function rememberMarks(batch: Batch, marks: string): Statement {
  return {
    sql: "update import_batches set mapping_json = json_set(mapping_json, '$.marks', ?) where id = ?",
    params: [marks, batch.id],
  };
}

/** Query of what `rememberMarks` kept; `marks` is null where the tab was closed in the middle of the import. */
export function marksQuery(batch: Batch): Statement {
  return {
    sql: "select json_extract(mapping_json, '$.marks') as marks from import_batches where id = ?",
    params: [batch.id],
  };
}

/** Query of the rows of a batch that something refers to: `id`, and in `used_by` the table that does. */
export function usesQuery(schema: Schema, batch: Batch): Statement {
  const range = batchRange(batch.id);
  const parts = schema.tables.flatMap(({ name, columns }) => {
    const isOwn = COMES_WITH[batch.entity] === name;
    const pointing = Object.entries(columns)
      .filter(([, { references }]) => references === batch.entity)
      .map(([column]) => use(name, column, isOwn ? `and id <> ${column}` : ''));
    if (!('entity' in columns && 'entity_id' in columns)) return pointing;
    return [...pointing, use(name, 'entity_id', `and entity = '${batch.entity}'`)];
  });
  return { sql: parts.join(' union all '), params: parts.flatMap(() => range) };
}

/** Of some rows of a batch as they are now. `marks` undefined: nobody knows what they were like. */
export function planUndo(
  rows: readonly ImportedRow[],
  facts: { readonly marks: string | undefined; readonly usedBy: ReadonlyMap<string, string> },
): UndoPlan {
  const there = rows.filter((row) => !isTakenBack(row));
  const kept = there.flatMap((row): KeptRow[] => {
    const id = String(row.id);
    const because = reasonToKeep(row, id, facts);
    return because ? [{ id, title: String(row.name ?? row.plate ?? row.number), because }] : [];
  });
  return { goingCount: there.length - kept.length, kept };
}

/**
 * Takes all rows of a batch but those kept back, in one transaction. Orders are cancelled: their numbers are used and
 * their log is written.
 */
export function undoImport(actor: Actor, batch: Batch, kept: readonly KeptRow[]): Statement[] {
  const condition = 'id > ? and id <= ? and id not in (select value from json_each(?))';
  const params = [...batchRange(batch.id), JSON.stringify(kept.map(({ id }) => id))];
  const remove = (table: string): Statement => ({ sql: `delete from ${table} where ${condition}`, params });
  return statements(
    batch.entity === 'work_orders'
      ? {
          sql: `update work_orders set status_key = 'cancelled', cancelled_at = ?, cancel_reason = 'import' where ${condition} and ${NOT_TAKEN_BACK}`,
          params: [actor.nowMs, ...params],
        }
      : [...(batch.entity === 'vehicles' ? [remove('vehicle_owners')] : []), remove(batch.entity)],
    kept.length === 0
      ? update('import_batches', batch.id, { undone_at: actor.nowMs })
      : {
          sql: "update import_batches set mapping_json = json_set(mapping_json, '$.kept', ?) where id = ?",
          params: [kept.length, batch.id],
        },
  );
}

/** Rows that an import makes together with those of its entity, under the same id: no use of them by anybody. */
const COMES_WITH: Readonly<Record<ImportEntity, string | undefined>> = {
  customers: undefined,
  vehicles: 'vehicle_owners',
  work_orders: 'wo_status_log',
};

const NOT_TAKEN_BACK = "not (status_key = 'cancelled' and cancel_reason = 'import')";

function isTakenBack({ status_key, cancel_reason }: ImportedRow): boolean {
  return status_key === 'cancelled' && cancel_reason === 'import';
}

function use(table: string, column: string, condition = ''): string {
  return `select ${column} as id, '${table}' as used_by from ${table} where ${column} > ? and ${column} <= ? ${condition}`;
}

function reasonToKeep(
  row: ImportedRow,
  id: string,
  { marks, usedBy }: { readonly marks: string | undefined; readonly usedBy: ReadonlyMap<string, string> },
): KeptBecause | undefined {
  const by = usedBy.get(id);
  if (by !== undefined) return { name: 'in-use', by };
  if (marks === undefined) return undefined;
  const at = (importedPlace(id) - 1) * MARK_DIGITS;
  return marks.slice(at, at + MARK_DIGITS) === markOf(row) ? undefined : { name: 'edited' };
}
