/** The tokens of a SQL text, as much of them as row-filter.ts needs. */
export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'parameter' | 'symbol';
  /** A word in lower case, or as written when quoted; a string without its quotes; a parameter's number from 0. */
  readonly text: string;
}

const PATTERN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"]|"")*")|('(?:[^']|'')*')|(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(\?\d*)|([a-z_][a-z0-9_$]*)|(<=|>=|<>|!=|==|\|\||->>|->|[-+*/%(),.;=<>&|~])/giy;

/** Undefined for a text with tokens of another kind, such as named parameters. */
export function tokensOf(sql: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let parameters = 0;
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < sql.length) {
    const match = PATTERN.exec(sql);
    if (!match) return undefined;
    const [, quoted, string, number, parameter, word, symbol] = match;
    if (quoted !== undefined) tokens.push({ kind: 'word', text: quoted.slice(1, -1).replaceAll('""', '"') });
    else if (string !== undefined)
      tokens.push({ kind: 'string', text: string.slice(1, -1).replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (parameter !== undefined) {
      const at = parameter === '?' ? parameters : Number(parameter.slice(1)) - 1;
      parameters = Math.max(parameters, at + 1);
      tokens.push({ kind: 'parameter', text: String(at) });
    } else if (word !== undefined) tokens.push({ kind: 'word', text: word.toLowerCase() });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
  }
  return tokens;
}
