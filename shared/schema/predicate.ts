/**
 * A small part of SQL's expressions, evaluated on a row in JavaScript as SQLite evaluates it: what tells that a
 * row is sealed must be decided while registers merge, where there is no database.
 *
 *   or:       and ('or' and)*                    comparison: = == <> != < <= > >=, is [not] null, [not] in (…)
 *   and:      not ('and' not)*                   operand:    column, 'text', number, null, (or)
 */
import type { CellValue } from './table.ts';

/** Null is SQL's unknown. */
type Truth = boolean | null;
type Cells = (column: string) => CellValue;
type Evaluate = (cells: Cells) => CellValue;

/** True when the row makes the expression true; unknown and false are both false. */
export type Predicate = (cells: Cells) => boolean;

/** Throws for what is outside the grammar above. */
export function parsePredicate(sql: string): Predicate {
  const parser = new Parser(sql);
  const evaluate = parser.parse();
  return (cells) => truthOf(evaluate(cells)) === true;
}

/** Names of the columns that a SQL expression may read: every word outside a text that is a known column. */
export function columnsOf(sql: string, columns: Iterable<string>): string[] {
  const words = new Set(sql.replaceAll(/'(?:[^']|'')*'/g, ' ').match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  return [...columns].filter((column) => words.has(column));
}

const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*|"[^"]+")|(<>|<=|>=|!=|==|[=<>(),-]))/y;

class Parser {
  readonly #sql: string;
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(sql: string) {
    this.#sql = sql;
    TOKEN.lastIndex = 0;
    const text = sql.trimEnd();
    while (TOKEN.lastIndex < text.length) {
      const match = TOKEN.exec(text);
      if (!match) throw new Error(`expression "${sql}" holds what a sealedWhen may not`);
      this.#tokens.push(match[0].trim());
    }
  }

  parse(): Evaluate {
    const evaluate = this.#or();
    if (this.#at < this.#tokens.length) this.#fail();
    return evaluate;
  }

  #or(): Evaluate {
    let left = this.#and();
    while (this.#take('or')) {
      const [a, b] = [left, this.#and()];
      left = (cells) => numberOf(or(truthOf(a(cells)), truthOf(b(cells))));
    }
    return left;
  }

  #and(): Evaluate {
    let left = this.#not();
    while (this.#take('and')) {
      const [a, b] = [left, this.#not()];
      left = (cells) => numberOf(not(or(not(truthOf(a(cells))), not(truthOf(b(cells))))));
    }
    return left;
  }

  #not(): Evaluate {
    if (!this.#take('not')) return this.#comparison();
    const inner = this.#not();
    return (cells) => numberOf(not(truthOf(inner(cells))));
  }

  #comparison(): Evaluate {
    const left = this.#operand();
    if (this.#take('is')) {
      const negated = this.#take('not');
      this.#expect('null');
      return (cells) => numberOf((left(cells) === null) !== negated);
    }
    const negated = this.#take('not');
    if (negated || this.#peek() === 'in') {
      this.#expect('in');
      this.#expect('(');
      const items = [this.#operand()];
      while (this.#take(',')) items.push(this.#operand());
      this.#expect(')');
      return (cells) => {
        const value = left(cells);
        const found = items.reduce<Truth>(
          (truth, item) => or(truth, compare('=', value, item(cells))),
          false,
        );
        return numberOf(negated ? not(found) : found);
      };
    }
    const operator = this.#peek();
    if (operator === undefined || !/^(=|==|<>|!=|<|<=|>|>=)$/.test(operator)) return left;
    this.#at++;
    const right = this.#operand();
    return (cells) => numberOf(compare(operator, left(cells), right(cells)));
  }

  #operand(): Evaluate {
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    if (this.#take('null')) return () => null;
    const negative = this.#take('-');
    const token = this.#tokens[this.#at++] ?? '';
    if (/^\d/.test(token)) {
      const value = negative ? -Number(token) : Number(token);
      return () => value;
    }
    if (negative) this.#fail();
    if (token.startsWith("'")) {
      const value = token.slice(1, -1).replaceAll("''", "'");
      return () => value;
    }
    if (!/^[A-Za-z_"]/.test(token)) this.#fail();
    const column = token.replaceAll('"', '');
    return (cells) => cells(column);
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]?.toLowerCase();
  }

  #take(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) this.#fail();
  }

  #fail(): never {
    throw new Error(`expression "${this.#sql}" is not a comparison of columns with values`);
  }
}

function truthOf(value: CellValue): Truth {
  if (value === null) return null;
  return typeof value === 'number' ? value !== 0 : Number.parseFloat(String(value)) !== 0;
}

function numberOf(truth: Truth): CellValue {
  return truth === null ? null : Number(truth);
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function or(a: Truth, b: Truth): Truth {
  if (a === true || b === true) return true;
  return a === null || b === null ? null : false;
}

/** SQLite's order: numbers before texts. */
function compare(operator: string, a: CellValue, b: CellValue): Truth {
  if (a === null || b === null || a instanceof Uint8Array || b instanceof Uint8Array) return null;
  const order = typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === 'number' ? -1 : 1;
  switch (operator) {
    case '=':
    case '==':
      return order === 0;
    case '<>':
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}
