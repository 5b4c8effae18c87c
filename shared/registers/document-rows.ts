/**
 * The registers of one Y.Doc, indexed by row. The index holds the keys that Yjs holds anyway (a row id is a
 * slice of its key), and nothing is merged until it is read: 100 000 rows cost some 10 MB beyond the document.
 *
 * Reading never throws on what a peer wrote: what has an unknown shape is not there [REG-6].
 */
import type * as Y from 'yjs';
import type { CellValue, Schema, Table } from '../schema/table.ts';
import { isRegisterValue, type RecordValue, type Register } from './codec.ts';
import { type Conflict, conflictsOf } from './conflict.ts';
import { isRegisterKey, parseKey } from './key.ts';
import { plainCellsOf } from './plain-row.ts';
import { type RowShape, type ShapeColumn, shapesOf } from './row-shape.ts';
import { SharedTexts } from './shared-texts.ts';
import { type Breach, type Merge, mergeRegisters, recordCell, shownCell } from './winner.ts';

/** Rows by table that a transaction touched. */
export type Touched = ReadonlyMap<string, ReadonlySet<string>>;

export interface Stamp {
  readonly hlc: number;
  readonly device: string;
}

export interface MergedRow {
  readonly id: string;
  readonly visible: boolean;
  /** Every column of the table, without `id`. */
  readonly cells: Readonly<Record<string, CellValue>>;
  /** Who wrote each cell; a cell that nobody wrote, and a shared text, has none. */
  readonly stamps: Readonly<Record<string, Stamp>>;
}

type OnTouched = (touched: Touched, origin: unknown) => void;

/** The registers of one table under one of its names. */
interface Source {
  readonly shape: RowShape;
  readonly map: Y.Map<unknown>;
  /** One key as it is, several as a list: most rows have one register. */
  readonly keysById: Map<string, string | string[]>;
}

export class DocumentRows {
  readonly doc: Y.Doc;
  readonly #shapes: ReadonlyMap<string, RowShape>;
  readonly #sources = new Map<string, Source[]>();
  readonly #sourceByType = new Map<unknown, Source>();
  readonly #texts: SharedTexts;
  readonly #listeners = new Set<OnTouched>();
  /** Touched while structs were pending; told once they are not [REG-7]. */
  #held = new Map<string, Set<string>>();
  /** The mirror asks for a row's cells, conflicts and breaches one after the other. */
  #lastMerge: { readonly table: string; readonly id: string; readonly merge: Merge | undefined } | undefined;
  /** Read as a plain row: without conflicts and breaches. */
  #lastPlain: { readonly table: string; readonly id: string } | undefined;
  #registerCount = 0;
  #maxHlc = 0;

  constructor(doc: Y.Doc, schema: Schema) {
    this.doc = doc;
    this.#shapes = shapesOf(schema);
    this.#texts = new SharedTexts(doc, this.#shapes);
    for (const [name, shape] of this.#shapes) {
      const sources = shape.names.map(
        (name): Source => ({ shape, map: doc.getMap(name), keysById: new Map() }),
      );
      this.#sources.set(name, sources);
      for (const source of sources) {
        this.#sourceByType.set(source.map, source);
        for (const key of source.map.keys()) this.#index(source, key);
      }
    }
    doc.on('afterTransaction', this.#afterTransaction);
  }

  get registerCount(): number {
    return this.#registerCount;
  }

  /** Highest hlc of any register: let the clock observe it before a write. */
  get maxHlc(): number {
    return this.#maxHlc;
  }

  /** Tables of the schema that have registers here. */
  *tables(): Iterable<string> {
    for (const [table, sources] of this.#sources) {
      if (sources.some(({ keysById }) => keysById.size > 0)) yield table;
    }
  }

  /** Every row that has registers, visible or not. */
  *ids(table: string): Iterable<string> {
    const sources = this.#sourcesOf(table);
    for (let at = 0; at < sources.length; at++) {
      for (const id of sources[at]!.keysById.keys()) {
        if (at === 0 || !sources.slice(0, at).some(({ keysById }) => keysById.has(id))) yield id;
      }
    }
  }

  /** Undefined when the row has no registers at all. */
  read(table: string, id: string): MergedRow | undefined {
    const shape = this.#shapes.get(table);
    const merge = this.merge(table, id);
    return shape && merge ? new LazyRow(this, shape, id, merge) : undefined;
  }

  /** The cells of a visible row in the order of the table's columns; undefined when it is not visible. */
  readCells(table: string, id: string): CellValue[] | undefined {
    const record = this.#soleRecord(table, id);
    const shape = this.#shapes.get(table);
    if (!shape) return undefined;
    if (record && shape.table.class !== 'sealed') {
      const value = record.value as Readonly<Record<string, unknown>>;
      return shape.columns.map((column) => {
        if (column.shared) return this.#textCell(shape, id, column);
        const cell = recordCell(column, value, record.hlc, record.device);
        return cell === undefined || (cell === null && !column.column.nullable)
          ? column.column.fallback
          : cell;
      });
    }
    if (!this.#isKnown(table, id)) return undefined;
    const plain = plainCellsOf(shape, this.registers(table, id));
    if (plain) {
      this.#lastPlain = { table, id };
      if (shape.hasTexts) this.#fillTexts(shape, id, plain);
      return plain;
    }
    const merge = this.merge(table, id);
    return merge?.visible ? this.cellsOf(shape, id, merge) : undefined;
  }

  /** What the row's registers say; undefined when it has none. */
  merge(table: string, id: string): Merge | undefined {
    const last = this.#lastMerge;
    if (last?.table === table && last.id === id && this.doc._transaction === null) return last.merge;
    if (!this.#isKnown(table, id)) return undefined;
    const registers = this.registers(table, id);
    const shape = this.#shapes.get(table);
    const merge =
      shape === undefined || registers.length === 0 ? undefined : mergeRegisters(shape, registers);
    this.#lastMerge = { table, id, merge };
    return merge;
  }

  /** The registers of a row that this build can read, in order of their keys. */
  registers(table: string, id: string): Register[] {
    const registers: Register[] = [];
    for (const { keysById, map } of this.#sourcesOf(table)) {
      const keys = keysById.get(id);
      if (keys === undefined) continue;
      // In order of key a record stands before the cells of its device, whatever came first.
      for (const key of typeof keys === 'string' ? [keys] : [...keys].sort()) {
        const register = readRegister(map, key);
        if (register) registers.push(register);
      }
    }
    return registers;
  }

  conflicts(table: string, id: string): readonly Conflict[] {
    const shape = this.#shapes.get(table);
    if (!shape || this.#isLastPlain(table, id) || !this.hasSeveral(table, id)) return [];
    const merge = this.merge(table, id);
    return merge ? conflictsOf(shape, id, merge) : [];
  }

  /** Registers that break the rule of their table and are not shown. */
  breaches(table: string, id: string): readonly Breach[] {
    if (this.#isLastPlain(table, id)) return [];
    const record = this.#soleRecord(table, id);
    if (record && !holdsNull(record.value as RecordValue)) return [];
    return this.merge(table, id)?.breaches ?? [];
  }

  /** True when more than one register makes up the row. */
  hasSeveral(table: string, id: string): boolean {
    let count = 0;
    for (const { keysById } of this.#sourcesOf(table)) {
      const keys = keysById.get(id);
      if (keys !== undefined) count += typeof keys === 'string' ? 1 : keys.length;
    }
    return count > 1;
  }

  shape(table: string): RowShape | undefined {
    return this.#shapes.get(table);
  }

  cellsOf(shape: RowShape, id: string, merge: Merge): CellValue[] {
    return shape.columns.map((column, index) =>
      column.shared ? this.#textCell(shape, id, column) : shownCell(column, merge.winners[index]),
    );
  }

  /** The plain text of a shared text; empty when nobody wrote any. */
  text(table: string, id: string, column: string): string {
    return this.#texts.read(table, id, column) ?? '';
  }

  /** True once anybody wrote to the shared text, even when it is empty again. */
  hasText(table: string, id: string, column: string): boolean {
    return this.#texts.read(table, id, column) !== undefined;
  }

  /** The Y.Text to write to. */
  sharedText(table: string, id: string, column: string): Y.Text {
    return this.#texts.forWriting(table, id, column);
  }

  /** For write-registers.ts, in the middle of its transaction: a register that Yjs tells nobody of. */
  noteWritten(table: string, id: string, key: string, hlc: number): void {
    this.#addKey(this.#sources.get(table)![0]!, id, key);
    this.#maxHlc = Math.max(this.#maxHlc, hlc);
    if (this.#listeners.size > 0) touch(this.#held, table, id);
  }

  /**
   * Called after each Yjs transaction that touched rows, with its origin; never while structs are pending.
   * The answer stops it.
   */
  observe(onTouched: OnTouched): () => void {
    this.#listeners.add(onTouched);
    return () => this.#listeners.delete(onTouched);
  }

  close(): void {
    this.doc.off('afterTransaction', this.#afterTransaction);
    this.#listeners.clear();
  }

  #afterTransaction = (transaction: Y.Transaction): void => {
    this.#lastMerge = undefined;
    this.#lastPlain = undefined;
    const touched = this.#held;
    const texts = this.#texts.lookup();
    for (const [type, keys] of transaction.changed) {
      const source = this.#sourceByType.get(type);
      if (source) {
        for (const key of keys) {
          const id = key === null ? undefined : this.#index(source, key);
          if (id !== undefined) touch(touched, source.shape.table.name, id);
        }
        continue;
      }
      const row = texts.rowOf(type);
      if (row) touch(touched, row.table, row.id);
    }
    const { pendingStructs, pendingDs } = this.doc.store;
    if (touched.size === 0 || pendingStructs !== null || pendingDs !== null) return;
    this.#held = new Map();
    for (const listener of this.#listeners) listener(touched, transaction.origin);
  };

  /** Adds a key to its row; answers the row's id, or undefined for a key of an unknown shape. */
  #index(source: Source, key: string): string | undefined {
    const split = key.indexOf('~');
    if (!isRegisterKey(key, split)) return undefined;
    const id = key.slice(0, split);
    this.#addKey(source, id, key);
    const value = source.map.get(key);
    if (Array.isArray(value) && Number.isSafeInteger(value[0]))
      this.#maxHlc = Math.max(this.#maxHlc, value[0]);
    return id;
  }

  #addKey({ keysById }: Source, id: string, key: string): void {
    const keys = keysById.get(id);
    if (keys === key || (typeof keys === 'object' && keys.includes(key))) return;
    if (keys === undefined) keysById.set(id, key);
    else if (typeof keys === 'string') keysById.set(id, [keys, key]);
    else keys.push(key);
    this.#registerCount++;
  }

  /** A text that nobody wrote is null where null is allowed, else empty. */
  #textCell(shape: RowShape, id: string, { name, column }: ShapeColumn): CellValue {
    return this.#texts.read(shape.table.name, id, name) ?? (column.nullable ? null : '');
  }

  #fillTexts(shape: RowShape, id: string, cells: CellValue[]): void {
    shape.columns.forEach((column, index) => {
      if (column.shared) cells[index] = this.#textCell(shape, id, column);
    });
  }

  #isLastPlain(table: string, id: string): boolean {
    const last = this.#lastPlain;
    return last !== undefined && last.id === id && last.table === table && this.doc._transaction === null;
  }

  /** The row's only register, when it is a record: the common case, worth a short way. */
  #soleRecord(table: string, id: string): Register | undefined {
    const sources = this.#sourcesOf(table);
    const source = sources[0];
    if (source === undefined || sources.length > 1) return undefined;
    const key = source.keysById.get(id);
    if (typeof key !== 'string') return undefined;
    const register = readRegister(source.map, key);
    return register?.kind === 'record' ? register : undefined;
  }

  #isKnown(table: string, id: string): boolean {
    for (const { keysById } of this.#sourcesOf(table)) if (keysById.has(id)) return true;
    return false;
  }

  #sourcesOf(table: string): readonly Source[] {
    return this.#sources.get(table) ?? [];
  }
}

class LazyRow implements MergedRow {
  readonly id: string;
  readonly visible: boolean;
  readonly #rows: DocumentRows;
  readonly #shape: RowShape;
  readonly #merge: Merge;
  #cells: Record<string, CellValue> | undefined;

  constructor(rows: DocumentRows, shape: RowShape, id: string, merge: Merge) {
    this.id = id;
    this.visible = merge.visible;
    this.#rows = rows;
    this.#shape = shape;
    this.#merge = merge;
  }

  get cells(): Readonly<Record<string, CellValue>> {
    this.#cells ??= rowOf(this.#shape.table, this.#rows.cellsOf(this.#shape, this.id, this.#merge));
    return this.#cells;
  }

  get stamps(): Readonly<Record<string, Stamp>> {
    const stamps: Record<string, Stamp> = {};
    this.#shape.columns.forEach(({ name }, index) => {
      const winner = this.#merge.winners[index];
      if (winner) stamps[name] = { hlc: winner.hlc, device: winner.device };
    });
    return stamps;
  }
}

function rowOf(table: Table, cells: readonly CellValue[]): Record<string, CellValue> {
  const row: Record<string, CellValue> = {};
  let index = 0;
  for (const name of Object.keys(table.columns)) row[name] = cells[index++]!;
  return row;
}

function readRegister(map: Y.Map<unknown>, key: string): Register | undefined {
  const parsed = parseKey(key);
  const value = map.get(key);
  if (!parsed || !isRegisterValue(parsed.kind, value)) return undefined;
  const [hlc, seen, content] = value;
  return { kind: parsed.kind, device: parsed.device, column: parsed.column, hlc, seen, value: content };
}

/** The only breach that a sole record can be. */
function holdsNull(record: RecordValue): boolean {
  for (const name in record) if (record[name] === null) return true;
  return false;
}

function touch(touched: Map<string, Set<string>>, table: string, id: string): void {
  const ids = touched.get(table);
  if (ids) ids.add(id);
  else touched.set(table, new Set([id]));
}
