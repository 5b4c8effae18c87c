/** The values for the parameters of a statement, as somebody else gave them. */

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
  if (typeof value !== 'object' || value === null) return typeof value;
  return `of class ${value.constructor?.name ?? 'Object'}`;
}
