/**
 * Which statements a page may run. In a write rows are free; what would end the engine's own transaction, change the
 * mirrored schema or write the engine's own tables is not. A query reads, and leaves the connection as it is.
 */
import { withoutLeading } from '../../shared/mirror/statement-text.ts';
import type { SqlAnalysis } from './sql-analysis.ts';

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [
    /^(begin|commit|end)\b/i,
    'the engine opens and ends the transaction; pass several statements to transaction()',
  ],
  [
    /^rollback\b(?!\s+(transaction\s+)?to\b)/i,
    'throw to roll back; only "rollback to" a savepoint is allowed',
  ],
  [/^(attach|detach|vacuum|pragma|reindex|analyze)\b/i, 'this statement reaches outside the rows'],
  [/^(create|alter|drop)\b/i, 'tables, indexes and views come from the schema'],
];

/** Names of the engine's own tables begin so, and those of a schema never do. */
const OWN_TABLE = /^(?:_|sqlite_)/i;
const NAMES_OWN_TABLE = /\b_[a-z]|\bsqlite_/i;

const READS = /^(?:select|values|explain)\b/i;
/** Those that tell of tables and of the file, and set nothing. */
const READING_PRAGMA =
  /^pragma\s+(?:(?:main|temp)\s*\.\s*)?(?:(?:table_x?info|table_list|index_x?info|index_list|integrity_check|quick_check)\b|(?:compile_options|database_list|function_list|page_count|page_size|freelist_count|schema_version|user_version)\b(?!\s*[=(]))/i;

/** Throws when the statement may not run as part of a write. */
export function assertMayRun(sql: string, analysis: SqlAnalysis): void {
  if (typeof sql !== 'string') throw new Error(`a statement is ${typeof sql}; give a text`);
  const text = withoutLeading(sql);
  for (const [pattern, why] of FORBIDDEN) {
    const match = pattern.exec(text);
    if (match) throw new Error(`"${match[0].toLowerCase()}" may not be run here: ${why}`);
  }
  // A text that names none of them writes none; the others are asked of SQLite, for they may only read them.
  if (!NAMES_OWN_TABLE.test(text)) return;
  const own = [...analysis.of(sql).written].find((table) => OWN_TABLE.test(table));
  if (own !== undefined) throw new Error(`"${own}" may only be read: the engine writes it`);
}

/** Of a statement that may run as part of a write. */
export function onlyReads(sql: string, analysis: SqlAnalysis): boolean {
  const text = withoutLeading(sql);
  return READS.test(text) || (/^with\b/i.test(text) && !analysis.of(sql).writes);
}

/** Throws when the statement does more than read. */
export function assertMayRead(sql: string, analysis: SqlAnalysis): void {
  if (typeof sql !== 'string') throw new Error(`a query is ${typeof sql}; give a text`);
  const text = withoutLeading(sql);
  if (READS.test(text)) return;
  const { writes } = analysis.of(sql);
  if (writes) throw new Error('a query may not write; use execute');
  if (/^with\b/i.test(text) || READING_PRAGMA.test(text)) return;
  const [verb = ''] = /^\w*/.exec(text)!;
  throw new Error(`"${verb.toLowerCase()}" may not be run here: a query only reads`);
}
