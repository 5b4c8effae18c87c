/**
 * The shared texts of one document: root Y.Texts named `<table>~<rowId>~<column>`. A text that an older build
 * began under an older name of its table or column goes on there, so that every build edits the same one.
 */
import type * as Y from 'yjs';
import { parseTextName, textName } from './key.ts';
import type { RowShape } from './row-shape.ts';

/** Whose text a root type is. */
export interface TextRow {
  readonly table: string;
  readonly id: string;
}

export class SharedTexts {
  readonly #doc: Y.Doc;
  readonly #shapes: ReadonlyMap<string, RowShape>;
  readonly #nameByType = new WeakMap<object, string>();

  constructor(doc: Y.Doc, shapes: ReadonlyMap<string, RowShape>) {
    this.#doc = doc;
    this.#shapes = shapes;
  }

  /** Undefined when nobody ever wrote to it. */
  read(table: string, id: string, column: string): string | undefined {
    const name = this.#existingName(table, id, column);
    return name === undefined ? undefined : this.#doc.getText(name).toString();
  }

  forWriting(table: string, id: string, column: string): Y.Text {
    return this.#doc.getText(this.#existingName(table, id, column) ?? textName(table, id, column));
  }

  /** For one transaction: root types do not know their names, so those are collected at most once in it. */
  lookup(): { rowOf(type: { readonly _item: unknown }): TextRow | undefined } {
    let isFresh = false;
    return {
      rowOf: (type) => {
        if (type._item !== null) return undefined;
        if (!this.#nameByType.has(type) && !isFresh) {
          isFresh = true;
          for (const [name, root] of this.#doc.share) this.#nameByType.set(root, name);
        }
        return this.#rowOfName(this.#nameByType.get(type) ?? '');
      },
    };
  }

  #rowOfName(name: string): TextRow | undefined {
    const text = parseTextName(name);
    if (!text) return undefined;
    for (const { names, table, columns, indexOf } of this.#shapes.values()) {
      const index = names.includes(text.table) ? indexOf.get(text.column) : undefined;
      if (index !== undefined && columns[index]!.shared) return { table: table.name, id: text.id };
    }
    return undefined;
  }

  #existingName(table: string, id: string, column: string): string | undefined {
    const shape = this.#shapes.get(table);
    const index = shape?.indexOf.get(column);
    if (!shape || index === undefined) return undefined;
    // The oldest name first: an older build goes on writing there.
    for (const tableName of [...shape.names].reverse()) {
      for (const columnName of [...shape.columns[index]!.names].reverse()) {
        const name = textName(tableName, id, columnName);
        if ((this.#doc.share.get(name) as { _start: unknown } | undefined)?._start) return name;
      }
    }
    return undefined;
  }
}
