/** What a captured transaction is going to write, document by document, once its rules have held. */
import type { DocumentRows, Touched } from '../registers/document-rows.ts';
import type { RowShape } from '../registers/row-shape.ts';
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
  /** Writes the registers: one `Y.transact` per document, with this origin. */
  apply(origin: unknown): void;
}

/** What one document is to receive. */
interface DocumentWrites {
  readonly rows: DocumentRows;
  readonly registers: { readonly table: string; readonly writes: readonly RegisterWrite[] }[];
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
    writes: readonly RegisterWrite[],
  ): void {
    const { registers, touched } = this.#of(document, rows);
    if (writes.length > 0) registers.push({ table: table.name, writes });
    const ids = touched.get(table.name);
    if (ids) ids.add(id);
    else touched.set(table.name, new Set([id]));
  }

  addTexts(
    document: string,
    rows: DocumentRows,
    { table, columns }: RowShape,
    id: string,
    cells: readonly CellValue[],
  ): void {
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
        for (const document of documents) applyWrites(this.#documents.get(document)!, origin);
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

function applyWrites({ rows, registers, texts }: DocumentWrites, origin: unknown): void {
  rows.doc.transact(() => {
    for (const { table, writes } of registers) {
      const map = rows.doc.getMap(table);
      for (const { key, value } of writes) map.set(key, value);
    }
    for (const { table, id, column, text } of texts) {
      const shared = rows.sharedText(table, id, column);
      const splice = spliceOf(shared.toString(), text);
      if (!splice) continue;
      if (splice.remove > 0) shared.delete(splice.at, splice.remove);
      if (splice.insert !== '') shared.insert(splice.at, splice.insert);
    }
  }, origin);
}
