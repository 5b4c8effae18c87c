/**
 * `_violation`: merged rows that break a declared rule. Two devices can each keep every rule and break one
 * together, so merged rows are never refused: they are listed, the same on every replica, until someone mends
 * the data. Works on the rows a transaction touched, and on whatever those rows can have broken or mended:
 *
 *   check       the touched rows themselves
 *   unique      every row that shares a key with a touched row, or shared one
 *   reference   the touched rows, and rows that point to a touched one
 *   sealed      parts that are open while their whole is sealed, of touched parts and of touched wholes
 *
 * The keeper of a unique key is the row made first, then the lower id: a function of the rows alone [MIR-4].
 */
import { checksOf, quoted, sqlLiteral, uniquesOf } from '../schema/ddl-sqlite.ts';
import { type Parts, partsOf } from '../schema/parts.ts';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import type { Statements } from './statements.ts';

/** In the order in which the statements below give them. */
const COLUMNS = '(kind, table_name, row_id, rule, device, hlc, key, keeper_id, document)';

/** What the touched rows did, where it is known; a rule that they cannot have broken is not looked at. */
export interface TouchedHint {
  readonly vanished: boolean;
  readonly appeared: boolean;
}

interface Incoming {
  readonly table: Table;
  readonly column: string;
}

export class Violations {
  readonly #statements: Statements;
  readonly #isReadable: (family: string) => boolean;
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #incoming = new Map<string, Incoming[]>();
  readonly #parts: readonly Parts[];

  constructor(statements: Statements, schema: Schema, isReadable: (family: string) => boolean) {
    this.#statements = statements;
    this.#isReadable = isReadable;
    this.#tables = new Map(schema.tables.map((table) => [table.name, table]));
    this.#parts = partsOf(schema);
    for (const table of schema.tables) {
      for (const [column, { references }] of Object.entries(table.columns)) {
        if (references === undefined) continue;
        const incoming = this.#incoming.get(references) ?? [];
        incoming.push({ table, column });
        this.#incoming.set(references, incoming);
      }
    }
  }

  /** TEMP tables of the work in hand; they must exist before any transaction that may be rolled back. */
  static readonly tempTables = `
    create temp table if not exists _settle (_id text primary key) without rowid;
    create temp table if not exists _settle_key (key text primary key) without rowid;
  `;

  get isEmpty(): boolean {
    return this.#statements.get('select 1 from main._violation limit 1').all().length === 0;
  }

  /** Brings the rules on these rows up to date with the SQL tables. */
  settle(table: Table, ids: Iterable<string>, hint: TouchedHint): void {
    this.#run('delete from temp._settle');
    this.#run('insert or ignore into temp._settle select value from json_each(?)', [
      JSON.stringify([...ids]),
    ]);
    this.#settleTouched(table, hint);
  }

  /** Every rule of every table, from nothing. */
  settleAll(): void {
    this.#run("delete from main._violation where document = ''");
    for (const table of this.#tables.values()) {
      this.#run('delete from temp._settle');
      this.#run(`insert into temp._settle select id from main.${quoted(table.name)}`);
      this.#settleTouched(table, { vanished: false, appeared: false });
    }
  }

  #settleTouched(table: Table, { vanished, appeared }: TouchedHint): void {
    const wasEmpty = this.isEmpty;
    const name = `main.${quoted(table.name)}`;
    const literal = sqlLiteral(table.name);
    if (!wasEmpty) {
      this.#run(
        `delete from main._violation where kind in ('check', 'reference') and table_name = ${literal} and row_id in (select _id from temp._settle)`,
      );
    }
    for (const { sql } of checksOf(table)) {
      this.#run(
        `insert or ignore into main._violation ${COLUMNS}
         select 'check', ${literal}, t.id, ${sqlLiteral(sql)}, '', 0, null, null, ''
         from temp._settle s cross join ${name} t on t.id = s._id where not (${sql})`,
      );
    }
    for (const [column, { references }] of Object.entries(table.columns)) {
      const target = references === undefined ? undefined : this.#tables.get(references);
      if (target && this.#isReadable(target.family)) this.#addReferences(table, column, target);
    }
    for (const columns of uniquesOf(table)) this.#settleUnique(table, columns, wasEmpty);
    for (const parts of this.#parts) {
      if (parts.table === table) this.#settleParts(parts, 't.id', wasEmpty);
      if (parts.whole === table) this.#settleParts(parts, `t.${quoted(parts.column)}`, wasEmpty);
    }
    for (const incoming of this.#incoming.get(table.name) ?? []) {
      if (!this.#isReadable(table.family)) continue;
      if (vanished) this.#addOrphans(table, incoming);
      if (appeared && !wasEmpty) this.#removeOrphans(table, incoming);
    }
  }

  /** Open parts of sealed wholes, where `touched`, the part's id or its whole's, is a touched row. */
  #settleParts({ table, column, whole, isOpen, isSealed }: Parts, touched: string, wasEmpty: boolean): void {
    const [literal, rule] = [sqlLiteral(table.name), sqlLiteral(column)];
    if (!wasEmpty) {
      this.#run(
        `delete from main._violation where kind = 'sealed' and document = '' and table_name = ${literal} and rule = ${rule}
         and ${touched === 't.id' ? 'row_id' : 'key'} in (select _id from temp._settle)`,
      );
    }
    this.#run(
      `insert or ignore into main._violation ${COLUMNS}
       select 'sealed', ${literal}, t.id, ${rule}, '', 0, t.${quoted(column)}, null, ''
       from temp._settle s cross join main.${quoted(table.name)} t on ${touched} = s._id
       where ${isOpen} and exists (select 1 from main.${quoted(whole.name)} where id = t.${quoted(column)} and (${isSealed}))`,
    );
  }

  #addReferences(table: Table, column: string, target: Table): void {
    this.#run(
      `insert or ignore into main._violation ${COLUMNS}
       select 'reference', ${sqlLiteral(table.name)}, t.id, ${sqlLiteral(column)}, '', 0, t.${quoted(column)}, null, ''
       from temp._settle s cross join main.${quoted(table.name)} t on t.id = s._id
       where t.${quoted(column)} is not null
         and not exists (select 1 from main.${quoted(target.name)} x where x.id = t.${quoted(column)})`,
    );
  }

  #addOrphans(target: Table, { table, column }: Incoming): void {
    this.#run(
      `insert or ignore into main._violation ${COLUMNS}
       select 'reference', ${sqlLiteral(table.name)}, c.id, ${sqlLiteral(column)}, '', 0, c.${quoted(column)}, null, ''
       from (select _id from temp._settle s where not exists (select 1 from main.${quoted(target.name)} x where x.id = s._id)) s
       cross join main.${quoted(table.name)} c on c.${quoted(column)} = s._id`,
    );
  }

  #removeOrphans(target: Table, { table, column }: Incoming): void {
    this.#run(
      `delete from main._violation where kind = 'reference' and rule = ${sqlLiteral(column)} and table_name = ${sqlLiteral(table.name)}
       and key in (select s._id from temp._settle s cross join main.${quoted(target.name)} x on x.id = s._id)`,
    );
  }

  #settleUnique(table: Table, columns: readonly string[], wasEmpty: boolean): void {
    const name = `main.${quoted(table.name)}`;
    const literal = sqlLiteral(table.name);
    const rule = sqlLiteral(columns.join());
    const key = `json_array(${columns.map((column) => `t.${quoted(column)}`).join(', ')})`;
    const present = columns.map((column) => `t.${quoted(column)} is not null`).join(' and ');
    const sameKey = columns.map((column) => `x.${quoted(column)} = t.${quoted(column)}`).join(' and ');
    this.#run('delete from temp._settle_key');
    if (!wasEmpty) {
      this.#run(
        `insert or ignore into temp._settle_key select key from main._violation
         where kind = 'unique' and rule = ${rule} and table_name = ${literal}
           and (row_id in (select _id from temp._settle) or keeper_id in (select _id from temp._settle))`,
      );
    }
    this.#run(
      `insert or ignore into temp._settle_key select ${key}
       from temp._settle s cross join ${name} t on t.id = s._id
       where ${present} and exists (select 1 from ${name} x where ${sameKey} and x.id <> t.id)`,
    );
    if (this.#statements.get('select 1 from temp._settle_key limit 1').all().length === 0) return;
    this.#run(
      `delete from main._violation where kind = 'unique' and rule = ${rule} and table_name = ${literal}
       and key in (select key from temp._settle_key)`,
    );
    const inKey = columns.map((column, index) => `t.${quoted(column)} = json_extract(k.key, '$[${index}]')`);
    this.#run(
      `insert into main._violation ${COLUMNS}
       select 'unique', ${literal}, id, ${rule}, '', 0, key, keeper, '' from (
         select t.id, k.key,
           (select x.id from ${name} x where ${sameKey} order by x.created_at, x.id limit 1) as keeper
         from temp._settle_key k cross join ${name} t on ${inKey.join(' and ')}
       ) where id <> keeper`,
    );
  }

  #run(sql: string, params?: readonly CellValue[]): void {
    this.#statements.get(sql).run(params);
  }
}
