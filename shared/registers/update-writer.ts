/**
 * Writes Yjs updates (v1 encoding) of new map entries, byte for byte as Yjs would: the counterpart of update-scan.ts.
 * Yjs hands each short text to the platform's encoder and looks for the name of each entry's map; a register is
 * short texts and numbers, so that takes three times as long as writing the bytes one by one.
 */
import { assert } from '../base/assert.ts';

/** A place in the history of one client. */
export interface Clock {
  readonly client: number;
  readonly clock: number;
}

/** Content kind of a struct: a list of JSON-like values. */
const CONTENT_ANY = 8;
const HAS_ORIGIN = 0x80;
const HAS_KEY = 0x20;
const MAX_VAR_INT = 0x7fffffff;
/** Room for any number with its type. */
const NUMBER_BYTES = 10;

export class UpdateWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Begins the structs of the update's only client. */
  begin(count: number, { client, clock }: Clock): void {
    this.varUint(count === 0 ? 0 : 1);
    if (count === 0) return;
    this.varUint(count);
    this.varUint(client);
    this.varUint(clock);
  }

  /** One entry of a root map; `origin` is what it takes the place of. */
  entry(map: string, key: string, value: unknown, origin: Clock | null): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = CONTENT_ANY | HAS_KEY | (origin === null ? 0 : HAS_ORIGIN);
    if (origin !== null) {
      this.varUint(origin.client);
      this.varUint(origin.clock);
    } else {
      this.varUint(1); // the parent is a root type
      this.#text(map);
      this.#text(key);
    }
    this.varUint(1); // one value
    this.#any(value);
  }

  varUint(value: number): void {
    this.#reserve(NUMBER_BYTES);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = 128 | (rest & 127);
    this.#bytes[this.#at++] = rest;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #text(text: string): void {
    const { length } = text;
    this.#reserve(1 + length);
    const start = this.#at;
    if (length < 128) {
      const bytes = this.#bytes;
      let at = start;
      bytes[at++] = length;
      let unit = 0;
      for (let index = 0; index < length && unit < 128; index++) {
        unit = text.charCodeAt(index);
        bytes[at++] = unit;
      }
      this.#at = at;
      if (unit < 128) return;
      this.#at = start;
    }
    this.#raw(UTF8.encode(text));
  }

  #raw(bytes: Uint8Array): void {
    this.varUint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** A value in lib0's `any` encoding. */
  #any(value: unknown): void {
    this.#reserve(NUMBER_BYTES);
    switch (typeof value) {
      case 'string':
        this.#bytes[this.#at++] = 119;
        this.#text(value);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'boolean':
        this.#bytes[this.#at++] = value ? 120 : 121;
        return;
      default:
    }
    if (value === null) {
      this.#bytes[this.#at++] = 126;
    } else if (Array.isArray(value)) {
      this.#bytes[this.#at++] = 117;
      this.varUint(value.length);
      for (const item of value) this.#any(item);
    } else if (value instanceof Uint8Array) {
      this.#bytes[this.#at++] = 116;
      this.#raw(value);
    } else {
      assert(
        typeof value === 'object',
        'a register holds null, booleans, numbers, texts, bytes, lists and records',
      );
      this.#bytes[this.#at++] = 118;
      const names = Object.keys(value);
      this.varUint(names.length);
      for (const name of names) {
        this.#text(name);
        this.#any((value as Readonly<Record<string, unknown>>)[name]);
      }
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) <= MAX_VAR_INT) {
      this.#bytes[this.#at++] = 125;
      const isNegative = value < 0 || Object.is(value, -0);
      let rest = Math.abs(value);
      this.#bytes[this.#at++] = (rest > 63 ? 128 : 0) | (isNegative ? 64 : 0) | (rest & 63);
      rest = rest >>> 6;
      while (rest > 0) {
        this.#bytes[this.#at++] = (rest > 127 ? 128 : 0) | (rest & 127);
        rest = rest >>> 7;
      }
    } else if (Math.fround(value) === value) {
      this.#bytes[this.#at++] = 124;
      this.#view.setFloat32(this.#at, value);
      this.#at += 4;
    } else {
      this.#bytes[this.#at++] = 123;
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
    }
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const UTF8 = new TextEncoder();
