/**
 * Parts of a whole that is sealed as one [SEAL-1]: a table whose rows name, in `partOf`, the row they are sealed with. A part
 * that another device adds without knowing of the seal carries none of its own: it is late.
 */
import type { Schema, Table } from './table.ts';

export interface Parts {
  /** Of the parts. */
  readonly table: Table;
  /** Its column that names the whole. */
  readonly column: string;
  readonly whole: Table;
  /** SQL over a part alone: true while it is not sealed. */
  readonly isOpen: string;
  /** SQL over a whole alone: true once it is sealed. */
  readonly isSealed: string;
}

export function partsOf(schema: Schema): readonly Parts[] {
  return schema.tables.flatMap((table) => {
    const column = table.partOf;
    const whole = schema.tables.find(({ name }) => name === table.columns[column ?? '']?.references);
    if (column === undefined || whole === undefined) return [];
    return [
      { table, column, whole, isOpen: `(${table.sealedWhen}) is not true`, isSealed: `${whole.sealedWhen}` },
    ];
  });
}
