/**
 * Proves that a changed row cannot matter to a query: neither as it was nor as it is does it satisfy the equalities
 * that the query asks of its table. Understands plain selects with joins; whatever it does not understand has no
 * filter, so the query runs again: never wrong, at worst slower [LIVE-2].
 *
 *   select … from orders o left join lines l on l.order_id = o.id where o.status = ? and o.id in (?, ?)
 *                                                                       └ o: status = …, id in …
 */
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlParams, SqlRow } from '../../shared/mirror/sql.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import { type Token, tokensOf } from './sql-tokens.ts';

export interface RowFilter {
  /** False only when the row, before and after, is outside what the query can see. */
  mayMatter(change: RowChange): boolean;
}

/** The column has one of the values. */
interface Equality {
  readonly column: string;
  readonly values: readonly CellValue[];
}

interface Source {
  readonly table: string;
  readonly alias: string;
  readonly equalities: Equality[];
}

/** Words after which a text is more than a plain select, or means something else than it seems. */
const NOT_PLAIN = new Set([
  'union',
  'except',
  'intersect',
  'with',
  'right',
  'full',
  'natural',
  'collate',
  'case',
]);
const END_OF_WHERE = new Set(['group', 'order', 'limit', 'having', 'window']);
const JOIN_WORDS = new Set(['join', 'left', 'inner', 'cross', 'outer']);

export function rowFilterOf(sql: string, params: SqlParams): RowFilter | undefined {
  const tokens = tokensOf(sql);
  if (!tokens || !isPlain(tokens)) return undefined;
  const from = topLevel(tokens, 0, (text) => text === 'from');
  if (from === undefined) return undefined;
  const where =
    topLevel(tokens, from + 1, (text) => text === 'where' || END_OF_WHERE.has(text)) ?? tokens.length;
  const sources = readFrom(tokens.slice(from + 1, where), params);
  if (!sources) return undefined;
  if (tokens[where]?.text === 'where') {
    const end = topLevel(tokens, where + 1, (text) => END_OF_WHERE.has(text)) ?? tokens.length;
    for (const condition of conjuncts(tokens.slice(where + 1, end)) ?? [])
      addEquality(condition, params, sources);
  }
  if (sources.every(({ equalities }) => equalities.length === 0)) return undefined;
  return new EqualityFilter(sources);
}

class EqualityFilter implements RowFilter {
  readonly #sourcesByTable = new Map<string, Source[]>();

  constructor(sources: readonly Source[]) {
    for (const source of sources) {
      this.#sourcesByTable.set(source.table, [...(this.#sourcesByTable.get(source.table) ?? []), source]);
    }
  }

  mayMatter({ table, before, after }: RowChange): boolean {
    const sources = this.#sourcesByTable.get(table);
    // A table behind a view.
    if (!sources) return true;
    return sources.some(({ equalities }) => satisfies(before, equalities) || satisfies(after, equalities));
  }
}

function satisfies(row: SqlRow | undefined, equalities: readonly Equality[]): boolean {
  return (
    row !== undefined &&
    equalities.every(({ column, values }) => values.some((value) => mayEqual(row[column], value)))
  );
}

/** SQLite compares across types by rules of its own; only values of one type are told apart here. */
function mayEqual(cell: CellValue | undefined, value: CellValue): boolean {
  if (cell === undefined || typeof cell !== typeof value) return cell !== null;
  return typeof cell === 'object' ? cell !== null : cell === value;
}

function isPlain(tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ kind }) => kind === 'word');
  return (
    words[0]?.text === 'select' &&
    words.filter(({ text }) => text === 'select').length === 1 &&
    !words.some(({ text }) => NOT_PLAIN.has(text))
  );
}

/** Place of the first word outside parentheses that is asked for. */
function topLevel(
  tokens: readonly Token[],
  start: number,
  is: (text: string) => boolean,
): number | undefined {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!;
    if (kind === 'symbol' && text === '(') depth++;
    else if (kind === 'symbol' && text === ')') depth--;
    else if (depth === 0 && kind === 'word' && is(text)) return at;
  }
  return undefined;
}

/** `orders o join lines as l on … , items`; undefined when a source is not a plain table. */
function readFrom(tokens: readonly Token[], params: SqlParams): Source[] | undefined {
  const sources: Source[] = [];
  let at = 0;
  while (at < tokens.length) {
    const table = tokens[at++];
    if (table?.kind !== 'word') return undefined;
    if (tokens[at]?.text === 'as') at++;
    let alias = table.text;
    const next = tokens[at];
    if (next?.kind === 'word' && !JOIN_WORDS.has(next.text) && next.text !== 'on' && next.text !== 'using') {
      alias = next.text;
      at++;
    }
    const source: Source = { table: table.text, alias, equalities: [] };
    sources.push(source);
    if (tokens[at]?.text === 'using') return undefined;
    if (tokens[at]?.text === 'on') {
      const end = endOfOn(tokens, at + 1);
      // Of an outer join only what is asked of the joined table itself narrows what the query sees of it.
      for (const condition of conjuncts(tokens.slice(at + 1, end)) ?? [])
        addEquality(condition, params, [source], false);
      at = end;
    }
    if (at >= tokens.length) break;
    if (tokens[at]!.text === ',') at++;
    else {
      while (at < tokens.length && tokens[at]!.kind === 'word' && JOIN_WORDS.has(tokens[at]!.text)) at++;
      if (tokens[at - 1]?.text !== 'join') return undefined;
    }
  }
  return sources.length > 0 ? sources : undefined;
}

function endOfOn(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!;
    if (text === '(' && kind === 'symbol') depth++;
    else if (text === ')' && kind === 'symbol') depth--;
    else if (
      depth === 0 &&
      ((kind === 'word' && JOIN_WORDS.has(text)) || (kind === 'symbol' && text === ','))
    )
      return at;
  }
  return tokens.length;
}

/** The conditions joined by `and`; undefined when an `or` joins them, for then none has to hold. */
function conjuncts(tokens: readonly Token[]): readonly (readonly Token[])[] | undefined {
  const parts: Token[][] = [[]];
  let depth = 0;
  let between = false;
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === '(') depth++;
    if (token.kind === 'symbol' && token.text === ')') depth--;
    if (depth === 0 && token.kind === 'word') {
      if (token.text === 'or') return undefined;
      if (token.text === 'between') between = true;
      else if (token.text === 'and') {
        if (!between) {
          parts.push([]);
          continue;
        }
        between = false;
      }
    }
    parts.at(-1)!.push(token);
  }
  return parts;
}

/** `o.status = ?`, `? = o.status`, `o.id in (?, 'x')`; anything else adds nothing. */
function addEquality(
  tokens: readonly Token[],
  params: SqlParams,
  sources: readonly Source[],
  allowBare = sources.length === 1,
): void {
  const column = readColumn(tokens, 0);
  if (column) {
    const operator = tokens[column.end];
    if (operator?.text === '=' || operator?.text === '==') {
      const value = tokens.length === column.end + 2 ? cellOf(tokens[column.end + 1]!, params) : undefined;
      if (value !== undefined) place(column, [value]);
    } else if (operator?.kind === 'word' && operator.text === 'in') {
      const values = listOf(tokens.slice(column.end + 1), params);
      if (values) place(column, values);
    }
    return;
  }
  const [first, operator] = tokens;
  if (!first || (operator?.text !== '=' && operator?.text !== '==')) return;
  const value = cellOf(first, params);
  const reversed = readColumn(tokens, 2);
  if (value !== undefined && reversed && reversed.end === tokens.length) place(reversed, [value]);

  function place(found: { alias: string | undefined; name: string }, values: readonly CellValue[]): void {
    // Null equals nothing; what it means for the query is left to SQLite.
    if (values.some((value) => value === null)) return;
    const source =
      found.alias === undefined
        ? allowBare
          ? sources[0]
          : undefined
        : sources.find(({ alias }) => alias === found.alias);
    source?.equalities.push({ column: found.name, values });
  }
}

function readColumn(
  tokens: readonly Token[],
  at: number,
): { readonly alias: string | undefined; readonly name: string; readonly end: number } | undefined {
  if (tokens[at]?.kind !== 'word' || tokens[at]!.text === 'not') return undefined;
  if (tokens[at + 1]?.text !== '.') return { alias: undefined, name: tokens[at]!.text, end: at + 1 };
  if (tokens[at + 2]?.kind !== 'word') return undefined;
  return { alias: tokens[at]!.text, name: tokens[at + 2]!.text, end: at + 3 };
}

function listOf(tokens: readonly Token[], params: SqlParams): readonly CellValue[] | undefined {
  if (tokens[0]?.text !== '(' || tokens.at(-1)?.text !== ')') return undefined;
  const values: CellValue[] = [];
  const inside = tokens.slice(1, -1);
  for (const [index, token] of inside.entries()) {
    if (index % 2 === 1) {
      if (token.text !== ',') return undefined;
      continue;
    }
    const value = cellOf(token, params);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function cellOf(token: Token, params: SqlParams): CellValue | undefined {
  if (token.kind === 'parameter') return params[Number(token.text)];
  if (token.kind === 'string') return token.text;
  if (token.kind === 'number') return Number(token.text);
  return undefined;
}
