/**
 * Turns SQL writes into registers. TEMP triggers only note which rows were touched (touched-rows.ts); at the end
 * of the transaction each touched row is compared with what its registers merge to, and the difference becomes
 * registers of this device [CAP-1]. So any SQL works: upserts, REPLACE, CTEs, savepoints, several statements.
 *
 *   begin · user's SQL · write() -> registers, checked · apply() · Mirror.settle · commit
 */

import { msOfHlc } from '../base/hlc.ts';
import type { DeviceId } from '../base/ids.ts';
import { Router } from '../documents/route.ts';
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import { type RowShape, shapesOf } from '../registers/row-shape.ts';
import { quoted } from '../schema/ddl-sqlite.ts';
import type { CellValue, Schema } from '../schema/table.ts';
import { LocalRules } from './local-rules.ts';
import type { MirrorOptions } from './mirror.ts';
import { type CaptureResult, PendingWrites } from './pending-writes.ts';
import { CellsChange } from './row-change.ts';
import { changedCells, deleteRow, insertRow, refuse, updateRow } from './row-writes.ts';
import type { SqlDatabase } from './sql.ts';
import { Statements } from './statements.ts';
import { type TouchedRow, TouchedRows } from './touched-rows.ts';

export interface CaptureContext {
  readonly user: string;
  readonly device: DeviceId;
  /** Of the commit; later than every register of the documents written (DocumentRows.maxHlc). */
  readonly hlc: number;
  /** Undefined: not in memory. A document that nobody wrote yet is an empty one. */
  documentRows(document: string): DocumentRows | undefined;
}

export class Capture {
  readonly #schema: Schema;
  readonly #statements: Statements;
  readonly #touched: TouchedRows;
  readonly #rules: LocalRules;
  readonly #shapes: readonly RowShape[];

  constructor(sql: SqlDatabase, schema: Schema, options: MirrorOptions = {}) {
    this.#schema = schema;
    this.#statements = new Statements(sql);
    this.#touched = new TouchedRows(sql, schema, this.#statements);
    this.#rules = new LocalRules(this.#statements, schema, (family) => options.isReadable?.(family) ?? true);
    this.#shapes = [...shapesOf(schema).values()];
  }

  /** Creates the TEMP table and the TEMP triggers; after Mirror.createTables, once per connection. */
  install(): void {
    this.#touched.install();
  }

  /** Runs it with capture off: what the mirror writes is not a user's write. */
  pause<T>(run: () => T): T {
    return this.#touched.pause(run);
  }

  /** Rows written since the SQL transaction began, by table. */
  touched(): Touched {
    return new Map(
      this.#touched.tables().map((t) => [this.#schema.tables[t]!.name, new Set(this.#touched.ids(t))]),
    );
  }

  /**
   * Checks every rule on the touched rows and works out their registers. Call once, at the end of the SQL
   * transaction and inside it. Throws RefusedWriteError when a rule is broken; the caller rolls back.
   */
  write(context: CaptureContext): CaptureResult {
    const pending = new PendingWrites();
    const missing = new Set<string>();
    const routed = this.#touched.tables().map((t) => ({ t, rows: this.#route(t) }));
    for (const { rows } of routed) {
      let last: string | undefined;
      for (const { document } of rows) {
        if (document === last) continue;
        last = document;
        if (context.documentRows(document) === undefined) missing.add(document);
      }
    }
    if (missing.size > 0) return pending.result([...missing].sort());
    for (const { t, rows } of routed) this.#writeTable(t, rows, context, pending);
    this.#touched.clear();
    return pending.result([]);
  }

  close(): void {
    this.#statements.close();
  }

  /** Finds each row's document. */
  #route(t: number): TouchedRow[] {
    const table = this.#schema.tables[t]!;
    const router = new Router(table);
    const routed: TouchedRow[] = [];
    for (const row of this.#touched.rows(t)) {
      const before = row.fresh ? undefined : router.documentOf(row.id, row.bucket);
      let document = before;
      if (row.cells !== undefined) {
        document = router.documentOf(row.id, row.cells[router.bucketIndex] ?? null);
        const shape = this.#shapes[t]!;
        if (document === undefined) {
          refuse(
            shape,
            'bucket',
            table.bucket!,
            row.id,
            'it must hold a UUIDv7, whose month names the document',
          );
        }
        if (before !== undefined && before !== document) {
          refuse(shape, 'bucket', table.bucket!, row.id, 'a row never moves to another month');
        }
      }
      if (document === undefined) continue; // came and went within the transaction
      row.document = document;
      routed.push(row);
    }
    return routed;
  }

  #writeTable(
    t: number,
    touched: readonly TouchedRow[],
    context: CaptureContext,
    pending: PendingWrites,
  ): void {
    const shape = this.#shapes[t]!;
    const { table } = shape;
    const columns = shape.columns.map(({ name }) => name);
    const updates = new Map<string, readonly string[]>();
    const inserted: TouchedRow[] = [];
    let hasDeletes = false;
    let rows: DocumentRows | undefined;
    let last: string | undefined;
    for (const row of touched) {
      const { id, document, cells } = row;
      if (rows === undefined || document !== last) {
        rows = context.documentRows(document)!;
        last = document;
      }
      const merge = rows.merge(table.name, id);
      if (cells === undefined) {
        updates.set(id, []);
        if (!merge?.visible) continue;
        hasDeletes = true;
        pending.add(document, rows, shape, id, deleteRow(shape, id, { merge, author: context }));
        pending.changes.push(
          new CellsChange(table.name, id, {
            columns,
            before: rows.cellsOf(shape, id, merge),
            after: undefined,
          }),
        );
        continue;
      }
      this.#normalizeTexts(shape, id, rows, cells);
      if (!merge?.visible) {
        stampCells(shape, cells, context);
        inserted.push(row);
        pending.add(document, rows, shape, id, insertRow(shape, id, cells, { merge, author: context }));
        pending.addTexts(document, rows, shape, id, cells);
        pending.changes.push(new CellsChange(table.name, id, { columns, before: undefined, after: cells }));
      } else {
        const before = rows.cellsOf(shape, id, merge);
        this.#restoreStamps(shape, id, before, cells);
        const changed = changedCells(shape, before, cells);
        updates.set(
          id,
          changed.map((index) => columns[index]!),
        );
        if (changed.length === 0) continue;
        pending.add(
          document,
          rows,
          shape,
          id,
          updateRow(shape, id, cells, { merge, author: context, changed }),
        );
        pending.addTexts(document, rows, shape, id, cells);
        pending.changes.push(new CellsChange(table.name, id, { columns, before, after: cells }));
      }
    }
    this.#writeStamps(t, inserted, updates.size === 0, context);
    this.#rules.enforce({ table, t, hasInserts: inserted.length > 0, hasDeletes, updates });
  }

  /** Stamps the inserted rows in SQL as in their cells: all at once when no other row of the table was touched. */
  #writeStamps(
    t: number,
    inserted: readonly TouchedRow[],
    isAllTouched: boolean,
    { hlc, user, device }: CaptureContext,
  ): void {
    const shape = this.#shapes[t]!;
    if (inserted.length === 0) return;
    if (!isAllTouched) {
      const common = shape.columns.flatMap((column, index) => (column.common ? [index] : []));
      for (const { id, cells } of inserted) this.#writeBack(shape, id, cells!, common);
      return;
    }
    this.pause(() =>
      this.#statements
        .get(
          `update or fail main.${quoted(shape.table.name)} set
             created_at = iif(ifnull(created_at, 0) = 0, ?, created_at),
             created_by = iif(ifnull(created_by, '') = '', ?, created_by),
             created_device = iif(ifnull(created_device, '') = '', ?, created_device)
           where rowid in (select _rid from temp._touched where _t = ${t})`,
        )
        .run([msOfHlc(hlc), user, device]),
    );
  }

  /** An empty shared text is null until somebody writes to it, if null is allowed, and '' from then on. */
  #normalizeTexts(shape: RowShape, id: string, rows: DocumentRows, cells: CellValue[]): void {
    if (!shape.hasTexts) return;
    const normalized: number[] = [];
    shape.columns.forEach(({ shared, name, column }, index) => {
      if (!shared || (cells[index] !== '' && cells[index] !== null)) return;
      const empty = column.nullable && !rows.hasText(shape.table.name, id, name) ? null : '';
      if (cells[index] === empty) return;
      cells[index] = empty;
      normalized.push(index);
    });
    this.#writeBack(shape, id, cells, normalized);
  }

  /** REPLACE empties the columns it does not name; who made the row is not the user's to lose. */
  #restoreStamps(shape: RowShape, id: string, before: readonly CellValue[], cells: CellValue[]): void {
    const restored: number[] = [];
    shape.columns.forEach(({ common }, index) => {
      const isEmpty = cells[index] === 0 || cells[index] === '' || cells[index] === null;
      if (!common || !isEmpty || before[index] === cells[index]) return;
      cells[index] = before[index]!;
      restored.push(index);
    });
    this.#writeBack(shape, id, cells, restored);
  }

  #writeBack(shape: RowShape, id: string, cells: readonly CellValue[], indexes: readonly number[]): void {
    if (indexes.length === 0) return;
    const list = indexes.map((index) => `${quoted(shape.columns[index]!.name)} = ?`).join(', ');
    this.pause(() =>
      this.#statements
        .get(`update or fail main.${quoted(shape.table.name)} set ${list} where id = ?`)
        .run([...indexes.map((index) => cells[index]!), id]),
    );
  }
}

/** Who made a row and when, unless the user's SQL says it (an import does). */
function stampCells(shape: RowShape, cells: CellValue[], { hlc, user, device }: CaptureContext): void {
  const stamps: Readonly<Record<string, CellValue>> = {
    created_at: msOfHlc(hlc),
    created_by: user,
    created_device: device,
  };
  for (let index = 0; index < cells.length; index++) {
    const { common, name } = shape.columns[index]!;
    if (common && !cells[index]) cells[index] = stamps[name]!;
  }
}
