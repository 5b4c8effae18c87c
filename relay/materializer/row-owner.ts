/** Which document a row of the report belongs to: by the same rule as the replica's mirror. */
import { routeOf } from '../../shared/documents/route.ts';
import type { Table } from '../../shared/schema/table.ts';
import type { ReportRow } from './report-row.ts';

/** True for a table whose rows stand in their parent's document: only such a row can be in two. */
export function isChild(table: Table): boolean {
  return table.bucket !== undefined && table.bucket !== 'id';
}

/** Undefined when the row cannot be routed: no document shows it. */
export function ownerOf(table: Table, id: string, row: ReportRow): string | undefined {
  return routeOf(table, table.bucket === 'id' ? { id } : row);
}

/**
 * True when `document` may change what the report shows of a row. Only a child row that two devices wrote into two
 * months is in two documents: the earlier month shows it.
 */
export function mayChange(
  table: Table,
  document: string,
  change: {
    readonly id: string;
    readonly before: ReportRow | undefined;
    readonly after: ReportRow | undefined;
  },
): boolean {
  if (change.before === undefined) return true;
  const owner = ownerOf(table, change.id, change.before);
  return owner === undefined || owner === document || (change.after !== undefined && document < owner);
}
