/** What a captured transaction is going to write, document by document, once its rules have held. */
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import type { RowShape } from '../registers/row-shape.ts';
import { type RowRegisters, writeRegisters } from '../registers/write-registers.ts';
import type { CellValue } from '../schema/table.ts';
import type { RowChange } from './row-change.ts';
import type { RegisterWrite } from './row-writes.ts';
import { spliceOf } from './text-splice.ts';

export interface CaptureResult {
  /** Documents that the transaction writes, in order of name. Empty: nothing changed, no commit. */
  readonly documents: readonly string[];
  /** Documents not in memory: roll back, hydrate them, run the transaction again. `apply` must not be called then. */
  readonly missing: readonly string[];
  readonly changes: readonly RowChange[];
  /** The written rows of each document, for Mirror.settle. */
  readonly touched: ReadonlyMap<string, Touched>;
  /** Writes the registers, one `Y.transact` per document with this origin, and answers each one's update. */
  apply(origin: unknown): ReadonlyMap<string, Uint8Array>;
}

/** What one document is to receive. */
interface DocumentWrites {
  readonly rows: DocumentRows;
  readonly registers: RowRegisters[];
  readonly texts: {
    readonly table: string;
    readonly id: string;
    readonly column: string;
    readonly text: string;
  }[];
  readonly touched: Map<string, Set<string>>;
}

export class PendingWrites {
  readonly changes: RowChange[] = [];
  readonly #documents = new Map<string, DocumentWrites>();

  add(
    document: string,
    rows: DocumentRows,
    { table }: RowShape,
    id: string,
    written: readonly RegisterWrite[],
  ): void {
    const { registers, touched } = this.#of(document, rows);
    if (written.length > 0) registers.push({ table: table.name, id, registers: written });
    const ids = touched.get(table.name);
    if (ids) ids.add(id);
    else touched.set(table.name, new Set([id]));
  }

  addTexts(
    document: string,
    rows: DocumentRows,
    { table, columns, hasTexts }: RowShape,
    id: string,
    cells: readonly CellValue[],
  ): void {
    if (!hasTexts) return;
    columns.forEach(({ shared, name: column }, index) => {
      const text = cells[index];
      if (!shared || typeof text !== 'string' || rows.text(table.name, id, column) === text) return;
      this.#of(document, rows).texts.push({ table: table.name, id, column, text });
    });
  }

  result(missing: readonly string[]): CaptureResult {
    const documents = missing.length > 0 ? [] : [...this.#documents.keys()].sort();
    return {
      documents,
      missing,
      changes: this.changes,
      touched: new Map(documents.map((document) => [document, this.#documents.get(document)!.touched])),
      apply: (origin) => {
        const updates = new Map<string, Uint8Array>();
        for (const document of documents) {
          const update = applyWrites(this.#documents.get(document)!, origin);
          if (update) updates.set(document, update);
        }
        return updates;
      },
    };
  }

  #of(document: string, rows: DocumentRows): DocumentWrites {
    let writes = this.#documents.get(document);
    if (!writes) {
      writes = { rows, registers: [], texts: [], touched: new Map() };
      this.#documents.set(document, writes);
    }
    return writes;
  }
}

/** Undefined when nothing is different after all. */
function applyWrites(writes: DocumentWrites, origin: unknown): Uint8Array | undefined {
  const { rows, registers, texts } = writes;
  if (texts.length === 0) return registers.length === 0 ? undefined : writeRegisters(rows, registers, origin);
  // Texts are for Yjs to write, and what one commit writes into a document is one update.
  let written: Uint8Array | undefined;
  const keep = (update: Uint8Array) => {
    written = update;
  };
  rows.doc.on('update', keep);
  rows.doc.transact(() => writeAll(writes), origin);
  rows.doc.off('update', keep);
  return written;
}

function writeAll({ rows, registers, texts }: DocumentWrites): void {
  for (const { table, registers: written } of registers) {
    const map = rows.doc.getMap(table);
    for (const { key, value } of written) map.set(key, value);
  }
  for (const { table, id, column, text } of texts) {
    const shared = rows.sharedText(table, id, column);
    const splice = spliceOf(shared.toString(), text);
    if (!splice) continue;
    if (splice.remove > 0) shared.delete(splice.at, splice.remove);
    if (splice.insert !== '') shared.insert(splice.at, splice.insert);
  }
}
