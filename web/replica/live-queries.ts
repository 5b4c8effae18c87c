/**
 * Queries whose results follow the data. After each transaction those that may be affected run again, once, and
 * their watchers hear of it only when the result differs. A query is left alone when no table it reads changed,
 * and when its equality predicates prove that no changed row can be in its result (row-filter.ts).
 * The claim, tested: every live result equals the query run afresh.
 */
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlDatabase, SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import { type RowFilter, rowFilterOf } from './row-filter.ts';
import type { SqlAnalysis } from './sql-analysis.ts';
import { assertMayRead } from './statement-rules.ts';
import type { Stop } from './status.ts';

export interface QueryReport {
  readonly sql: string;
  readonly params: SqlParams;
  readonly tables: readonly string[];
  readonly watchers: number;
  readonly runs: number;
  /** Transactions that touched one of its tables and could be proved not to matter. */
  readonly skipped: number;
  readonly lastMs: number;
  readonly rows: number;
}

/** `keys` has one text per row: two rows with one key are equal, so a diff compares texts. */
export type OnRows = (rows: readonly SqlRow[], keys: readonly string[]) => void;

interface Watcher {
  /** It has had a result. */
  told: boolean;
  readonly onRows: OnRows;
  readonly onError: (error: unknown) => void;
}

interface LiveQuery {
  readonly sql: string;
  readonly params: SqlParams;
  readonly watchers: Set<Watcher>;
  /** Undefined: it may read anything. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly filter: RowFilter | undefined;
  rows: readonly SqlRow[];
  keys: readonly string[];
  runs: number;
  skipped: number;
  lastMs: number;
}

export class LiveQueries {
  readonly #sql: SqlDatabase;
  readonly #analysis: SqlAnalysis;
  readonly #nowMs: () => number;
  readonly #byKey = new Map<string, LiveQuery>();
  #holds = 0;
  #missed = false;

  constructor(sql: SqlDatabase, analysis: SqlAnalysis, nowMs: () => number) {
    this.#sql = sql;
    this.#analysis = analysis;
    this.#nowMs = nowMs;
  }

  /**
   * Calls with the first result before the current task ends, but neither before it has returned nor after
   * `Stop`. A statement that fails calls `onError`, once, and is not run again.
   */
  watch(sql: string, params: SqlParams, onRows: OnRows, onError: (error: unknown) => void): Stop {
    const key = JSON.stringify([sql, params], (_, value) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const watcher: Watcher = { told: false, onRows, onError };
    let query = this.#byKey.get(key);
    try {
      if (!query) {
        query = this.#start(sql, params);
        this.#byKey.set(key, query);
      }
    } catch (error) {
      queueMicrotask(() => onError(error));
      return () => {};
    }
    const live = query;
    live.watchers.add(watcher);
    queueMicrotask(() => {
      if (live.watchers.has(watcher) && !watcher.told) tell(watcher, live);
    });
    return () => {
      live.watchers.delete(watcher);
      if (live.watchers.size === 0 && this.#byKey.get(key) === live) this.#byKey.delete(key);
    };
  }

  /** One transaction changed these rows; `tables` names engine tables that changed besides. */
  changed(changes: readonly RowChange[], tables: readonly string[] = []): void {
    if (this.#byKey.size === 0) return;
    if (this.#holds > 0) {
      this.#missed = true;
      return;
    }
    const changesByTable = new Map<string, RowChange[]>();
    for (const change of changes) {
      const known = changesByTable.get(change.table);
      if (known) known.push(change);
      else changesByTable.set(change.table, [change]);
    }
    for (const query of this.#byKey.values()) {
      if (this.#mayMatter(query, changesByTable, tables)) this.#rerun(query);
    }
  }

  /** Rows changed that nobody can name: run everything again. */
  changedAll(): void {
    if (this.#holds > 0) {
      this.#missed = true;
      return;
    }
    for (const query of this.#byKey.values()) this.#rerun(query);
  }

  /** Until the answer is called nobody is told anything: rows go and come back on the way to their place. */
  hold(): Stop {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds--;
      if (this.#holds > 0 || !this.#missed) return;
      this.#missed = false;
      this.changedAll();
    };
  }

  report(): QueryReport[] {
    return [...this.#byKey.values()].map(
      ({ sql, params, tables, watchers, runs, skipped, lastMs, rows }) => ({
        sql,
        params,
        tables: tables ? [...tables].sort() : ['*'],
        watchers: watchers.size,
        runs,
        skipped,
        lastMs,
        rows: rows.length,
      }),
    );
  }

  #start(sql: string, params: SqlParams): LiveQuery {
    assertMayRead(sql, this.#analysis);
    const analysis = this.#analysis.of(sql);
    const query: LiveQuery = {
      sql,
      params,
      watchers: new Set(),
      tables: analysis.readsAnything ? undefined : analysis.reads,
      filter: analysis.readsAnything ? undefined : rowFilterOf(sql, params),
      rows: [],
      keys: [],
      runs: 0,
      skipped: 0,
      lastMs: 0,
    };
    this.#run(query);
    return query;
  }

  #mayMatter(
    query: LiveQuery,
    changesByTable: ReadonlyMap<string, readonly RowChange[]>,
    tables: readonly string[],
  ): boolean {
    if (!query.tables) return true;
    if (tables.some((table) => query.tables!.has(table))) return true;
    let touched = false;
    for (const [table, changes] of changesByTable) {
      if (!query.tables.has(table)) continue;
      touched = true;
      if (!query.filter || changes.some((change) => query.filter!.mayMatter(change))) return true;
    }
    if (touched) query.skipped++;
    return false;
  }

  #rerun(query: LiveQuery): void {
    const before = query.keys;
    try {
      this.#run(query);
    } catch (error) {
      for (const [key, known] of this.#byKey) if (known === query) this.#byKey.delete(key);
      for (const watcher of [...query.watchers]) watcher.onError(error);
      query.watchers.clear();
      return;
    }
    if (sameKeys(query.keys, before)) return;
    for (const watcher of [...query.watchers]) if (query.watchers.has(watcher)) tell(watcher, query);
  }

  #run(query: LiveQuery): void {
    const startedMs = this.#nowMs();
    query.rows = this.#sql.rows(query.sql, query.params);
    query.keys = query.rows.map(keyOf);
    query.runs++;
    query.lastMs = this.#nowMs() - startedMs;
  }
}

function tell(watcher: Watcher, { rows, keys }: LiveQuery): void {
  watcher.told = true;
  watcher.onRows(rows, keys);
}

function keyOf(row: SqlRow): string {
  return JSON.stringify(row, (_key, value) => (value instanceof Uint8Array ? [...value] : value));
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}
