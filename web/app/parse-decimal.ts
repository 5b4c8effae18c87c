/**
 * A number as people type it: the comma is the decimal sign, a dot is taken for one too when it is the only sign.
 * "1,5" -> 1.5, "1.5" -> 1.5, "1.234,50" -> 1234.5, "" and words -> undefined.
 */
export function parseDecimal(text: string): number | undefined {
  const given = text.trim().replace(/[\s€$]/g, '');
  if (!/^-?[\d.,]*\d[\d.,]*$/.test(given)) return undefined;
  const lastComma = given.lastIndexOf(',');
  const lastDot = given.lastIndexOf('.');
  const decimalAt = Math.max(lastComma, lastDot);
  if (decimalAt < 0) return Number(given);
  const sign = given[decimalAt]!;
  const other = sign === ',' ? '.' : ',';
  // "1.234.567": the sign stands more than once, so it groups.
  const groups = given.indexOf(sign) !== decimalAt && !given.includes(other);
  const whole = groups ? given : given.slice(0, decimalAt);
  const fraction = groups ? '' : given.slice(decimalAt + 1);
  return Number(`${whole.replace(/[.,]/g, '')}.${fraction || '0'}`);
}

/**
 * A whole number of zero or more, as of an odometer: signs before three digits group, what is after a decimal sign is
 * dropped. "84.210" -> 84210, "84.210,5" -> 84210, "12,5" -> 12, "-5" and words -> undefined.
 */
export function parseWhole(text: string): number | undefined {
  const match = /^(\d{1,3}(?:[ .,]\d{3})+|\d+)(?:[.,]\d*)?\s*\p{L}*$/u.exec(text.trim());
  return match ? Number(match[1]!.replace(/\D/g, '')) : undefined;
}
