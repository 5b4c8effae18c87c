/**
 * An import as transactions: one row of import_batches, then the rows in portions of one commit each. Rows of a
 * batch have ids counted up from the batch's, so that undoing it (undo-import.ts) needs no list of them.
 *
 *   batch   01936f2a-….-7abc-8def-0123456789ab
 *   row 12  01936f2a-….-7abc-8def-00000000000c
 */
import type { CellValue } from '../../schema/table.ts';
import { takeNumber } from '../flows/numbering.ts';
import { type Actor, idFor, insert, knownUser, type Statement, statements } from '../flows/statement.ts';
import { normalizePhone, normalizePlate, normalizeTaxId, normalizeVin } from '../normalize.ts';
import type { Series } from '../numbers.ts';
import { rankOfId } from '../rank.ts';
import type { ImportEntity, ImportMapping } from './fields.ts';
import { markOf } from './mark.ts';
import { type ImportContext, type ImportRow, isImportable } from './validate.ts';

/** Rows in one commit: small enough to show progress and to stay under the relay's limit of a commit. */
export const ROWS_PER_PORTION = 500;
/** Hex digits of the counter within a batch. */
const COUNTER_DIGITS = 12;

export interface ImportPlan {
  readonly batchId: string;
  /** Tells its rows from others: a batch is gone on with by the same ones only. */
  readonly print: string;
  /** One transaction each, in this order, label `import.<entity>`. */
  readonly portions: readonly (readonly Statement[])[];
}

export interface ImportFile {
  readonly entity: ImportEntity;
  readonly fileName: string;
  readonly mapping: ImportMapping;
  readonly rows: readonly ImportRow[];
}

/**
 * Rows that cannot be imported are left out. `series` is needed for orders without a number of their own. The
 * portions of a batch that broke off, all of them, are given for its id.
 */
export function planImport(
  actor: Actor,
  file: ImportFile,
  context: ImportContext,
  series?: Series,
  batchId: string = idFor(actor),
): ImportPlan {
  const good = file.rows.filter(isImportable);
  const print = printOf(good);
  const inserts = good.map((row, index) =>
    rowStatements(actor, file.entity, row, { id: importedId(batchId, index + 1), context, series }),
  );
  const batch = insert('import_batches', batchId, {
    file_name: file.fileName,
    entity: file.entity,
    rows_ok: good.length,
    rows_bad: file.rows.length - good.length,
    mapping_json: JSON.stringify({ ...file.mapping, print }),
  });
  const portions: Statement[][] = [];
  for (let from = 0; from < inserts.length; from += ROWS_PER_PORTION)
    portions.push(inserts.slice(from, from + ROWS_PER_PORTION).flat());
  return { batchId, print, portions: [[batch, ...(portions[0] ?? [])], ...portions.slice(1)] };
}

/** Tells the rows of one file, and what they refer to, from those of another. */
function printOf(rows: readonly ImportRow[]): string {
  return markOf(rows.map(({ values, referenceId }) => [values, referenceId ?? null]));
}

/** Ids of all rows a batch can have: above the first, up to the second. */
export function batchRange(batchId: string): readonly [above: string, upTo: string] {
  return [importedId(batchId, 0), importedId(batchId, 0xffff_ffff)];
}

/** As `batchRange`, of one portion, counted from 0. */
export function portionRange(batchId: string, portion: number): readonly [above: string, upTo: string] {
  const first = portion * ROWS_PER_PORTION;
  return [importedId(batchId, first), importedId(batchId, first + ROWS_PER_PORTION)];
}

/** Id of the n-th row of a batch, counting from 1. */
export function importedId(batchId: string, place: number): string {
  return batchId.slice(0, -COUNTER_DIGITS) + place.toString(16).padStart(COUNTER_DIGITS, '0');
}

/** The place of a row in its batch, counting from 1. */
export function importedPlace(id: string): number {
  return Number.parseInt(id.slice(-COUNTER_DIGITS), 16);
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
