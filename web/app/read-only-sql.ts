/**
 * What the console on the diagnosis page may run. The engine refuses writes by itself; this refuses, in words, what
 * it cannot see: settings changed by a PRAGMA, and a second statement that would silently not run.
 */
export const MAX_CONSOLE_ROWS = 200;

export type ReadOnlySql =
  | { readonly type: 'allowed'; readonly sql: string }
  | { readonly type: 'refused'; readonly because: 'empty' | 'not-a-read' | 'pragma' | 'several' };

/** Only tell; with an argument they take the name of a table or index. */
const READING_PRAGMAS = new Set([
  'collation_list',
  'compile_options',
  'database_list',
  'freelist_count',
  'function_list',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'page_count',
  'page_size',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
]);

/** The statement to run: a SELECT is cut off after MAX_CONSOLE_ROWS rows and one. */
export function readOnlySql(text: string): ReadOnlySql {
  const bare = text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, ' ').trim();
  if (bare.replaceAll(';', '').trim() === '') return { type: 'refused', because: 'empty' };
  if (/;\s*[^\s;]/.test(bare)) return { type: 'refused', because: 'several' };
  const [, keyword = ''] = /^(\w+)/.exec(bare.toLowerCase()) ?? [];
  switch (keyword) {
    case 'select':
    case 'with':
    case 'values':
      return {
        type: 'allowed',
        sql: `select * from (\n${text.replace(/[;\s]+$/, '')}\n) limit ${MAX_CONSOLE_ROWS + 1}`,
      };
    case 'explain':
      // Some pragmas act while they are prepared.
      return /\bpragma\b/i.test(bare)
        ? { type: 'refused', because: 'pragma' }
        : { type: 'allowed', sql: text };
    case 'pragma': {
      const [, name = ''] = /^pragma\s+(?:\w+\.)?(\w+)\s*(?:\([^)]*\))?[\s;]*$/i.exec(bare) ?? [];
      return READING_PRAGMAS.has(name.toLowerCase())
        ? { type: 'allowed', sql: text }
        : { type: 'refused', because: 'pragma' };
    }
    default:
      return { type: 'refused', because: 'not-a-read' };
  }
}
