/**
 * What a table is, as data. One definition gives the typed row, the SQLite tables, the Postgres schema
 * `report` (ddl.ts), the registers (registers/) and the documents (documents/route.ts).
 * The engine knows no table: a Schema is passed in.
 */

export type ColumnKind =
  | 'text'
  | 'integer'
  | 'real'
  | 'boolean' // 0 or 1
  | 'timestamp' // epoch milliseconds, UTC
  | 'money' // integer minor units
  | 'quantity' // integer thousandths
  | 'json' // JSON text
  | 'sharedText' // merged character by character; SQL holds its plain text
  | 'reference'; // the id of a row of another table

/** A cell: what a register and a SQL row may hold. Integers stay within ±2^53. */
export type CellValue = null | number | string | Uint8Array;

export interface Column<T = unknown> {
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** What a row has that never set it; null when nullable and nothing else was given. */
  readonly fallback: CellValue;
  readonly unique: boolean;
  readonly index: boolean;
  /** SQL expression over the columns of the row, e.g. `qty_milli <> 0`. */
  readonly check?: string;
  /** Table that a reference points to. */
  readonly references?: string;
  /** Names that this column had in older schema versions; their registers are read as this column's. */
  readonly renamedFrom: readonly string[];
  /** Two devices wrote it without seeing each other: `manual` waits for a person, `lww` only lists it. */
  readonly onConflict: 'manual' | 'lww';
  readonly comment: string;
  /** Carries the type of the cell; never present at run time. */
  readonly type?: T;
}

export interface ColumnOptions {
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly check?: string;
  readonly renamedFrom?: readonly string[];
  readonly onConflict?: 'manual' | 'lww';
  readonly comment?: string;
  readonly default?: CellValue;
}

/** `mutable`: cells merge. `append-only`: inserted once. `sealed`: mutable until the row's seal is set. */
export type TableClass = 'mutable' | 'append-only' | 'sealed';

export interface TableOptions {
  readonly family: string;
  /** Column whose UUIDv7 names the month document; absent: the family is one document. */
  readonly bucket?: string;
  readonly class?: TableClass;
  /** For class `sealed`: SQL expression that is true once the row is sealed, e.g. `status = 'signed'`. */
  readonly sealedWhen?: string;
  /**
   * For class `sealed`: column that names the whole which this row is a part of. Once that is sealed it takes no parts that
   * are not sealed with it: a local write of one is refused, one that comes late from elsewhere is a violation [SEAL-1].
   */
  readonly partOf?: string;
  readonly onDeleteConflict?: 'delete-wins' | 'edit-wins';
  /** Composite indexes, each a list of columns. */
  readonly indexes?: readonly (readonly string[])[];
  /** Composite unique keys; rows with a null in one are not compared. */
  readonly uniques?: readonly (readonly string[])[];
  /** SQL expressions over several columns of the row. */
  readonly checks?: readonly string[];
  readonly renamedFrom?: readonly string[];
  readonly comment?: string;
}

export interface Table<Columns extends Record<string, Column> = Record<string, Column>> {
  readonly name: string;
  readonly family: string;
  readonly bucket: string | undefined;
  readonly class: TableClass;
  readonly sealedWhen: string | undefined;
  readonly partOf: string | undefined;
  readonly onDeleteConflict: 'delete-wins' | 'edit-wins';
  readonly indexes: readonly (readonly string[])[];
  readonly uniques: readonly (readonly string[])[];
  readonly checks: readonly string[];
  readonly renamedFrom: readonly string[];
  readonly comment: string;
  /** Without `id`, which every table has as its primary key. In order of declaration. */
  readonly columns: Columns;
}

export interface Family {
  readonly name: string;
  /** True when its documents are cut by month. */
  readonly bucketed: boolean;
}

export interface Schema {
  /** Counts up by one with every change; travels in every commit. */
  readonly version: number;
  /** Replicas below it keep working locally but are told to update before they send. */
  readonly minVersion: number;
  readonly families: readonly Family[];
  readonly tables: readonly Table[];
}

type CellOf<C> = C extends Column<infer T> ? T : never;
/** The row that SQL gives back: `Row<typeof vehicles>`. */
export type Row<T extends Table> = { readonly id: string } & {
  readonly [K in keyof T['columns']]: CellOf<T['columns'][K]>;
};

function column<T>(
  kind: ColumnKind,
  fallback: CellValue,
  options: ColumnOptions,
  references?: string,
): Column<T> {
  return {
    kind,
    nullable: false,
    fallback: options.default ?? fallback,
    unique: options.unique ?? false,
    index: options.index ?? false,
    ...(options.check === undefined ? {} : { check: options.check }),
    ...(references === undefined ? {} : { references }),
    renamedFrom: options.renamedFrom ?? [],
    onConflict: options.onConflict ?? 'lww',
    comment: options.comment ?? '',
  };
}

export const text = (options: ColumnOptions = {}): Column<string> => column('text', '', options);
export const integer = (options: ColumnOptions = {}): Column<number> => column('integer', 0, options);
export const real = (options: ColumnOptions = {}): Column<number> => column('real', 0, options);
export const boolean = (options: ColumnOptions = {}): Column<number> => column('boolean', 0, options);
/** Epoch milliseconds, UTC. */
export const timestamp = (options: ColumnOptions = {}): Column<number> => column('timestamp', 0, options);
/** Integer minor units: cents, not euros. */
export const money = (options: ColumnOptions = {}): Column<number> => column('money', 0, options);
/** Integer thousandths. */
export const quantity = (options: ColumnOptions = {}): Column<number> => column('quantity', 0, options);
export const json = (options: ColumnOptions = {}): Column<string> => column('json', '{}', options);
export const sharedText = (options: ColumnOptions = {}): Column<string> => column('sharedText', '', options);
export const reference = (table: string, options: ColumnOptions = {}): Column<string> =>
  column('reference', '', { index: true, ...options }, table);

/** The same column, where null means "not known" or "not yet", and is what a row starts with. */
export function optional<T>(of: Column<T>, options: { readonly default?: CellValue } = {}): Column<T | null> {
  return { ...of, nullable: true, fallback: options.default ?? null } as Column<T | null>;
}

/** Columns that every replicated table has beyond `id`; who changed a row later comes from its registers. */
export const COMMON_COLUMNS = {
  created_at: timestamp({ comment: 'when the row was made, by the device that made it' }),
  created_by: text({ comment: 'user who made the row' }),
  created_device: text({ comment: 'device that made the row' }),
} as const;

export function defineTable<const Columns extends Record<string, Column>>(
  name: string,
  options: TableOptions,
  columns: Columns,
): Table<Columns & typeof COMMON_COLUMNS> {
  return {
    name,
    family: options.family,
    bucket: options.bucket,
    class: options.class ?? 'mutable',
    sealedWhen: options.sealedWhen,
    partOf: options.partOf,
    onDeleteConflict: options.onDeleteConflict ?? 'delete-wins',
    indexes: options.indexes ?? [],
    uniques: options.uniques ?? [],
    checks: options.checks ?? [],
    renamedFrom: options.renamedFrom ?? [],
    comment: options.comment ?? '',
    columns: { ...columns, ...COMMON_COLUMNS },
  };
}

/** Throws when two tables share a name, a bucket or reference names nothing, or a family is unknown. */
export function defineSchema(schema: Schema): Schema {
  const names = new Set<string>();
  const families = new Map(schema.families.map((family) => [family.name, family]));
  for (const table of schema.tables) {
    if (!/^[a-z][a-z0-9_]*$/.test(table.name)) throw new Error(`table "${table.name}": use a-z, 0-9 and _`);
    if (names.has(table.name)) throw new Error(`table "${table.name}" is defined twice`);
    names.add(table.name);
    const family = families.get(table.family);
    if (!family) throw new Error(`table "${table.name}": family "${table.family}" is not in the schema`);
    if (family.bucketed !== (table.bucket !== undefined)) {
      throw new Error(`table "${table.name}": bucket must be given exactly when its family is cut by month`);
    }
    if (table.bucket !== undefined && table.bucket !== 'id' && !(table.bucket in table.columns)) {
      throw new Error(`table "${table.name}": bucket column "${table.bucket}" does not exist`);
    }
  }
  for (const table of schema.tables) {
    for (const [name, { references }] of Object.entries(table.columns)) {
      if (references !== undefined && !names.has(references)) {
        throw new Error(`column "${table.name}.${name}" references "${references}", which is not a table`);
      }
    }
    const { partOf, sealedWhen } = table;
    if (partOf === undefined) continue;
    const whole = schema.tables.find(({ name }) => name === table.columns[partOf]?.references);
    if (sealedWhen === undefined || whole?.sealedWhen === undefined) {
      throw new Error(`table "${table.name}": partOf must name a reference, and both tables must be sealed`);
    }
  }
  return schema;
}
