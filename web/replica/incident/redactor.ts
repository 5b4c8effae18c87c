/**
 * Values taken out, structure left. The same value always becomes the same stand-in of the same length, so equal stays
 * equal, a reference still points to its row, and a conflict stays one; the salt is made for one file and is not in it,
 * so nobody can try values until one fits. What stays as it is, because it is no value of a person or tells the fault:
 * ids that are UUIDv7, device ids, times, 0 and 1, and words that the schema itself spells out (a status) [INC-2].
 */
import { digest } from 'lib0/hash/sha256';
import { timestampMsOfId } from '../../../shared/base/ids.ts';
import type { Schema } from '../../../shared/schema/table.ts';

/** 1990 to 2100 in ms, and as hlc: such numbers are times. */
const TIMES_MS = [631_152_000_000, 4_102_444_800_000] as const;
const HLC_PER_MS = 4096;
const DIGITS = 'abcdefghijkmnpqrstuvwxyz23456789';

export class Redactor {
  readonly #salt: Uint8Array;
  readonly #words: ReadonlySet<string>;
  readonly #standIns = new Map<string, string>();

  /** `salt`: 16 random bytes. */
  constructor(salt: Uint8Array, schema: Schema) {
    this.#salt = salt;
    this.#words = wordsOf(schema);
  }

  /** A cell, or whatever else a register holds. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.#number(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.value(item)]));
  }

  /** Also for row ids, so that references still fit. */
  text(text: string): string {
    if (text === '' || this.#words.has(text) || timestampMsOfId(text) !== undefined) return text;
    return this.#json(text) ?? this.#standIn(text);
  }

  /** Letter by letter, so that pieces of one text still fit together. */
  prose(text: string): string {
    return text.replaceAll(/[\p{L}\p{N}]/gu, (letter) => 'x'.repeat(letter.length));
  }

  /** A sentence of the program: what stands in quotation marks may be a value. */
  sentence(text: string): string {
    return text.replaceAll(/(["'«“])(.+?)(["'»”])/gu, (_all, open: string, inner: string, close: string) => {
      return open + this.text(inner) + close;
    });
  }

  bytes(bytes: Uint8Array): Uint8Array {
    const hash = this.#hash(bytes);
    return Uint8Array.from(bytes, (_byte, index) => hash[index % hash.length]!);
  }

  /** JSON stays JSON, with its keys. */
  #json(text: string): string | undefined {
    if (!/^\s*[[{]/.test(text)) return undefined;
    try {
      return JSON.stringify(this.value(JSON.parse(text)));
    } catch {
      return undefined; // SyntaxError: it only looked like it
    }
  }

  #number(value: number): number {
    if (value === 0 || value === 1 || isTime(value) || isTime(value / HLC_PER_MS)) return value;
    const digits = String(Math.abs(Math.trunc(value))).length;
    const hash = this.#hash(new TextEncoder().encode(String(value)));
    const span = 9 * 10 ** (Math.min(digits, 15) - 1);
    const seed = hash.slice(0, 6).reduce((sum, byte) => sum * 256 + byte, 0);
    const whole = (digits === 1 ? 1 : 10 ** (Math.min(digits, 15) - 1)) + (seed % span);
    const standIn = Number.isInteger(value) ? whole : whole + 0.5;
    return Math.sign(value) * standIn;
  }

  #standIn(text: string): string {
    let standIn = this.#standIns.get(text);
    if (standIn === undefined) {
      const hash = this.#hash(new TextEncoder().encode(text));
      standIn = Array.from(
        text,
        (_letter, index) => DIGITS[(hash[index % hash.length]! + index) % DIGITS.length],
      )
        .join('')
        .padEnd(text.length, 'x');
      this.#standIns.set(text, standIn);
    }
    return standIn;
  }

  #hash(bytes: Uint8Array): Uint8Array {
    const salted = new Uint8Array(this.#salt.length + bytes.length);
    salted.set(this.#salt);
    salted.set(bytes, this.#salt.length);
    return digest(salted);
  }
}

function isTime(value: number): boolean {
  return value >= TIMES_MS[0] && value <= TIMES_MS[1];
}

/** Texts that stand in the schema: fallbacks, and what rules compare with. */
function wordsOf({ tables }: Schema): ReadonlySet<string> {
  const words = new Set<string>();
  for (const { columns, checks, sealedWhen } of tables) {
    const rules = [...checks, sealedWhen ?? ''];
    for (const { check, fallback } of Object.values(columns)) {
      if (check !== undefined) rules.push(check);
      if (typeof fallback === 'string') words.add(fallback);
    }
    for (const rule of rules) for (const [, word] of rule.matchAll(/'([^']*)'/g)) words.add(word!);
  }
  return words;
}
