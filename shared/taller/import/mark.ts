/** A few characters that differ when what they stand for does. Not a signature. */

/** Of 36 values each: one edit in sixty million is not noticed. */
export const MARK_DIGITS = 5;

/** Of anything that JSON can tell (cyrb53 by bryc, public domain). */
export function markOf(value: unknown): string {
  const text = JSON.stringify(value);
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & b) + (a >>> 0))
    .toString(36)
    .slice(-MARK_DIGITS)
    .padStart(MARK_DIGITS, '0');
}
