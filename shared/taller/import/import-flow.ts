/**
 * An import as transactions: one row of import_batches, then the rows in portions of one commit each. Rows of a
 * batch have ids counted up from the batch's, so that undoing it needs no list of them.
 *
 *   batch   01936f2a-….-7abc-8def-0123456789ab
 *   row 12  01936f2a-….-7abc-8def-00000000000c
 */
import type { CellValue } from '../../schema/table.ts';
import { takeNumber } from '../flows/numbering.ts';
import {
  type Actor,
  idFor,
  insert,
  knownUser,
  type Statement,
  statements,
  update,
} from '../flows/statement.ts';
import { normalizePhone, normalizePlate, normalizeTaxId, normalizeVin } from '../normalize.ts';
import type { Series } from '../numbers.ts';
import { rankOfId } from '../rank.ts';
import type { ImportEntity, ImportMapping } from './fields.ts';
import { type ImportContext, type ImportRow, isImportable } from './validate.ts';

/** Rows in one commit: small enough to show progress and to stay under the relay's limit of a commit. */
export const ROWS_PER_PORTION = 500;
/** Hex digits of the counter within a batch. */
const COUNTER_DIGITS = 12;

export interface ImportPlan {
  readonly batchId: string;
  /** One transaction each, in this order, label `import.<entity>`. */
  readonly portions: readonly (readonly Statement[])[];
}

export interface ImportFile {
  readonly entity: ImportEntity;
  readonly fileName: string;
  readonly mapping: ImportMapping;
  readonly rows: readonly ImportRow[];
}

/** Rows that cannot be imported are left out. `series` is needed for orders without a number of their own. */
export function planImport(
  actor: Actor,
  file: ImportFile,
  context: ImportContext,
  series?: Series,
): ImportPlan {
  const batchId = idFor(actor);
  const good = file.rows.filter(isImportable);
  const inserts = good.map((row, index) =>
    rowStatements(actor, file.entity, row, { id: importedId(batchId, index + 1), context, series }),
  );
  const batch = insert('import_batches', batchId, {
    file_name: file.fileName,
    entity: file.entity,
    rows_ok: good.length,
    rows_bad: file.rows.length - good.length,
    mapping_json: JSON.stringify(file.mapping),
  });
  const portions: Statement[][] = [];
  for (let from = 0; from < inserts.length; from += ROWS_PER_PORTION)
    portions.push(inserts.slice(from, from + ROWS_PER_PORTION).flat());
  return { batchId, portions: [[batch, ...(portions[0] ?? [])], ...portions.slice(1)] };
}

/** Id of the n-th row of a batch, counting from 1. */
export function importedId(batchId: string, place: number): string {
  return batchId.slice(0, -COUNTER_DIGITS) + place.toString(16).padStart(COUNTER_DIGITS, '0');
}

function rowStatements(
  actor: Actor,
  entity: ImportEntity,
  row: ImportRow,
  made: { readonly id: string; readonly context: ImportContext; readonly series: Series | undefined },
): Statement[] {
  const { id, context } = made;
  const text = (key: string): string => String(row.values[key] ?? '');
  if (entity === 'customers') {
    const cells: Record<string, CellValue> = {};
    for (const key of [
      'name',
      'tax_id',
      'phone',
      'phone2',
      'email',
      'address',
      'city',
      'region',
      'postal',
      'notes',
    ])
      if (row.values[key] !== undefined) cells[key] = text(key);
    return [
      insert('customers', id, {
        ...cells,
        country: context.country,
        tax_id_norm: normalizeTaxId(text('tax_id')),
        phone_norm: normalizePhone(text('phone'), context.country),
      }),
    ];
  }
  if (entity === 'vehicles') {
    return statements(
      insert('vehicles', id, {
        plate: text('plate'),
        plate_norm: normalizePlate(text('plate')),
        plate_country: context.country,
        vin: normalizeVin(text('vin')),
        make: text('make'),
        model: text('model'),
        year: row.values.year ?? null,
        fuel: text('fuel').toLowerCase(),
        color: text('color'),
        odometer_last: row.values.odometer ?? null,
      }),
      row.referenceId === undefined
        ? undefined
        : insert('vehicle_owners', id, {
            vehicle_id: id,
            customer_id: row.referenceId,
            role: 'owner',
            from_at: actor.nowMs,
          }),
    );
  }
  const number =
    row.values.number === undefined && made.series !== undefined
      ? takeNumber(made.series, 'work_order', id, idFor(actor))
      : undefined;
  return statements(
    number?.take,
    insert('work_orders', id, {
      number: number?.text ?? text('number'),
      series_id: number === undefined ? '' : (made.series?.id ?? ''),
      status_key: 'received',
      vehicle_id: row.referenceId ?? null,
      customer_id: {
        expression:
          "(select customer_id from vehicle_owners where vehicle_id = ? and role = 'owner' and to_at is null order by from_at desc limit 1)",
        params: [row.referenceId ?? null],
      },
      advisor_id: knownUser(actor),
      opened_at: row.values.opened_at ?? actor.nowMs,
      promised_at: row.values.promised_at ?? null,
      odometer_in: row.values.odometer_in ?? null,
      complaint: text('complaint'),
      rank: rankOfId(id),
    }),
    insert('wo_status_log', id, { work_order_id: id, from_key: '', to_key: 'received', reason: 'import' }),
  );
}

export type UndoDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'undone-already' | 'edited' | 'in-use' };

/**
 * Query of rows of a batch as they are now, in order of id, for `fingerprint`: of the whole batch, or of one portion
 * of it, counted from 0.
 */
export function batchRowsQuery(
  batch: { readonly id: string; readonly entity: ImportEntity },
  portion?: number,
): Statement {
  const first = (portion ?? 0) * ROWS_PER_PORTION;
  return {
    sql: `select * from ${batch.entity} where id > ? and id <= ? order by id`,
    params:
      portion === undefined
        ? batchRange(batch.id)
        : [importedId(batch.id, first), importedId(batch.id, first + ROWS_PER_PORTION)],
  };
}

/** Counts what refers to rows of the batch; column `uses`. */
export function batchUsesQuery(batch: { readonly id: string; readonly entity: ImportEntity }): Statement {
  const range = batchRange(batch.id);
  const inRange = (column: string): string => `${column} > ? and ${column} <= ?`;
  if (batch.entity === 'customers')
    return {
      sql: `select (select count(*) from work_orders where ${inRange('customer_id')}) + (select count(*) from vehicle_owners where ${inRange('customer_id')}) as uses`,
      params: [...range, ...range],
    };
  if (batch.entity === 'vehicles')
    return { sql: `select count(*) as uses from work_orders where ${inRange('vehicle_id')}`, params: range };
  return { sql: `select count(*) as uses from wo_jobs where ${inRange('work_order_id')}`, params: range };
}

/** An import can be undone until somebody edits one of its rows or something refers to one. */
export function decideUndo(
  batch: { readonly undone_at: number | null },
  facts: { readonly fingerprintThen: string; readonly fingerprintNow: string; readonly uses: number },
): UndoDecision {
  if (batch.undone_at !== null) return { allowed: false, because: 'undone-already' };
  if (facts.fingerprintThen !== facts.fingerprintNow) return { allowed: false, because: 'edited' };
  if (facts.uses > 0) return { allowed: false, because: 'in-use' };
  return { allowed: true };
}

/**
 * Takes the rows of a batch back and marks it, in one transaction. Orders are cancelled: their numbers are used and
 * their log is written. The caller has asked decideUndo.
 */
export function undoImport(
  actor: Actor,
  batch: { readonly id: string; readonly entity: ImportEntity },
): Statement[] {
  const range = batchRange(batch.id);
  const remove = (table: string): Statement => ({
    sql: `delete from ${table} where id > ? and id <= ?`,
    params: range,
  });
  return statements(
    batch.entity === 'work_orders'
      ? {
          sql: "update work_orders set status_key = 'cancelled', cancelled_at = ?, cancel_reason = 'import' where id > ? and id <= ?",
          params: [actor.nowMs, ...range],
        }
      : [...(batch.entity === 'vehicles' ? [remove('vehicle_owners')] : []), remove(batch.entity)],
    update('import_batches', batch.id, { undone_at: actor.nowMs }),
  );
}

/** Keeps what the rows looked like when the import was done. */
export function rememberFingerprint(
  batchId: string,
  mapping: ImportMapping,
  fingerprintThen: string,
): Statement[] {
  return statements(
    update('import_batches', batchId, {
      mapping_json: JSON.stringify({ ...mapping, fingerprint: fingerprintThen }),
    }),
  );
}

/** A short text that differs when any cell of any row does (cyrb53 by bryc, public domain). Not a signature. */
export function fingerprint(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const text = JSON.stringify(rows);
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & b) + (a >>> 0)).toString(36);
}

function batchRange(batchId: string): readonly [above: string, upTo: string] {
  return [importedId(batchId, 0), importedId(batchId, 0xffff_ffff)];
}
