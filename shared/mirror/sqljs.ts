/**
 * sql.js as SqlDatabase: the only file that knows it. In Node the wasm is found beside the package; a worker
 * passes what it compiled itself.
 */
import initSqlJs, { type Database, type SqlJsStatic, type Statement } from 'sql.js';
import type { CellValue } from '../schema/table.ts';
import type { DatabaseFile } from './database-file.ts';
import { type Parameters, parametersOf, unfilledParams, unusableParam } from './params.ts';
import type { SqlDatabase, SqlParams, SqlRow, SqlStatement } from './sql.ts';
import { assertOneStatement, withoutLeading } from './statement-text.ts';

/** Statements kept prepared for `run` and `rows`; a page has some dozens of distinct queries. */
const MAX_CACHED_STATEMENTS = 256;

/** Loads the wasm once; share the answer between databases. */
export async function loadSqlJs(wasm?: Promise<WebAssembly.Module>): Promise<SqlJsStatic> {
  if (wasm === undefined) return initSqlJs();
  const module = await wasm;
  return initSqlJs({
    // As emscripten asks for it: starts here, and tells when it is there.
    instantiateWasm: (imports, onInstance) => {
      void WebAssembly.instantiate(module, imports).then((instance) => onInstance(instance));
      return {};
    },
  });
}

/** An empty database, or the one in `image`. */
export function openSqlJs(sqlJs: SqlJsStatic, image?: Uint8Array | DatabaseFile): SqlDatabase {
  const bytes = image === undefined || image instanceof Uint8Array ? image : image.asBytes();
  return new SqlJsDatabase(new sqlJs.Database(bytes ?? null));
}

class SqlJsDatabase implements SqlDatabase {
  readonly #database: Database;
  /** In order of last use, so that the first is the one to drop. */
  readonly #statements = new Map<string, SqlJsStatement>();
  /** A bulk write runs one text many thousand times. */
  #last: { readonly sql: string; readonly statement: SqlJsStatement } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, params?: SqlParams): void {
    this.#cached(sql).run(params);
  }

  rows(sql: string, params?: SqlParams): SqlRow[] {
    const statement = this.#cached(sql);
    const rows = statement.all(params);
    const names = statement.columns();
    return rows.map((cells) => {
      const row: Record<string, CellValue> = {};
      for (let index = 0; index < names.length; index++) row[names[index]!] = cells[index]!;
      return row;
    });
  }

  prepare(sql: string): SqlJsStatement {
    assertOneStatement(sql);
    const statement = this.#database.prepare(sql);
    // EXPLAIN tells of the statement, and needs no values.
    const isExplained = /^explain\b/i.test(withoutLeading(sql));
    return new SqlJsStatement(statement, isExplained ? undefined : parametersOf(sql));
  }

  changes(): number {
    return this.#database.getRowsModified();
  }

  export(): Uint8Array {
    return this.#database.export();
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.free();
    this.#statements.clear();
    this.#last = undefined;
    this.#database.close();
  }

  #cached(sql: string): SqlJsStatement {
    if (this.#last?.sql === sql) return this.#last.statement;
    let statement = this.#statements.get(sql);
    if (statement) {
      this.#statements.delete(sql);
    } else {
      statement = this.prepare(sql);
      if (this.#statements.size >= MAX_CACHED_STATEMENTS) {
        const [oldest, unused] = this.#statements.entries().next().value!;
        this.#statements.delete(oldest);
        unused.free();
      }
    }
    this.#statements.set(sql, statement);
    this.#last = { sql, statement };
    return statement;
  }
}

class SqlJsStatement implements SqlStatement {
  readonly #statement: Statement;
  /** Undefined: it runs without values as well. */
  readonly #parameters: Parameters | undefined;

  constructor(statement: Statement, parameters: Parameters | undefined) {
    this.#statement = statement;
    this.#parameters = parameters;
  }

  run(params?: SqlParams): void {
    try {
      this.#bind(params);
      while (this.#statement.step()) {
        // Rows of a statement that returns some are not wanted here.
      }
    } finally {
      this.#statement.reset();
    }
  }

  all(params?: SqlParams): CellValue[][] {
    const rows: CellValue[][] = [];
    try {
      this.#bind(params);
      while (this.#statement.step()) rows.push(this.#statement.get());
    } finally {
      // A statement that is not reset keeps its read transaction open.
      this.#statement.reset();
    }
    return rows;
  }

  columns(): string[] {
    return this.#statement.getColumnNames();
  }

  free(): void {
    this.#statement.free();
  }

  #bind(params: SqlParams | undefined): void {
    const unfilled = this.#parameters && unfilledParams(this.#parameters, params);
    if (unfilled !== undefined) throw new Error(unfilled);
    try {
      this.#statement.bind(asNumbers(params as CellValue[] | undefined) ?? null);
    } catch (error) {
      // For a value of an unknown kind sql.js throws a text.
      throw error instanceof Error ? error : new Error(unusableParam(params) ?? String(error));
    }
  }
}

/** sql.js binds a bigint as a text, which equals no number. */
function asNumbers(params: CellValue[] | undefined): CellValue[] | undefined {
  if (!Array.isArray(params) || !params.some(isBigint)) return params;
  return params.map((value) =>
    isBigint(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value,
  );
}

function isBigint(value: unknown): boolean {
  return typeof value === 'bigint';
}
