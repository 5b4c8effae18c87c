/**
 * Compares the report with the documents it was made from, and mends it when asked: the way to rebuild it, from
 * snapshots and log, into the same rows. Works document by document under its cursor's lock, beside consumers that
 * go on. History is not made again: it is a log itself.
 */
import type { Pool, PoolClient } from 'pg';
import { idRangeOfBucket } from '../../shared/documents/bucket.ts';
import { tablesOfDocument } from '../../shared/documents/route.ts';
import type { Application } from '../../shared/schema/application.ts';
import { quoted } from '../../shared/schema/ddl-sqlite.ts';
import { storableText } from '../../shared/schema/storable-text.ts';
import type { Table } from '../../shared/schema/table.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { inTransaction } from '../transaction.ts';
import { breachesOf, shownRow } from './advance.ts';
import { Breath } from './breath.ts';
import { writeConflicts } from './conflicts.ts';
import { Report, type RowKey, type RowState, rowKeyText, sameRow } from './report.ts';
import type { ReportRow } from './report-row.ts';
import { mayChange } from './row-owner.ts';
import { replaceShadows } from './twin-rows.ts';
import { type TouchedRow, Violations } from './violations.ts';
import type { WarmDocument } from './warm-document.ts';
import { isReported, type Position, WarmDocuments } from './warm-documents.ts';

export interface VerifyOptions {
  readonly pool: Pool;
  readonly objects: ObjectStore;
  readonly application: Pick<Application, 'schema'>;
  /** Absent: every workspace. */
  readonly workspace?: string;
  /** Writes what differs. */
  readonly mend: boolean;
  readonly onDocument?: (document: {
    readonly workspace: string;
    readonly name: string;
    readonly rows: number;
  }) => void;
}

export interface Difference {
  readonly workspace: string;
  readonly document: string;
  readonly table: string;
  readonly id: string;
  /** `missing`: the documents have it and the report has not. */
  readonly kind: 'missing' | 'extra' | 'different';
  readonly columns: readonly string[];
}

export interface Verified {
  readonly documents: number;
  readonly rows: number;
  readonly differences: readonly Difference[];
}

const HOLD_MS = 8;

export async function verifyReport(options: VerifyOptions): Promise<Verified> {
  const { pool, application } = options;
  const report = new Report(application.schema);
  const violations = new Violations(application.schema);
  if (options.mend) await violations.prepare(pool);
  const { rows: documents } = await pool.query<{ document: number; name: string }>(
    `select c.document, d.name from espejo.report_cursor c join espejo.document d on d.id = c.document
      where $1::text is null or d.workspace = $1 order by d.workspace, d.name`,
    [options.workspace ?? null],
  );
  const differences: Difference[] = [];
  let count = 0;
  let rows = 0;
  for (const { document, name } of documents) {
    if (!isReported(application.schema, name)) continue;
    const result = await inTransaction(pool, (client) =>
      verifyDocument(client, document, { ...options, report, violations }),
    );
    count++;
    rows += result.rows;
    differences.push(...result.differences);
    options.onDocument?.({ workspace: result.workspace, name, rows: result.rows });
  }
  return { documents: count, rows, differences };
}

async function verifyDocument(
  client: PoolClient,
  id: number,
  options: VerifyOptions & { readonly report: Report; readonly violations: Violations },
): Promise<{ workspace: string; rows: number; differences: Difference[] }> {
  const { schema } = options.application;
  const { rows: positions } = await client.query<Position>(
    `select c.document, d.workspace, d.name, c.epoch, c.seq
       from espejo.report_cursor c join espejo.document d on d.id = c.document
      where c.document = $1 for update of c`,
    [id],
  );
  const at = positions[0]!;
  const documents = new WarmDocuments({
    schema,
    objects: options.objects,
    maxRegisters: 0,
    breath: new Breath(HOLD_MS),
  });
  try {
    const warm = await documents.open(client, at);
    const differences: Difference[] = [];
    const touched = new Map<string, Set<string>>();
    const states: (RowState & TouchedRow)[] = [];
    const hidden: { key: RowKey; row: ReportRow }[] = [];
    let rows = 0;
    for (const table of tablesOfDocument(schema, at.name)) {
      const shown = shownRows(warm, table);
      rows += shown.size;
      const stored = await storedRows(client, options.report, warm, table, shown.keys());
      touched.set(table.name, new Set(warm.rows.ids(table.name)));
      for (const rowId of new Set([...shown.keys(), ...stored.keys()])) {
        const [after, before] = [shown.get(rowId), stored.get(rowId)];
        const key = { workspace: at.workspace, table: table.name, id: rowId };
        if (!mayChange(table, at.name, { id: rowId, before, after })) {
          if (after !== undefined) hidden.push({ key, row: after });
          continue;
        }
        if (sameRow(before, after)) continue;
        differences.push({ ...key, document: at.name, ...differenceOf(table, before, after) });
        states.push({ ...key, row: after, cameOrWent: (before === undefined) !== (after === undefined) });
      }
    }
    if (options.mend) {
      await options.report.write(client, states);
      await replaceShadows(client, at, hidden);
      const all = new Map([[warm, touched]]);
      await writeConflicts(client, all);
      await options.violations.settle(
        client,
        [...unchangedRows(at.workspace, touched, states), ...states],
        breachesOf(all),
      );
    }
    return { workspace: at.workspace, rows, differences };
  } finally {
    documents.close();
  }
}

function shownRows(warm: WarmDocument, table: Table): Map<string, ReportRow> {
  const shown = new Map<string, ReportRow>();
  for (const id of warm.rows.ids(table.name)) {
    const row = shownRow(warm, table, id);
    if (row) shown.set(storableText(id), row);
  }
  return shown;
}

/** What the report has of this document: rows that route to it, and rows of its ids that route elsewhere. */
async function storedRows(
  client: PoolClient,
  report: Report,
  { workspace, name }: WarmDocument,
  table: Table,
  ids: Iterable<string>,
): Promise<Map<string, ReportRow>> {
  if (table.bucket === undefined) {
    return report.readWhere(client, { workspace, table: table.name, condition: 'true' });
  }
  const range = idRangeOfBucket(name.slice(name.indexOf('/') + 1));
  if (range === undefined) return new Map();
  const column = `r.${quoted(table.bucket)} collate "C"`;
  return report.readWhere(
    client,
    {
      workspace,
      table: table.name,
      condition: `(${column} >= $2 and ${column} < $3) or r.id = any ($4::text[])`,
    },
    [range.from, range.to, [...ids]],
  );
}

function differenceOf(
  table: Table,
  before: ReportRow | undefined,
  after: ReportRow | undefined,
): Pick<Difference, 'kind' | 'columns'> {
  if (before === undefined) return { kind: 'missing', columns: [] };
  if (after === undefined) return { kind: 'extra', columns: [] };
  return {
    kind: 'different',
    columns: Object.keys(table.columns).filter((column) => before[column] !== after[column]),
  };
}

function* unchangedRows(
  workspace: string,
  touched: ReadonlyMap<string, ReadonlySet<string>>,
  changed: readonly RowState[],
): Iterable<TouchedRow> {
  const known = new Set(changed.map(rowKeyText));
  for (const [table, ids] of touched) {
    for (const id of ids) {
      const key = { workspace, table, id: storableText(id) };
      if (!known.has(rowKeyText(key))) yield { ...key, cameOrWent: false };
    }
  }
}
