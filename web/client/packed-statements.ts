/**
 * The statements of a transaction on their way to the worker, each text once: a bulk write repeats one text ten
 * thousand times, and a message copies a text each time it meets it.
 */
import type { Params, Statement } from './engine-messages.ts';

export interface PackedStatements {
  readonly texts: readonly string[];
  /** Of each statement: its place in `texts`. */
  readonly textOf: readonly number[];
  readonly params: readonly Params[];
}

export function packStatements(statements: readonly Statement[]): PackedStatements {
  const places = new Map<string, number>();
  const textOf = statements.map(({ sql }) => {
    const place = places.get(sql) ?? places.size;
    if (place === places.size) places.set(sql, place);
    return place;
  });
  return { texts: [...places.keys()], textOf, params: statements.map(({ params }) => params ?? []) };
}

export function unpackStatements({ texts, textOf, params }: PackedStatements): Statement[] {
  return textOf.map((place, index) => ({ sql: texts[place]!, params: params[index]! }));
}
