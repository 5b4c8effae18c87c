/**
 * Two builds of the engine's test schema side by side: the older one does not know a table and two columns of the
 * newer, and calls a third by its old name.
 */
import { defineSchema, type Schema, type Table } from '../../shared/schema/table.ts';
import { testSchema } from '../../shared/testing/test-schema.ts';

const UNKNOWN_TABLE = 'estimates';
const UNKNOWN_COLUMNS: Readonly<Record<string, string>> = { customers: 'vip', orders: 'odometer' };
const RENAMED = { table: 'items', from: 'mass', to: 'weight' };

export const newerSchema: Schema = defineSchema({
  ...testSchema,
  version: 2,
  tables: testSchema.tables.map((table) =>
    table.name === RENAMED.table
      ? withColumns(table, (name, column) => [
          name,
          name === RENAMED.to ? { ...column, renamedFrom: [RENAMED.from] } : column,
        ])
      : table,
  ),
});

export const olderSchema: Schema = defineSchema({
  ...testSchema,
  version: 1,
  tables: testSchema.tables
    .filter(({ name }) => name !== UNKNOWN_TABLE)
    .map((table) =>
      withColumns(table, (name, column) => {
        if (UNKNOWN_COLUMNS[table.name] === name) return undefined;
        return table.name === RENAMED.table && name === RENAMED.to ? [RENAMED.from, column] : [name, column];
      }),
    ),
});

type Columns = Table['columns'];

function withColumns(
  table: Table,
  change: (name: string, column: Columns[string]) => readonly [string, Columns[string]] | undefined,
): Table {
  const columns = Object.entries(table.columns).flatMap(([name, column]) => {
    const changed = change(name, column);
    return changed ? [changed] : [];
  });
  return { ...table, columns: Object.fromEntries(columns) };
}
