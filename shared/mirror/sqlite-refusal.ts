/**
 * What SQLite itself refuses of a write, in the words of the rules that capture checks [CAP-6]: an id that is there
 * already, none at all, and a value of another kind than its column. SQLite names table and column; the row is read
 * from the statement, where it says which.
 */
import type { CellValue } from '../schema/table.ts';
import { RefusedWriteError, type WriteRule } from './refused-write.ts';
import type { SqlDatabase, SqlParams } from './sql.ts';

const REFUSALS: readonly (readonly [RegExp, WriteRule, string])[] = [
  [/^UNIQUE constraint failed: (\w+)\.(\w+)$/, 'unique', 'another row has the same value'],
  [/^NOT NULL constraint failed: (\w+)\.(\w+)$/, 'not-null', 'null is not allowed'],
  [
    /^cannot store (\w+) value in \w+ column (\w+)\.(\w+)$/,
    'type',
    'the value is not of the kind of the column',
  ],
];

/** Undefined when it is no refusal of a row. Call before the rollback. */
export function refusedBySqlite(
  sql: SqlDatabase,
  error: unknown,
  statement: { readonly sql: string; readonly params: SqlParams },
): RefusedWriteError | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const [pattern, rule, why] of REFUSALS) {
    const match = pattern.exec(error.message);
    if (!match) continue;
    const [table, column] = match.slice(-2) as [string, string];
    const row = rule === 'not-null' ? '' : rowOf(sql, table, statement);
    const isId = rule === 'unique' && column === 'id';
    return new RefusedWriteError(
      { rule, table, column, row },
      isId ? 'a row with this id is there already' : why,
    );
  }
  return undefined;
}

/** The id that the statement inserts; else the only row of the table that it names; else ''. */
function rowOf(
  sql: SqlDatabase,
  table: string,
  statement: { readonly sql: string; readonly params: SqlParams },
): string {
  const inserted = insertedId(statement.sql, statement.params);
  if (inserted !== undefined) return inserted;
  const texts = new Set(tokensOf(statement.sql).flatMap((token) => textOf(token) ?? []));
  for (const param of Object.values(statement.params)) if (typeof param === 'string') texts.add(param);
  const rows = sql.rows(
    `select id from main."${table}" where id in (select value from json_each(?)) limit 2`,
    [JSON.stringify([...texts])],
  );
  return rows.length === 1 ? String(rows[0]!.id) : '';
}

const INSERT =
  /^\s*(?:insert|replace)\b[^(]*?\binto\s+(?:\w+\s*\.\s*)?(?:\w+|"\w+")\s*(?:\(([^()]*)\))?\s*values\s*\(/i;

/** Of an insert of one row whose id is a parameter or a text. */
function insertedId(sql: string, params: SqlParams): string | undefined {
  const insert = INSERT.exec(sql);
  if (!insert) return undefined;
  const columns = insert[1]?.split(',').map((name) => name.trim().replaceAll('"', '').toLowerCase());
  const place = columns === undefined ? 0 : columns.indexOf('id');
  let depth = 0;
  let at = 0;
  let positional = 0;
  let id: CellValue | undefined;
  const tokens = tokensOf(sql.slice(insert[0].length));
  for (const [index, token] of tokens.entries()) {
    const isAlone = /^[,)]$/.test(tokens[index + 1] ?? '') && (index === 0 || tokens[index - 1] === ',');
    if (token === '?') positional++;
    if (depth === 0 && at === place && isAlone) {
      if (token === '?') id = params[positional - 1];
      else id = textOf(token) ?? id;
    }
    if (token === '(') depth++;
    else if (token === ',' && depth === 0) at++;
    else if (token === ')' && depth-- === 0) {
      const hasMoreRows = tokens[index + 1] === ',';
      return hasMoreRows || typeof id !== 'string' ? undefined : id;
    }
  }
  return undefined;
}

/** Texts, parameters, words and single signs; comments and space are left out. */
function tokensOf(sql: string): string[] {
  return sql.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|[^\s\w]/g) ?? [];
}

function textOf(token: string): string | undefined {
  return token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : undefined;
}
