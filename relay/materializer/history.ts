/** Who changed what and when: lines of `report.history`, from a row before and after one update. */
import type { PoolClient } from 'pg';
import { msOfHlc } from '../../shared/base/hlc.ts';
import { readSignedLabel } from '../../shared/protocol/signed-label.ts';
import type { Table } from '../../shared/schema/table.ts';
import type { LogEntry } from './log-entry.ts';
import { type ReportRow, readableValue } from './report-row.ts';

export interface HistoryLine {
  readonly workspace: string;
  readonly document: string;
  readonly table: string;
  readonly id: string;
  readonly action: 'insert' | 'update' | 'delete';
  /** Empty for insert and delete. */
  readonly column: string;
  readonly old: unknown;
  readonly new: unknown;
  readonly entry: LogEntry;
}

/** Nothing when the row looks the same: a write that lost leaves no line. Undefined: the row is not there. */
export function* historyOf(
  where: { readonly workspace: string; readonly document: string; readonly id: string },
  table: Table,
  step: {
    readonly before: ReportRow | undefined;
    readonly after: ReportRow | undefined;
    readonly entry: LogEntry;
  },
): Iterable<HistoryLine> {
  const { before, after, entry } = step;
  const line = { ...where, table: table.name, entry };
  if (before === undefined && after === undefined) return;
  if (before === undefined)
    yield { ...line, action: 'insert', column: '', old: null, new: setCells(table, after!) };
  else if (after === undefined)
    yield { ...line, action: 'delete', column: '', old: setCells(table, before), new: null };
  else {
    for (const [column, of] of Object.entries(table.columns)) {
      const [old, now] = [before[column] ?? null, after[column] ?? null];
      if (old === now) continue;
      yield { ...line, action: 'update', column, old: readableValue(of, old), new: readableValue(of, now) };
    }
  }
}

export async function writeHistory(client: PoolClient, lines: readonly HistoryLine[]): Promise<void> {
  if (lines.length === 0) return;
  await client.query({
    name: 'history',
    text: `
      insert into report.history (workspace, table_name, row_id, action, column_name, old_value, new_value, device,
                                  user_name, account, label, commit_id, changed_at, stored_at, document, epoch, seq)
      select workspace, table_name, row_id, action, column_name, old_value, new_value, device,
             user_name, account, label, commit_id, to_timestamp(changed_ms / 1000), to_timestamp(stored_ms / 1000),
             document, epoch, seq
        from json_to_recordset($1::json) as line (
               workspace text, table_name text, row_id text, action text, column_name text, old_value jsonb,
               new_value jsonb, device text, user_name text, account text, label text, commit_id uuid,
               changed_ms float8, stored_ms float8, document text, epoch int, seq int)`,
    values: [JSON.stringify(lines.map(recordOf))],
  });
}

function recordOf({ entry, ...line }: HistoryLine): Record<string, unknown> {
  const { person } = readSignedLabel(entry.label ?? '');
  return {
    workspace: line.workspace,
    table_name: line.table,
    row_id: line.id,
    action: line.action,
    column_name: line.column,
    old_value: line.old,
    new_value: line.new,
    device: entry.device,
    user_name: person ?? entry.user,
    account: entry.user,
    label: entry.label,
    commit_id: entry.commit,
    changed_ms: entry.hlc === undefined ? entry.storedAtMs : msOfHlc(entry.hlc),
    stored_ms: entry.storedAtMs,
    document: line.document,
    epoch: entry.epoch,
    seq: entry.seq,
  };
}

/** The cells of a row that hold something: an inserted row is one line, so it should be a short one. */
function setCells(table: Table, row: ReportRow): unknown {
  const cells: Record<string, unknown> = {};
  for (const [column, of] of Object.entries(table.columns)) {
    const cell = row[column] ?? null;
    if (cell !== null) cells[column] = readableValue(of, cell);
  }
  return cells;
}
