/** The parameters of a statement, and the values for them, as somebody else gave them. */
import { QUOTED } from './statement-text.ts';

export interface Parameters {
  /** So many values an array must have: the highest number of a parameter. */
  readonly count: number;
  /** From 1, by the name in the text: `$phone`, `?2`. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Numbers of those that are `?` only, which nothing but an array can fill. */
  readonly nameless: ReadonlySet<number>;
}

const NO_PARAMETERS: Parameters = { count: 0, numbers: new Map(), nameless: new Set() };
/** A word may have a `$` in it; a name may have `::` and end in brackets, as in Tcl. */
const PARAMETER = new RegExp(
  `${QUOTED}|[\\w\\x80-\\uffff][\\w$\\x80-\\uffff]*|(\\?\\d*|[$@:](?:[\\w$\\x80-\\uffff]|::)+(?:\\([^\\s)]*\\))?)`,
  'g',
);

/** Of a text that SQLite accepted. sql.js does not tell them, and leaves those without a value null. */
export function parametersOf(sql: string): Parameters {
  if (!/[?$@:]/.test(sql)) return NO_PARAMETERS;
  const numbers = new Map<string, number>();
  const nameless = new Set<number>();
  let count = 0;
  for (const [, name] of sql.matchAll(PARAMETER)) {
    if (name === undefined || numbers.has(name)) continue;
    const number = /^\?\d/.test(name) ? Number(name.slice(1)) : count + 1;
    count = Math.max(count, number);
    if (name === '?') nameless.add(number);
    else numbers.set(name, number);
  }
  return { count, numbers, nameless };
}

/** What is wrong with the number of values, or with their names; undefined when there is one for each parameter. */
export function unfilledParams(parameters: Parameters, params: unknown = []): string | undefined {
  const { count, numbers, nameless } = parameters;
  if (typeof params !== 'object' || params === null) return unusableParam(params);
  if (Array.isArray(params)) {
    if (params.length === count) return undefined;
    const given = `${params.length} ${params.length === 1 ? 'value was' : 'values were'} given`;
    const wanted = `${count} ${count === 1 ? 'parameter' : 'parameters'}`;
    return `the statement has ${wanted} and ${given}; give an array with one value for each, null where there is none`;
  }
  const [at] = nameless;
  if (at !== undefined) return `parameter ${at} has no name; give the values as an array`;
  const filled = new Set<number>();
  for (const name of Object.keys(params)) {
    const number = numbers.get(name);
    if (number === undefined) {
      const names = [...numbers.keys()].join(', ');
      return `${name} is no parameter of the statement; give ${names === '' ? 'no values' : `values for ${names}`}`;
    }
    filled.add(number);
  }
  for (const [name, number] of numbers)
    if (!filled.has(number)) return `parameter ${name} has no value; give one, null where there is none`;
  return undefined;
}

/**
 * What is wrong with the first value that cannot be stored, `parameter 2 is undefined; give …`; undefined when all
 * can. NaN is among them: SQLite would make it null without a word. By place, or by name where an object is given.
 */
export function unusableParam(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null)
    return `the parameters are ${nameOf(params)}; give an array`;
  // Nearly always; a bulk write asks of a hundred thousand values.
  if (Array.isArray(params) && params.every(isUsable)) return undefined;
  for (const [place, value] of Object.entries(params)) {
    if (isUsable(value)) continue;
    const name = Array.isArray(params) ? Number(place) + 1 : place;
    return `parameter ${name} is ${nameOf(value)}; give null, a number, a text or bytes (a Uint8Array)`;
  }
  return undefined;
}

function isUsable(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return true;
    case 'number':
      return !Number.isNaN(value);
    default:
      return value === null || value instanceof Uint8Array;
  }
}

function nameOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return `of class ${value.constructor?.name ?? 'Object'}`;
}
