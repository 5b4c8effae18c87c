/**
 * What a document holds, as clocks: which structs and which deletes, without the structs themselves. It answers the
 * two questions a stock client raises when it connects: what to ask it for (the state vector of sync step 1), and
 * whether its answer holds anything that is not stored yet. Without it, every reconnect of every client would store
 * the client's whole delete set again.
 */
import type { ClockRange, UpdateScan } from '../../shared/registers/update-scan.ts';

/** Ascending, apart, never touching: [from, to) pairs, flat. */
type Ranges = number[];

export class Knowledge {
  readonly #structs = new Map<number, Ranges>();
  readonly #deletes = new Map<number, Ranges>();

  add(scan: UpdateScan): void {
    for (const { client, clock, length, skip } of scan.structs) {
      if (!skip) addRange(this.#structs, client, clock, clock + length);
    }
    for (const { client, clock, length } of scan.deletes)
      addRange(this.#deletes, client, clock, clock + length);
  }

  addAll(other: Knowledge): void {
    const { structs, deletes } = other.flat();
    this.addFlat(structs, deletes);
  }

  /** As `flat` gave it. */
  addFlat(structs: Float64Array, deletes: Float64Array): void {
    for (let at = 0; at < structs.length; at += 3)
      addRange(this.#structs, structs[at]!, structs[at + 1]!, structs[at + 2]!);
    for (let at = 0; at < deletes.length; at += 3)
      addRange(this.#deletes, deletes[at]!, deletes[at + 1]!, deletes[at + 2]!);
  }

  /** All ranges as client, from, until, client …: what can be handed from thread to thread. */
  flat(): { readonly structs: Float64Array; readonly deletes: Float64Array } {
    return { structs: flatten(this.#structs), deletes: flatten(this.#deletes) };
  }

  /** Whether the update brings a struct or a delete that is not here. */
  lacks(scan: UpdateScan): boolean {
    return (
      scan.structs.some((range) => !range.skip && !has(this.#structs, range)) ||
      scan.deletes.some((range) => !has(this.#deletes, range))
    );
  }

  /** Whether everything that the update builds on, stands beside or deletes is here, or in the update itself. */
  reaches(scan: UpdateScan): boolean {
    const own = new Knowledge();
    own.add({ ...scan, deletes: [] });
    const isThere = (range: ClockRange) => has(this.#structs, range) || has(own.#structs, range);
    for (let at = 0; at < scan.needs.length; at += 2) {
      if (!isThere({ client: scan.needs[at]!, clock: scan.needs[at + 1]!, length: 1 })) return false;
    }
    return (
      scan.deletes.every(isThere) &&
      scan.structs.every(
        ({ client, clock, skip }) => skip || clock === 0 || isThere({ client, clock: clock - 1, length: 1 }),
      )
    );
  }

  /** By client the first clock that is missing: what lies behind a gap is asked for again. */
  stateVector(): Map<number, number> {
    const vector = new Map<number, number>();
    for (const [client, ranges] of this.#structs) {
      if (ranges[0] === 0) vector.set(client, ranges[1]!);
    }
    return vector;
  }
}

function flatten(map: ReadonlyMap<number, Ranges>): Float64Array {
  const flat: number[] = [];
  for (const [client, ranges] of map) {
    for (let at = 0; at < ranges.length; at += 2) flat.push(client, ranges[at]!, ranges[at + 1]!);
  }
  return Float64Array.from(flat);
}

function addRange(to: Map<number, Ranges>, client: number, from: number, until: number): void {
  if (until <= from) return;
  const ranges = to.get(client);
  if (!ranges) {
    to.set(client, [from, until]);
    return;
  }
  const last = ranges.length - 1;
  if (from >= ranges[last - 1]! && from <= ranges[last]!) {
    if (until > ranges[last]!) ranges[last] = until; // the common case: a client goes on where it was
    return;
  }
  let first = 0;
  while (first < ranges.length && ranges[first + 1]! < from) first += 2;
  let after = first;
  let start = from;
  let end = until;
  while (after < ranges.length && ranges[after]! <= until) {
    start = Math.min(start, ranges[after]!);
    end = Math.max(end, ranges[after + 1]!);
    after += 2;
  }
  ranges.splice(first, after - first, start, end);
}

function has(map: ReadonlyMap<number, Ranges>, { client, clock, length }: ClockRange): boolean {
  if (length === 0) return true;
  const ranges = map.get(client);
  if (!ranges) return false;
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (ranges[middle * 2 + 1]! <= clock) low = middle + 1;
    else if (ranges[middle * 2]! > clock) high = middle - 1;
    else return clock + length <= ranges[middle * 2 + 1]!;
  }
  return false;
}
