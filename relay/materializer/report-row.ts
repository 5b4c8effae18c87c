/**
 * A merged row as the report stores it. Cells stay cells; only what Postgres has no room for (half a surrogate
 * pair) is replaced, so that no peer can write what stops a batch [MAT-6].
 */
import { storableText } from '../../shared/schema/storable-text.ts';
import type { CellValue, Column, Table } from '../../shared/schema/table.ts';

export type ReportRow = Readonly<Record<string, CellValue>>;

/** `cells` in the order of the table's columns. */
export function reportRowOf(table: Table, cells: readonly CellValue[]): ReportRow {
  const row: Record<string, CellValue> = {};
  let index = 0;
  for (const name of Object.keys(table.columns)) {
    const cell = cells[index++] ?? null;
    row[name] = typeof cell === 'string' ? storableText(cell) : cell;
  }
  return row;
}

/** A cell for a person who reads history: booleans and times as such, JSON as JSON. */
export function readableValue(column: Column, cell: CellValue): unknown {
  if (cell === null) return null;
  switch (column.kind) {
    case 'boolean':
      return cell !== 0;
    case 'timestamp':
      return new Date(Number(cell)).toISOString();
    case 'json':
      return readableJson(String(cell));
    default:
      return cell;
  }
}

/** jsonb refuses deeper nesting than its stack allows; nobody reads that anyway. */
const MAX_JSON_DEPTH = 200;

function readableJson(text: string): unknown {
  try {
    return storableJson(JSON.parse(text), 0);
  } catch {
    return storableText(text);
  }
}

/** jsonb, unlike json, looks into texts and refuses what `storableText` replaces. */
function storableJson(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_JSON_DEPTH) throw new RangeError('nested too deep');
  if (Array.isArray(value)) return value.map((item) => storableJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item, depth + 1)]),
  );
}
