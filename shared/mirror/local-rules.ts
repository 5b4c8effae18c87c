/**
 * The rules of a schema on the rows that a local transaction wrote, set by set. A row is refused only for what
 * this transaction did to it: one that merging left in violation can still be edited elsewhere [CAP-5].
 */
import { checksOf, quoted, uniquesOf } from '../schema/ddl-sqlite.ts';
import { type Parts, partsOf } from '../schema/parts.ts';
import { columnsOf } from '../schema/predicate.ts';
import type { Schema, Table } from '../schema/table.ts';
import { RefusedWriteError, type WriteRule } from './refused-write.ts';
import type { Statements } from './statements.ts';

/** What a transaction did to the rows of one table. */
export interface TableWrites {
  readonly table: Table;
  /** Position in the schema, as in temp._touched. */
  readonly t: number;
  readonly hasInserts: boolean;
  readonly hasDeletes: boolean;
  /** Columns changed, by row that was there before; a row not named here is inserted. */
  readonly updates: ReadonlyMap<string, readonly string[]>;
}

export class LocalRules {
  readonly #statements: Statements;
  readonly #schema: Schema;
  readonly #isReadable: (family: string) => boolean;
  readonly #parts: readonly Parts[];

  constructor(statements: Statements, schema: Schema, isReadable: (family: string) => boolean) {
    this.#statements = statements;
    this.#schema = schema;
    this.#isReadable = isReadable;
    this.#parts = partsOf(schema);
  }

  /** Throws RefusedWriteError for the first rule that the writes break. */
  enforce(writes: TableWrites): void {
    const { table } = writes;
    const changed = new Set([...writes.updates.values()].flat());
    const concerns = (columns: readonly string[]) =>
      writes.hasInserts || columns.some((column) => changed.has(column));

    for (const { column, sql } of checksOf(table)) {
      const columns = columnsOf(sql, Object.keys(table.columns));
      if (!concerns(columns)) continue;
      this.#refuse(writes, columns, 'check', `not (${sql})`, () => [column, `check (${sql}) fails`]);
    }
    for (const columns of uniquesOf(table)) {
      if (!concerns(columns)) continue;
      const present = columns.map((column) => `r.${quoted(column)} is not null`);
      const sameKey = columns.map((column) => `o.${quoted(column)} = r.${quoted(column)}`);
      const other = `select 1 from main.${quoted(table.name)} o where ${sameKey.join(' and ')} and o.id <> r.id`;
      this.#refuse(writes, columns, 'unique', `${present.join(' and ')} and exists (${other})`, () => [
        columns.join(),
        'another row has the same value',
      ]);
    }
    for (const [column, { references }] of Object.entries(table.columns)) {
      if (references === undefined || !concerns([column])) continue;
      if (!this.#isReadableTable(references)) continue;
      const target = `select 1 from main.${quoted(references)} o where o.id = r.${quoted(column)}`;
      const broken = `r.${quoted(column)} is not null and not exists (${target})`;
      this.#refuse(writes, [column], 'reference', broken, () => [column, `no such row in ${references}`]);
    }
    for (const parts of this.#parts) this.#enforceParts(parts, writes, concerns);
    if (writes.hasDeletes) this.#enforceIncoming(writes);
  }

  /** A sealed whole takes no open part, and is sealed with its parts [SEAL-1]. */
  #enforceParts(
    { table, column, whole, isOpen, isSealed }: Parts,
    writes: TableWrites,
    concerns: (columns: readonly string[]) => boolean,
  ): void {
    const ofPart = [column, ...columnsOf(isOpen, Object.keys(table.columns))];
    if (writes.table === table && concerns(ofPart)) {
      const sealed = `select 1 from main.${quoted(whole.name)} where id = r.${quoted(column)} and (${isSealed})`;
      this.#refuse(writes, ofPart, 'sealed', `${isOpen} and exists (${sealed})`, () => [
        column,
        `its row of ${whole.name} is sealed`,
      ]);
    }
    const ofWhole = columnsOf(isSealed, Object.keys(whole.columns));
    if (writes.table === whole && concerns(ofWhole)) {
      const open = `select 1 from main.${quoted(table.name)} where ${quoted(column)} = r.id and ${isOpen}`;
      this.#refuse(writes, ofWhole, 'sealed', `(${isSealed}) and exists (${open})`, () => [
        '',
        `a row of ${table.name} is not sealed with it`,
      ]);
    }
  }

  /** Refuses when a row that meets `broken` was inserted, or had one of `columns` changed. */
  #refuse(
    { table, t, updates }: TableWrites,
    columns: readonly string[],
    rule: WriteRule,
    broken: string,
    describe: () => readonly [column: string, why: string],
  ): void {
    const found = this.#statements
      .get(
        `select r.id from temp._touched x cross join main.${quoted(table.name)} r on r.rowid = x._rid and r.id = x._id
         where x._t = ${t} and ${broken}`,
      )
      .all();
    for (const [value] of found) {
      const row = String(value);
      const changed = updates.get(row);
      if (changed !== undefined && !columns.some((column) => changed.includes(column))) continue;
      const [column, why] = describe();
      throw new RefusedWriteError({ rule, table: table.name, column, row }, why);
    }
  }

  /** A row that others point to cannot be deleted; deleting both in one transaction can. */
  #enforceIncoming({ table, t }: TableWrites): void {
    for (const child of this.#schema.tables) {
      for (const [column, { references }] of Object.entries(child.columns)) {
        if (references !== table.name) continue;
        const orphan = this.#statements
          .get(
            `select x._id, c.id from (
               select _id from temp._touched x where x._t = ${t} and x._fresh = 0
                 and not exists (select 1 from main.${quoted(table.name)} r where r.id = x._id)
             ) x cross join main.${quoted(child.name)} c on c.${quoted(column)} = x._id limit 1`,
          )
          .all()[0];
        if (!orphan) continue;
        throw new RefusedWriteError(
          { rule: 'reference', table: table.name, column: '', row: String(orphan[0]) },
          `row ${orphan[1]} of ${child.name} points to it in ${column}`,
        );
      }
    }
  }

  #isReadableTable(name: string): boolean {
    const table = this.#schema.tables.find((candidate) => candidate.name === name);
    return table !== undefined && this.#isReadable(table.family);
  }
}
