/**
 * `window.espejo`: what consoles, scripts and tests may ask of this device's database. People type these calls, so a wrong
 * one is refused here in a sentence; signing in, acting as somebody and ending the engine are not among them.
 */
import { unusableParam } from '../../shared/mirror/params.ts';
import type { EngineClient } from '../client/engine-client.ts';
import type { Params, Statement, TextRef, WriteOptions } from '../client/engine-messages.ts';

export type EspejoConsole = Pick<
  EngineClient,
  | 'query'
  | 'execute'
  | 'transaction'
  | 'status'
  | 'verify'
  | 'resolve'
  | 'undo'
  | 'redo'
  | 'exportSqlite'
  | 'exportRescue'
  | 'importRescue'
>;

/** Each call is a promise, also a refused one. */
export function consoleOf(engine: EngineClient): EspejoConsole {
  const query = async (statement: string | Statement, params?: Params) => {
    const { sql, params: values = [] } = isObject(statement) ? statement : { sql: statement, params };
    assertText(sql, 'a query');
    assertParams(values);
    return engine.query(sql, values);
  };
  return Object.freeze({
    query: query as EngineClient['query'],
    execute: async (sql: string, params: Params = [], options: WriteOptions = {}) => {
      assertText(sql, 'a statement');
      assertParams(params);
      assertOptions(options);
      return engine.execute(sql, params, options);
    },
    transaction: async (statements: readonly Statement[], options: WriteOptions = {}) => {
      if (!Array.isArray(statements))
        throw new Error(`a transaction is an array of { sql, params }; ${nameOf(statements)} was given`);
      statements.forEach((statement: unknown, index) => {
        const place = `statement ${index + 1}`;
        if (!isObject(statement)) throw new Error(`${place} is ${nameOf(statement)}; give { sql, params }`);
        assertText(statement.sql, place);
        assertParams(statement.params ?? [], place);
      });
      assertOptions(options);
      return engine.transaction(statements, options);
    },
    status: () => engine.status(),
    verify: () => engine.verify(),
    resolve: async (ref: TextRef, value: Parameters<EngineClient['resolve']>[1]) => {
      if (!isObject(ref) || [ref.table, ref.id, ref.column].some((part) => typeof part !== 'string'))
        throw new Error('a conflict is { table, id, column }, each a text, as "_conflict" names them');
      assertParams([value]);
      return engine.resolve(ref, value);
    },
    undo: async (commit?: string) => {
      if (commit !== undefined) assertText(commit, 'a commit');
      return engine.undo(commit);
    },
    redo: () => engine.redo(),
    exportSqlite: () => engine.exportSqlite(),
    exportRescue: () => engine.exportRescue(),
    importRescue: async (file: Uint8Array) => {
      if (!(file instanceof Uint8Array))
        throw new Error(`a rescue file is its bytes, a Uint8Array; ${nameOf(file)} was given`);
      return engine.importRescue(file);
    },
  });
}

function assertText(text: unknown, what: string): asserts text is string {
  if (typeof text !== 'string') throw new Error(`${what} is a text; ${nameOf(text)} was given`);
  if (text.trim() === '') throw new Error(`${what} is a text; an empty one was given`);
}

/** A message between page and worker can hold neither functions nor symbols, and says so in words of its own. */
function assertParams(params: unknown, where = ''): void {
  const unusable = unusableParam(params);
  if (unusable !== undefined) throw new Error(where === '' ? unusable : `${where}: ${unusable}`);
}

function assertOptions(options: unknown): void {
  const label = isObject(options) ? (options.label ?? '') : undefined;
  if (typeof label !== 'string')
    throw new Error('the options of a write are { label }, a text that says what was done');
}

function isObject(value: unknown): value is Record<string, unknown> & Statement & TextRef {
  return typeof value === 'object' && value !== null;
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}
