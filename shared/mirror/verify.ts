/**
 * Proof that two sides hold the same rows: registers and SQL here, or this replica and the relay's report. A
 * table's rows are cut into ranges by their id; a range's fingerprint is the sum of its rows' hashes, so that it
 * does not depend on order and can be kept up row by row. Sides compare fingerprints, then only the ranges that
 * differ, row by row [MIR-11].
 */
import { tablesOfDocument } from '../documents/route.ts';
import { sameCell } from '../registers/codec.ts';
import type { DocumentRows } from '../registers/document-rows.ts';
import { storableText } from '../schema/storable-text.ts';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import type { Mirror } from './mirror.ts';

/** Ranges of a table: few enough to send, enough that one differing row makes little else to compare. */
export const RANGE_COUNT = 64;

export interface TableFingerprint {
  readonly table: string;
  readonly rowCount: number;
  /** 16 hex digits for each range; an empty one is all zeros. */
  readonly ranges: readonly string[];
}

export interface RowDifference {
  readonly table: string;
  readonly id: string;
  /** In order of the table's columns; undefined: the side has no such row. */
  readonly expected: readonly CellValue[] | undefined;
  readonly found: readonly CellValue[] | undefined;
}

/** Adds up the rows of one table, in any order. */
export class Fingerprint {
  readonly #table: string;
  readonly #sums = new Uint32Array(RANGE_COUNT * 2);
  #rowCount = 0;

  constructor(table: string) {
    this.#table = table;
  }

  /** `cells` in the order of the table's columns, without `id`. */
  add(id: string, cells: readonly CellValue[]): void {
    const range = rangeOfId(id);
    const [low, high] = hashOf(textOfRow(id, cells));
    this.#sums[range * 2] = this.#sums[range * 2]! + low;
    this.#sums[range * 2 + 1] = this.#sums[range * 2 + 1]! + high;
    this.#rowCount++;
  }

  read(): TableFingerprint {
    const ranges = Array.from({ length: RANGE_COUNT }, (_, range) =>
      [this.#sums[range * 2 + 1]!, this.#sums[range * 2]!]
        .map((sum) => sum.toString(16).padStart(8, '0'))
        .join(''),
    );
    return { table: this.#table, rowCount: this.#rowCount, ranges };
  }
}

/** 16 hex digits: what tells two states of one row apart. */
export function hashOfRow(id: string, cells: readonly CellValue[]): string {
  const [low, high] = hashOf(textOfRow(id, cells));
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
}

export function rangeOfId(id: string): number {
  return hashOf(id)[0] % RANGE_COUNT;
}

/** What the registers of a document say its tables hold. */
export function fingerprintRegisters(
  schema: Schema,
  document: string,
  rows: DocumentRows,
  mirror: Mirror,
): TableFingerprint[] {
  return fingerprints(schema, document, (table) => registerRows(table, document, rows, mirror));
}

/** What SQL holds of a document. */
export function fingerprintSql(schema: Schema, document: string, mirror: Mirror): TableFingerprint[] {
  return fingerprints(schema, document, ({ name }) => mirror.rowsOfDocument(name, document));
}

/**
 * What the report is to hold of a document whose registers are these: its rows as Postgres stores texts, without
 * those that another document hides [MIR-10].
 */
export function fingerprintForReport(
  schema: Schema,
  document: string,
  rows: DocumentRows,
  mirror: Mirror,
): TableFingerprint[] {
  return fingerprints(schema, document, (table) => reportRows(table, document, rows, mirror));
}

function fingerprints(
  schema: Schema,
  document: string,
  rowsOf: (table: Table) => Iterable<readonly [id: string, cells: readonly CellValue[]]>,
): TableFingerprint[] {
  return tablesOfDocument(schema, document).map((table) => {
    const fingerprint = new Fingerprint(table.name);
    for (const [id, cells] of rowsOf(table)) fingerprint.add(id, cells);
    return fingerprint.read();
  });
}

/** The rows of these ranges of one table, each by its hash, as the report is to hold them. */
export function hashesForReport(
  table: Table,
  document: string,
  sides: { readonly rows: DocumentRows; readonly mirror: Mirror; readonly ranges: ReadonlySet<number> },
): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [id, cells] of reportRows(table, document, sides.rows, sides.mirror))
    if (sides.ranges.has(rangeOfId(id))) hashes.set(id, hashOfRow(id, cells));
  return hashes;
}

/** Ranges that differ, by table; empty when both sides hold the same rows. */
export function differingRanges(
  expected: readonly TableFingerprint[],
  found: readonly TableFingerprint[],
): ReadonlyMap<string, readonly number[]> {
  const foundByTable = new Map(found.map((fingerprint) => [fingerprint.table, fingerprint]));
  const differing = new Map<string, number[]>();
  for (const { table, ranges } of expected) {
    const others = foundByTable.get(table)?.ranges ?? [];
    const indexes = ranges.flatMap((range, index) => (range === others[index] ? [] : [index]));
    if (indexes.length > 0) differing.set(table, indexes);
  }
  return differing;
}

/** The rows of these ranges in which SQL differs from the registers; project them to mend SQL. */
export function differingRows(
  schema: Schema,
  document: string,
  sides: {
    readonly rows: DocumentRows;
    readonly mirror: Mirror;
    readonly ranges: ReadonlyMap<string, readonly number[]>;
  },
): RowDifference[] {
  const { rows, mirror, ranges } = sides;
  const differences: RowDifference[] = [];
  for (const table of tablesOfDocument(schema, document)) {
    const wanted = new Set(ranges.get(table.name) ?? []);
    if (wanted.size === 0) continue;
    const found = new Map<string, readonly CellValue[]>();
    for (const [id, cells] of mirror.rowsOfDocument(table.name, document)) {
      if (wanted.has(rangeOfId(id))) found.set(id, cells);
    }
    for (const [id, expected] of registerRows(table, document, rows, mirror)) {
      if (!wanted.has(rangeOfId(id))) continue;
      const cells = found.get(id);
      found.delete(id);
      if (cells && expected.every((cell, index) => sameCell(cell, cells[index]!))) continue;
      differences.push({ table: table.name, id, expected, found: cells });
    }
    for (const [id, cells] of found)
      differences.push({ table: table.name, id, expected: undefined, found: cells });
  }
  return differences;
}

function textOfRow(id: string, cells: readonly CellValue[]): string {
  return JSON.stringify([id, ...cells]);
}

function* registerRows(
  table: Table,
  document: string,
  rows: DocumentRows,
  mirror: Mirror,
): Iterable<readonly [id: string, cells: readonly CellValue[]]> {
  for (const id of rows.ids(table.name)) {
    const cells = mirror.cellsFor(document, rows, table.name, id);
    if (cells) yield [id, cells];
  }
}

function* reportRows(
  table: Table,
  document: string,
  rows: DocumentRows,
  mirror: Mirror,
): Iterable<readonly [id: string, cells: readonly CellValue[]]> {
  const hidden = mirror.hiddenIds(table.name, document);
  for (const [id, cells] of registerRows(table, document, rows, mirror)) {
    if (hidden.has(id)) continue;
    yield [storableText(id), cells.map((cell) => (typeof cell === 'string' ? storableText(cell) : cell))];
  }
}

/** cyrb53 by bryc (public domain), with both its 32-bit halves kept. */
function hashOf(text: string): readonly [low: number, high: number] {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    h1 = Math.imul(h1 ^ unit, 2654435761);
    h2 = Math.imul(h2 ^ unit, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return [h1 >>> 0, h2 >>> 0];
}
