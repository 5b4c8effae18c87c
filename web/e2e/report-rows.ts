/** Rows of schema `report` as a replica's SQL holds them, so that the two can be compared cell by cell. */
import type pg from 'pg';
import type { CellValue, Column, Schema } from '../../shared/schema/table.ts';
import type { Replica } from '../replica/replica.ts';

type Cells = Readonly<Record<string, CellValue>>;
/** Every row by `table/id`. */
export type Contents = ReadonlyMap<string, Cells>;

/** Everything `report` holds of one workspace. */
export async function reportContents(pool: pg.Pool, schema: Schema, workspace: string): Promise<Contents> {
  const contents = new Map<string, Cells>();
  for (const table of schema.tables) {
    const { rows } = await pool.query(`select * from report."${table.name}" where workspace = $1`, [
      workspace,
    ]);
    for (const row of rows as Record<string, unknown>[]) {
      const cells: Record<string, CellValue> = { id: row.id as string };
      for (const [name, column] of Object.entries(table.columns)) cells[name] = toCell(column, row[name]);
      contents.set(`${table.name}/${row.id}`, cells);
    }
  }
  return contents;
}

/** Everything a replica's SQL holds. */
export function replicaContents(replica: Pick<Replica, 'query'>, schema: Schema): Contents {
  const contents = new Map<string, Cells>();
  for (const table of schema.tables) {
    for (const row of replica.query(`select * from "${table.name}"`)) {
      const cells: Record<string, CellValue> = { id: row.id ?? null };
      for (const [name, column] of Object.entries(table.columns)) cells[name] = toCell(column, row[name]);
      contents.set(`${table.name}/${row.id}`, cells);
    }
  }
  return contents;
}

/** The first few differences in words; empty when both hold the same. */
export function differences(a: Contents, b: Contents, names: readonly [string, string]): string[] {
  const found: string[] = [];
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [JSON.stringify(a.get(key)), JSON.stringify(b.get(key))];
    if (left !== right) found.push(`${key}\n  ${names[0]}: ${left}\n  ${names[1]}: ${right}`);
  }
  return found.slice(0, 5);
}

function toCell(column: Column, value: unknown): CellValue {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (column.kind === 'json')
    return JSON.stringify(sorted(typeof value === 'string' ? JSON.parse(value) : value));
  const isNumber = ['integer', 'real', 'boolean', 'timestamp', 'money', 'quantity'].includes(column.kind);
  return isNumber ? Number(value) : (value as CellValue);
}

/** jsonb orders keys its own way. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
