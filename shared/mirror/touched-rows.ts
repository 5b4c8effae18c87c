/**
 * The TEMP table and triggers that note which rows the user's SQL touched. They roll back with the transaction
 * and with savepoints, and are not part of an exported image.
 *
 *   temp._touched (t, id, fresh, bucket)   t: position of the table in the schema
 *                                          fresh: the row was not there when the transaction began
 *                                          bucket: what its routing column held then
 *
 * The first event of a row decides: REPLACE fires delete, then insert, and the row was there.
 */
import { quoted } from '../schema/ddl-sqlite.ts';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import type { SqlDatabase } from './sql.ts';
import type { Statements } from './statements.ts';

export interface TouchedRow {
  readonly id: string;
  readonly fresh: boolean;
  readonly bucket: CellValue;
  /** In the order of the table's columns; undefined when the row is gone. */
  readonly cells: CellValue[] | undefined;
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
        t integer not null, id text not null, fresh integer not null, bucket any, primary key (t, id)
      ) strict, without rowid;
      create temp table if not exists _capture (capturing integer not null);
      delete from temp._capture;
      insert into temp._capture values (1);
      pragma recursive_triggers = on;
    `);
    this.#schema.tables.forEach((table, t) => {
      for (const trigger of triggersOf(table, t)) this.#sql.exec(trigger);
    });
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
      .get('select distinct t from temp._touched order by t')
      .all()
      .map(([t]) => Number(t));
  }

  ids(t: number): string[] {
    return this.#statements
      .get('select id from temp._touched where t = ?')
      .all([t])
      .map(([id]) => String(id));
  }

  rows(t: number): TouchedRow[] {
    const table = this.#schema.tables[t]!;
    const columns = Object.keys(table.columns).map((column) => `r.${quoted(column)}`);
    return this.#statements
      .get(
        `select x.id, x.fresh, x.bucket, r.id is not null, ${columns.join(', ')}
         from temp._touched x left join main.${quoted(table.name)} r on r.id = x.id where x.t = ${t}`,
      )
      .all()
      .map((values) => ({
        id: String(values[0]),
        fresh: values[1] === 1,
        bucket: values[2]!,
        cells: values[3] === 1 ? values.slice(4) : undefined,
        document: '',
      }));
  }

  clear(): void {
    this.#statements.get('delete from temp._touched').run();
  }
}

function triggersOf(table: Table, t: number): string[] {
  const name = quoted(table.name);
  const bucket = table.bucket === undefined ? 'null' : `old.${quoted(table.bucket)}`;
  // Not `insert or ignore`: the conflict clause of the user's own statement would replace it.
  const note = (id: string, fresh: 0 | 1, value: string, condition = '') =>
    `insert into _touched select ${t}, ${id}, ${fresh}, ${value}
       where ${condition}not exists (select 1 from _touched where t = ${t} and id = ${id});`;
  const trigger = (event: string, body: string) =>
    `create temp trigger if not exists ${quoted(`_capture_${table.name}_${event}`)}
       after ${event} on main.${name} when (select capturing from _capture) begin ${body} end`;
  return [
    trigger('insert', note('new.id', 1, 'null')),
    trigger('update', note('old.id', 0, bucket) + note('new.id', 1, 'null', 'new.id <> old.id and ')),
    trigger('delete', note('old.id', 0, bucket)),
  ];
}
