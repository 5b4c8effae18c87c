/** A table as the merge sees it: its columns in order, under every name they ever had. */
import { type Predicate, parsePredicate } from '../schema/predicate.ts';
import { COMMON_COLUMNS, type Column, type Schema, type Table } from '../schema/table.ts';

export interface ShapeColumn {
  readonly name: string;
  readonly column: Column;
  /** This build's name first, then older ones. */
  readonly names: readonly string[];
  /** Filled by the engine: a difference in it is no conflict. */
  readonly common: boolean;
  /** What a record holds that does not say it: the record's own time or device. */
  readonly implicit: 'time' | 'device' | undefined;
  readonly shared: boolean;
}

export interface RowShape {
  readonly table: Table;
  readonly columns: readonly ShapeColumn[];
  /** Position in `columns` by any name the column ever had. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Table names, this build's first. */
  readonly names: readonly string[];
  readonly sealed: Predicate | undefined;
  /** Some column is a shared text. */
  readonly hasTexts: boolean;
}

/** Derived once from each schema, which never changes: hundreds of documents share it. */
const shapesBySchema = new WeakMap<Schema, ReadonlyMap<string, RowShape>>();

/** The shapes of a schema by table name. */
export function shapesOf(schema: Schema): ReadonlyMap<string, RowShape> {
  let shapes = shapesBySchema.get(schema);
  if (!shapes) {
    shapes = new Map(schema.tables.map((table) => [table.name, shapeOf(table)]));
    shapesBySchema.set(schema, shapes);
  }
  return shapes;
}

/** Throws when the table is sealed by an expression that cannot be evaluated while registers merge. */
export function shapeOf(table: Table): RowShape {
  const columns = Object.entries(table.columns).map(([name, column]): ShapeColumn => {
    const common = name in COMMON_COLUMNS;
    return {
      name,
      column,
      names: [name, ...column.renamedFrom],
      common,
      implicit: !common
        ? undefined
        : name === 'created_at'
          ? 'time'
          : name === 'created_device'
            ? 'device'
            : undefined,
      shared: column.kind === 'sharedText',
    };
  });
  const indexOf = new Map<string, number>();
  // Older names first, so that a name in use today is never taken by another column's past.
  columns.forEach(({ names }, index) => {
    for (const name of names.slice(1)) indexOf.set(name, index);
  });
  columns.forEach(({ name }, index) => {
    indexOf.set(name, index);
  });
  return {
    table,
    columns,
    indexOf,
    names: [table.name, ...table.renamedFrom],
    sealed: table.sealedWhen === undefined ? undefined : parsePredicate(table.sealedWhen),
    hasTexts: columns.some(({ shared }) => shared),
  };
}
