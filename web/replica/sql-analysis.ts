/**
 * What a statement reads and whether it writes, asked of SQLite itself: `EXPLAIN` lists the root page of every
 * table and index that the program opens, also through views, subqueries and CTEs. The answer is kept by text
 * until the schema changes.
 */
import type { SqlDatabase } from '../../shared/mirror/sql.ts';
import { withoutLeading } from '../../shared/mirror/statement-text.ts';

export interface Analysis {
  /** Tables read, by name. */
  readonly reads: ReadonlySet<string>;
  /** It may read any table: a virtual table does not tell which pages it reads. */
  readonly readsAnything: boolean;
  readonly writes: boolean;
  /** Tables that the statement itself writes, not what its triggers do. */
  readonly written: ReadonlySet<string>;
}

/** Distinct statements of an app are some hundreds; the values are parameters. */
const MAX_KEPT = 1000;
const MAIN = 0;
const TEMP = 1;

export class SqlAnalysis {
  readonly #sql: SqlDatabase;
  readonly #byText = new Map<string, Analysis>();
  #tableByRoot: Map<string, string> | undefined;

  constructor(sql: SqlDatabase) {
    this.#sql = sql;
  }

  /** Throws SQLite's own message for text that is not one valid statement. */
  of(text: string): Analysis {
    let analysis = this.#byText.get(text);
    if (!analysis) {
      analysis = this.#analyse(text);
      if (this.#byText.size >= MAX_KEPT) this.#byText.delete(this.#byText.keys().next().value!);
      this.#byText.set(text, analysis);
    }
    return analysis;
  }

  /** Call after a table or index was created or dropped: root pages moved. */
  forget(): void {
    this.#byText.clear();
    this.#tableByRoot = undefined;
  }

  #analyse(text: string): Analysis {
    const reads = new Set<string>();
    let readsAnything = false;
    let writes = false;
    const written = new Set<string>();
    let address = -1;
    // Not through `rows`: EXPLAIN of every text would crowd out the cached statements.
    const statement = this.#sql.prepare(`explain ${withoutLeading(text)}`);
    try {
      for (const [at, opcode, first, second, third] of statement.all()) {
        // The programs of triggers follow, each counting from 0 again.
        const isOwn = Number(at) > address;
        address = isOwn ? Number(at) : Number.POSITIVE_INFINITY;
        // `Clear` empties a whole table, and has its operands elsewhere.
        const [root, database] = opcode === 'Clear' ? [first, second] : [second, third];
        if (opcode === 'OpenRead') {
          const table = this.#tables().get(`${database}.${root}`);
          if (table === undefined) readsAnything = true;
          else reads.add(table);
        } else if (opcode === 'VOpen') {
          readsAnything = true;
        } else if (opcode === 'OpenWrite' || opcode === 'Clear' || opcode === 'VUpdate') {
          writes = true;
          if (isOwn) written.add(this.#tables().get(`${database}.${root}`) ?? '');
        }
      }
    } finally {
      statement.free();
    }
    return { reads, readsAnything, writes, written };
  }

  #tables(): Map<string, string> {
    if (!this.#tableByRoot) {
      // sqlite_schema itself is read by page 1: it never changes under a query's feet.
      this.#tableByRoot = new Map([
        [`${MAIN}.1`, 'sqlite_schema'],
        [`${TEMP}.1`, 'sqlite_temp_schema'],
      ]);
      for (const [database, schema] of [
        [MAIN, 'main.sqlite_schema'],
        [TEMP, 'temp.sqlite_schema'],
      ] as const) {
        const rows = this.#sql.rows(`select rootpage, tbl_name from ${schema} where rootpage > 0`);
        for (const { rootpage, tbl_name } of rows)
          this.#tableByRoot.set(`${database}.${rootpage}`, tbl_name as string);
      }
    }
    return this.#tableByRoot;
  }
}
