/**
 * Reads the headers of a Yjs update (v1 encoding) without building anything: what clocks it brings, what it
 * builds on, what it deletes. `Y.applyUpdate` allocates arrays of counts it read from the wire and, on a bad
 * delete set, throws halfway; after a scan neither can happen. It is several times faster than
 * `Y.decodeUpdate`, which builds every struct.
 *
 *   update  = clients × (structs · client · clock · struct*) · delete set
 *   struct  = info (1 byte: 5 bits of content kind, 0x20 parentSub, 0x40 right origin, 0x80 origin) · …
 *   deletes = clients × (client · ranges × (clock · length))
 */
import { ProtocolError } from '../protocol/commit.ts';

/** `clock` to `clock + length` of one client. */
export interface ClockRange {
  readonly client: number;
  readonly clock: number;
  readonly length: number;
}

export interface UpdateScan {
  /** In order of the bytes; a skip says that these clocks are not in the update. */
  readonly structs: readonly (ClockRange & { readonly skip: boolean })[];
  /**
   * Clocks of other clients that structs name as neighbour or parent, in order of the bytes, flat: client and
   * clock of the struct, client and clock of what it needs, and so on.
   */
  readonly needs: readonly number[];
  readonly deletes: readonly ClockRange[];
}

/** Deepest nesting of a value inside a register; ours are three deep. */
const MAX_VALUE_DEPTH = 64;
const GC = 0;
const SKIP = 10;

/** Throws ProtocolError on anything that Yjs would not have written. */
export function scanUpdate(bytes: Uint8Array): UpdateScan {
  const reader = new Reader(bytes);
  const structs: (ClockRange & { skip: boolean })[] = [];
  const needs: number[] = [];
  const deletes: ClockRange[] = [];

  for (let clients = reader.varUint(); clients > 0; clients--) {
    let count = reader.varUint();
    const client = reader.varUint();
    let clock = reader.varUint();
    // Neighbours in one client's own run need no entry each: only its first and last clock matter.
    let run: { client: number; clock: number; length: number; skip: boolean } | undefined;
    for (; count > 0; count--) {
      const info = reader.byte();
      const kind = info & 31;
      let length: number;
      if (kind === GC || kind === SKIP) {
        length = reader.varUint();
      } else {
        readNeighbours(reader, info, client, clock, needs);
        length = reader.content(kind);
      }
      if (length <= 0) throw new ProtocolError('update holds a struct of no length');
      if (run !== undefined && run.skip === (kind === SKIP)) run.length += length;
      else {
        run = { client, clock, length, skip: kind === SKIP };
        structs.push(run);
      }
      clock += length;
      if (!Number.isSafeInteger(clock)) throw new ProtocolError('update holds a clock beyond 2^53');
    }
  }

  for (let clients = reader.varUint(); clients > 0; clients--) {
    const client = reader.varUint();
    for (let ranges = reader.varUint(); ranges > 0; ranges--) {
      const clock = reader.varUint();
      const length = reader.varUint();
      if (!Number.isSafeInteger(clock + length)) throw new ProtocolError('update deletes beyond clock 2^53');
      deletes.push({ client, clock, length });
    }
  }
  if (!reader.done) throw new ProtocolError('update is followed by bytes that do not belong to it');
  return { structs, needs, deletes };
}

function readNeighbours(reader: Reader, info: number, client: number, clock: number, needs: number[]): void {
  const need = () => {
    const ofClient = reader.varUint();
    const ofClock = reader.varUint();
    if (ofClient !== client) needs.push(client, clock, ofClient, ofClock);
    else if (ofClock >= clock) throw new ProtocolError('update holds a struct that builds on itself');
  };
  if (info & 0x80) need();
  if (info & 0x40) need();
  if ((info & 0xc0) !== 0) return; // the parent is its neighbour's
  if (reader.varUint() === 1) reader.text();
  else need();
  if (info & 0x20) reader.text();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new ProtocolError('update is cut short');
    return byte;
  }

  varUint(): number {
    let byte = this.byte();
    let value = byte & 127;
    for (let unit = 128; byte >= 128; unit *= 128) {
      byte = this.byte();
      value += (byte & 127) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw new ProtocolError('update holds a number beyond 2^53');
    }
    return value;
  }

  /** Skips a length-prefixed text or byte array. */
  text(): void {
    this.#skip(this.varUint());
  }

  /** Skips a struct's content; answers how many clocks it takes. */
  content(kind: number): number {
    switch (kind) {
      case 1: // deleted
        return this.varUint();
      case 2: {
        // JSON values
        const count = this.varUint();
        for (let index = 0; index < count; index++) this.text();
        return count;
      }
      case 3: // bytes
      case 5: // embed
        this.text();
        return 1;
      case 4:
        return this.#string();
      case 6: // format: key, value
        this.text();
        this.text();
        return 1;
      case 7: {
        // nested type; an XML element (3) and hook (5) have a name
        const type = this.varUint();
        if (type > 6) throw new ProtocolError('update holds a type that this build does not know');
        if (type === 3 || type === 5) this.text();
        return 1;
      }
      case 8: {
        const count = this.varUint();
        for (let index = 0; index < count; index++) this.#value(0);
        return count;
      }
      case 9: // subdocument: guid, options
        this.text();
        this.#value(0);
        return 1;
      default:
        throw new ProtocolError('update holds content that this build does not know');
    }
  }

  /** Skips a text and counts its UTF-16 units, which are its clocks. */
  #string(): number {
    const end = this.varUint() + this.#at;
    if (end > this.#bytes.length) throw new ProtocolError('update is cut short');
    let units = 0;
    for (; this.#at < end; this.#at++) {
      const byte = this.#bytes[this.#at]!;
      if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
  }

  /** Skips a lib0 `any`. */
  #value(depth: number): void {
    if (depth > MAX_VALUE_DEPTH) throw new ProtocolError('update holds a value nested too deep');
    switch (this.byte()) {
      case 127: // undefined
      case 126: // null
      case 121: // false
      case 120: // true
        return;
      case 125: // varInt
        while (this.byte() >= 128);
        return;
      case 124:
        this.#skip(4);
        return;
      case 123: // float64
      case 122: // bigint
        this.#skip(8);
        return;
      case 119: // text
      case 116: // bytes
        this.text();
        return;
      case 118: {
        for (let count = this.varUint(); count > 0; count--) {
          this.text();
          this.#value(depth + 1);
        }
        return;
      }
      case 117: {
        for (let count = this.varUint(); count > 0; count--) this.#value(depth + 1);
        return;
      }
      default:
        throw new ProtocolError('update holds a value of a kind that this build does not know');
    }
  }

  #skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length) throw new ProtocolError('update is cut short');
  }
}
