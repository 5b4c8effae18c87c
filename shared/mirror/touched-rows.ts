/**
 * The TEMP table and triggers that note which rows the user's SQL touched. They roll back with the transaction
 * and with savepoints, and are not part of an exported image.
 *
 *   temp._touched (_t, _rid, _id, _fresh, _bucket)
 *     _t       position of the table in the schema
 *     _rid     the row's rowid at that moment
 *     _fresh   the event is an insert
 *     _bucket  what the row's routing column held before
 *
 * The names begin with `_` so that a check over a table's own columns can be evaluated in a join with it.
 * One event is one entry, in order, without any index: that is what makes noting cheap. The first event of a row
 * tells whether it was there before: REPLACE fires delete, then insert.
 */
import { quoted } from '../schema/ddl-sqlite.ts';
import { type CellValue, COMMON_COLUMNS, type Schema, type Table } from '../schema/table.ts';
import type { SqlDatabase } from './sql.ts';
import type { Statements } from './statements.ts';

export interface TouchedRow {
  readonly id: string;
  /** The row was not there when the transaction began. */
  readonly fresh: boolean;
  /** What its routing column held then. */
  readonly bucket: CellValue;
  /** In the order of the table's columns; undefined when the row is gone. */
  cells: CellValue[] | undefined;
  /** Filled in by routing; empty until then. */
  document: string;
}

export class TouchedRows {
  readonly #sql: SqlDatabase;
  readonly #schema: Schema;
  readonly #statements: Statements;
  #pauses = 0;

  constructor(sql: SqlDatabase, schema: Schema, statements: Statements) {
    this.#sql = sql;
    this.#schema = schema;
    this.#statements = statements;
  }

  install(): void {
    this.#sql.exec(`
      create temp table if not exists _touched (
        _t integer not null, _rid integer not null, _id text not null, _fresh integer not null, _bucket any
      ) strict;
      create temp table if not exists _capture (capturing integer not null);
      delete from temp._capture;
      insert into temp._capture values (1);
      pragma recursive_triggers = on;
    `);
    this.#sql.exec('savepoint install');
    this.#schema.tables.forEach((table, t) => {
      for (const trigger of triggersOf(table, t)) this.#sql.exec(trigger);
    });
    this.#sql.exec('release install');
  }

  pause<T>(run: () => T): T {
    if (this.#pauses++ === 0) this.#statements.get('update temp._capture set capturing = 0').run();
    try {
      return run();
    } finally {
      if (--this.#pauses === 0) this.#statements.get('update temp._capture set capturing = 1').run();
    }
  }

  /** Tables with touched rows, as positions in the schema. */
  tables(): number[] {
    return this.#statements
      .get('select distinct _t from temp._touched order by _t')
      .all()
      .map(([t]) => Number(t));
  }

  ids(t: number): string[] {
    return this.#statements
      .get('select distinct _id from temp._touched where _t = ?')
      .all([t])
      .map(([id]) => String(id));
  }

  /** Each touched row once, in order of its first event; an empty common column reads as null. */
  rows(t: number): TouchedRow[] {
    const table = this.#schema.tables[t]!;
    const columns = Object.keys(table.columns);
    const selected = columns.map((column) =>
      column in COMMON_COLUMNS ? orNull(column) : `r.${quoted(column)}`,
    );
    const events = this.#statements
      .get(
        // A row that was deleted may have left its rowid to another one.
        `select ${selected.join(', ')}, x._id, x._fresh, x._bucket, r.id is not null
         from temp._touched x left join main.${quoted(table.name)} r on r.rowid = x._rid and r.id = x._id
         where x._t = ${t} order by x.rowid`,
      )
      .all();
    const rowsById = new Map<string, TouchedRow>();
    const count = columns.length;
    for (const values of events) {
      const id = values[count] as string;
      const fresh = values[count + 1] === 1;
      const bucket = values[count + 2]!;
      const isThere = values[count + 3] === 1;
      values.length = count;
      const cells = isThere ? values : undefined;
      const row = rowsById.get(id);
      if (row) row.cells ??= cells;
      else rowsById.set(id, { id, fresh, bucket, cells, document: '' });
    }
    return [...rowsById.values()];
  }

  clear(): void {
    this.#statements.get('delete from temp._touched').run();
  }
}

/** Capture fills what is empty; and sql.js takes longer to read an empty text than a null. */
function orNull(column: string): string {
  return `nullif(r.${quoted(column)}, '')`;
}

function triggersOf(table: Table, t: number): string[] {
  const bucket = table.bucket === undefined ? 'null' : `old.${quoted(table.bucket)}`;
  const note = (row: 'old' | 'new', fresh: 0 | 1, value: string) =>
    `insert into _touched values (${t}, ${row}.rowid, ${row}.id, ${fresh}, ${value});`;
  const trigger = (name: string, event: string, condition: string, body: string) =>
    `create temp trigger if not exists ${quoted(`_capture_${table.name}_${name}`)}
       after ${event} on main.${quoted(table.name)} when (select capturing from _capture)${condition} begin ${body} end`;
  return [
    trigger('insert', 'insert', '', note('new', 1, 'null')),
    trigger('update', 'update', '', note('old', 0, bucket)),
    trigger('id', 'update of id', ' and new.id <> old.id', note('new', 1, 'null')),
    trigger('delete', 'delete', '', note('old', 0, bucket)),
  ];
}
