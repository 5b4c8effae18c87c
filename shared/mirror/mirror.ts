/**
 * Keeps the SQL tables equal to the registers, row by row as they are touched, or a whole document afresh; both
 * ways end in the same rows, conflicts and violations [REG-8]. The only writer of `_conflict` and `_violation`.
 *
 *   registers --read--> cells --compare--> insert, update of the differing cells, or delete
 *                         '--> _conflict (REG-4)      rows --> _violation (violation.ts)
 *
 * A register in a document that its row does not belong to (another family, another month) is not shown: a
 * permission on one document must never write into another's rows [MIR-2].
 */
import { tablesOfDocument } from '../documents/route.ts';
import { sameCell } from '../registers/codec.ts';
import type { Conflict } from '../registers/conflict.ts';
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import { SYSTEM_TABLES, sqliteColumnDdl, sqliteTableDdl } from '../schema/ddl-sqlite.ts';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import { CellsChange, type RowChange } from './row-change.ts';
import { Shadows } from './shadow.ts';
import type { SqlDatabase } from './sql.ts';
import { Statements } from './statements.ts';
import { TableStatements } from './table-statements.ts';
import { type TouchedHint, Violations } from './violation.ts';

export interface MirrorOptions {
  /** False for a family that this replica may not read: references into it cannot be judged. Default: all true. */
  isReadable?(family: string): boolean;
}

export class Mirror {
  readonly #sql: SqlDatabase;
  readonly #schema: Schema;
  readonly #statements: Statements;
  readonly #tables = new Map<string, TableStatements>();
  readonly #violations: Violations;
  readonly #shadows: Shadows;

  constructor(sql: SqlDatabase, schema: Schema, options: MirrorOptions = {}) {
    this.#sql = sql;
    this.#schema = schema;
    this.#statements = new Statements(sql);
    this.#violations = new Violations(
      this.#statements,
      schema,
      (family) => options.isReadable?.(family) ?? true,
    );
    this.#shadows = new Shadows(this.#statements);
    for (const table of schema.tables) {
      this.#tables.set(table.name, new TableStatements(table, this.#statements));
    }
  }

  /**
   * Creates what is missing: tables, columns, indexes, `_conflict`, `_violation`, `_quarantine`. Outside any
   * transaction. A column added to a table with rows holds its fallback until the documents are rebuilt.
   */
  createTables(): void {
    this.#sql.exec('savepoint create_tables');
    for (const statement of SYSTEM_TABLES) this.#sql.exec(statement);
    for (const table of this.#schema.tables) {
      const existing = new Set(
        this.#sql.rows('select name from pragma_table_info(?)', [table.name]).map(({ name }) => name),
      );
      const missing =
        existing.size === 0 ? [] : Object.keys(table.columns).filter((name) => !existing.has(name));
      for (const column of missing) {
        this.#sql.exec(`alter table "${table.name}" add column ${sqliteColumnDdl(table, column)}`);
      }
      for (const statement of sqliteTableDdl(table)) this.#sql.exec(statement);
    }
    this.#sql.exec(Violations.tempTables);
    this.#sql.exec('release create_tables');
  }

  /**
   * Makes the touched rows equal to their registers; inside the caller's transaction, capture paused. Answers
   * what changed, in no particular order.
   */
  project(document: string, rows: DocumentRows, touched: Touched): readonly RowChange[] {
    const changes: CellsChange[] = [];
    const hints: (readonly [Table, TouchedHint])[] = [];
    const stale = this.#staleKinds();
    for (const table of tablesOfDocument(this.#schema, document)) {
      const statements = this.#tables.get(table.name)!;
      const ids = touched.get(table.name);
      if (ids === undefined) continue;
      const first = changes.length;
      const beforeById = statements.selectMany(ids);
      for (const id of ids) {
        const said = this.#cellsFor(document, rows, statements, id);
        const change = this.#projectRow(document, statements, id, { before: beforeById.get(id), said });
        if (change) changes.push(change);
        this.#settleRow(document, rows, table, id, stale);
      }
      if (changes.length > first) hints.push([table, hintOf(changes, first)]);
    }
    for (const [table, hint] of hints) this.#violations.settle(table, touched.get(table.name)!, hint);
    return changes;
  }

  /**
   * After a local commit whose rows SQL already holds: ends the conflicts it resolved and the violations it
   * mended. Capture has refused what would begin one.
   */
  settle(document: string, rows: DocumentRows, touched: Touched): void {
    const stale = this.#staleKinds();
    const hasShadows = !this.#shadows.isEmpty;
    if (!stale.conflicts && !stale.violations && !hasShadows) return;
    if (hasShadows) this.project(document, rows, touched);
    for (const table of tablesOfDocument(this.#schema, document)) {
      const ids = touched.get(table.name);
      if (!ids) continue;
      for (const id of ids) this.#settleRow(document, rows, table, id, stale);
      this.#violations.settle(table, ids, { vanished: true, appeared: true });
    }
  }

  /** Replaces every row of the document; inside the caller's transaction, capture paused. */
  rebuild(document: string, rows: DocumentRows): void {
    const idsByTable = new Map<Table, ReadonlySet<string>>();
    this.#forget(document);
    for (const table of tablesOfDocument(this.#schema, document)) {
      const statements = this.#tables.get(table.name)!;
      const ids = new Set(this.#idsOfDocument(statements, document));
      if (!isChild(table)) statements.deleteDocument(document);
      for (const id of rows.ids(table.name)) ids.add(id);
      for (const id of ids) {
        const cells = this.#cellsFor(document, rows, statements, id);
        if (isChild(table))
          this.#projectRow(document, statements, id, { before: statements.select(id), said: cells });
        else if (cells) statements.insert(id, cells);
        this.#settleRow(document, rows, table, id, { conflicts: false, violations: false });
      }
      idsByTable.set(table, ids);
    }
    for (const [table, ids] of idsByTable) {
      this.#violations.settle(table, ids, { vanished: true, appeared: true });
    }
  }

  /** Removes every row of the document, with its conflicts and violations. */
  drop(document: string): void {
    for (const table of tablesOfDocument(this.#schema, document)) {
      const statements = this.#tables.get(table.name)!;
      const ids = this.#idsOfDocument(statements, document);
      if (isChild(table)) {
        const beforeById = statements.selectMany(ids);
        for (const id of ids)
          this.#projectRow(document, statements, id, { before: beforeById.get(id), said: undefined });
      } else statements.deleteDocument(document);
      this.#violations.settle(table, ids, { vanished: true, appeared: true });
    }
    this.#forget(document);
  }

  /** Every violation of every table from the SQL rows alone; after families became readable or not. */
  recheck(): void {
    this.#violations.settleAll();
  }

  /** The cells of a row when the document's registers show it there; for verify.ts. */
  cellsFor(document: string, rows: DocumentRows, table: string, id: string): CellValue[] | undefined {
    const statements = this.#tables.get(table);
    return statements && this.#cellsFor(document, rows, statements, id);
  }

  /** What SQL holds of a document's rows, those that another document hides included. */
  *rowsOfDocument(
    table: string,
    document: string,
  ): Iterable<readonly [id: string, cells: readonly CellValue[]]> {
    const statements = this.#tables.get(table)!;
    for (const [id, ...cells] of statements.rowsOfDocument(document)) yield [String(id), cells];
    if (isChild(statements.table)) yield* this.#shadows.rowsOfDocument(statements.table, document);
  }

  /** Rows of the document that an earlier month hides. */
  hiddenIds(table: string, document: string): ReadonlySet<string> {
    const statements = this.#tables.get(table);
    if (!statements || !isChild(statements.table)) return new Set();
    return new Set(this.#shadows.rowsOfDocument(statements.table, document).map(([id]) => id));
  }

  close(): void {
    this.#statements.close();
  }

  /** Shown or hidden rows. */
  #idsOfDocument(statements: TableStatements, document: string): string[] {
    const shown = statements.idsOfDocument(document);
    return isChild(statements.table)
      ? [...shown, ...this.#shadows.rowsOfDocument(statements.table, document).map(([id]) => id)]
      : shown;
  }

  /** The row's cells when it is to be shown by this document. */
  #cellsFor(
    document: string,
    rows: DocumentRows,
    statements: TableStatements,
    id: string,
  ): CellValue[] | undefined {
    const cells = rows.readCells(statements.table.name, id);
    return cells && statements.documentOf(id, cells) === document ? cells : undefined;
  }

  #projectRow(
    document: string,
    statements: TableStatements,
    id: string,
    { before, said }: { readonly before: CellValue[] | undefined; readonly said: CellValue[] | undefined },
  ): CellsChange | undefined {
    const { columns } = statements;
    const table = statements.table.name;
    const after = isChild(statements.table)
      ? this.#shadows.resolve(document, statements, id, { before, after: said })
      : said;
    if (after === undefined) {
      if (before === undefined) return undefined;
      statements.delete(id);
    } else if (before === undefined) {
      statements.insert(id, after);
    } else {
      const changed: number[] = [];
      for (let index = 0; index < columns.length; index++) {
        if (!sameCell(before[index]!, after[index]!)) changed.push(index);
      }
      if (changed.length === 0) return undefined;
      statements.update(id, after, changed);
    }
    return new CellsChange(table, id, { columns, before, after });
  }

  /** What may have to be deleted before a row's conflicts and breaches are written again. */
  #staleKinds(): { readonly conflicts: boolean; readonly violations: boolean } {
    const conflicts = this.#statements.get('select 1 from main._conflict limit 1').all().length > 0;
    return { conflicts, violations: !this.#violations.isEmpty };
  }

  /** Conflicts and breaches of the document's registers. */
  #forget(document: string): void {
    this.#statements.get('delete from main._violation where document = ?').run([document]);
    this.#statements.get('delete from main._conflict where document = ?').run([document]);
  }

  /** Conflicts and breaches of a row: what its registers tell. */
  #settleRow(
    document: string,
    rows: DocumentRows,
    table: Table,
    id: string,
    stale: { readonly conflicts: boolean; readonly violations: boolean },
  ): void {
    if (stale.conflicts) {
      this.#statements
        .get('delete from main._conflict where table_name = ? and row_id = ? and document = ?')
        .run([table.name, id, document]);
    }
    if (stale.violations) {
      this.#statements
        .get('delete from main._violation where table_name = ? and row_id = ? and document = ?')
        .run([table.name, id, document]);
    }
    const conflicts = rows.conflicts(table.name, id);
    const breaches = rows.breaches(table.name, id);
    if (conflicts.length === 0 && breaches.length === 0) return;
    if (!this.#isOf(document, rows, table, id)) return;
    for (const conflict of conflicts) this.#insertConflict(document, table, conflict);
    for (const { rule, column, device, hlc } of breaches) {
      this.#statements
        .get(
          `insert or replace into main._violation (kind, table_name, row_id, rule, device, hlc, document)
           values (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run([rule, table.name, id, column, device, hlc, document]);
    }
  }

  #isOf(document: string, rows: DocumentRows, table: Table, id: string): boolean {
    const shape = rows.shape(table.name);
    const merge = rows.merge(table.name, id);
    if (!shape || !merge) return false;
    return this.#tables.get(table.name)!.documentOf(id, rows.cellsOf(shape, id, merge)) === document;
  }

  #insertConflict(document: string, table: Table, { id, column, winner, loser }: Conflict): void {
    const policy = column === '' ? 'lww' : table.columns[column]!.onConflict;
    this.#statements
      .get(
        `insert or replace into main._conflict (table_name, row_id, column_name, winner_device, winner_hlc, winner_value,
           loser_device, loser_hlc, loser_value, policy, document) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run([
        table.name,
        id,
        column,
        winner.device,
        winner.hlc,
        winner.value,
        loser.device,
        loser.hlc,
        loser.value,
        policy,
        document,
      ]);
  }
}

function hintOf(changes: readonly CellsChange[], first: number): TouchedHint {
  let vanished = false;
  let appeared = false;
  for (let index = first; index < changes.length; index++) {
    vanished ||= changes[index]!.isDelete;
    appeared ||= changes[index]!.isInsert;
  }
  return { vanished, appeared };
}

/** Its document is told by a cell, so that two documents can hold one id. */
function isChild(table: Table): boolean {
  return table.bucket !== undefined && table.bucket !== 'id';
}
