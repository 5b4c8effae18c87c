/**
 * The rows that a batch touched, from their steps to the report: what each update made of them becomes history, what
 * the last one left becomes the row. A row that two months have is settled here (twin-rows.ts).
 */
import type { PoolClient } from 'pg';
import type { Table } from '../../shared/schema/table.ts';
import { type HistoryLine, historyOf, writeHistory } from './history.ts';
import type { LogEntry } from './log-entry.ts';
import type { QuarantineNote } from './quarantine.ts';
import { type Report, type RowKey, type RowState, rowKeyText, sameRow } from './report.ts';
import type { ReportRow } from './report-row.ts';
import { isChild, mayChange, ownerOf } from './row-owner.ts';
import { TwinRows } from './twin-rows.ts';
import type { TouchedRow } from './violations.ts';
import type { WarmDocument } from './warm-document.ts';

/** A row as one update left it. */
export interface RowStep {
  readonly warm: WarmDocument;
  readonly entry: LogEntry;
  readonly table: Table;
  readonly id: string;
  readonly after: ReportRow | undefined;
}

export interface WriteRowsOptions {
  readonly report: Report;
  /** Row by row, setting aside those that Postgres refuses: for a batch that failed as a whole. */
  readonly careful: boolean;
  readonly notes: QuarantineNote[];
}

/** Answers the touched rows, and which of them came or went. */
export async function writeRows(
  client: PoolClient,
  steps: readonly RowStep[],
  { report, careful, notes }: WriteRowsOptions,
): Promise<TouchedRow[]> {
  if (steps.length === 0) return [];
  const before = await report.read(client, uniqueKeys(steps.map(keyOf)));
  const twins = await lockTwins(client, steps, before, report);
  const now = new Map<string, ReportRow | undefined>(before);
  const lines: HistoryLine[] = [];
  const last = new Map<string, RowStep>();
  for (const step of steps) {
    const key = keyOf(step);
    const text = rowKeyText(key);
    const { warm, entry, table, id } = step;
    const shown = now.get(text);
    if (!mayChange(table, warm.name, { id, before: shown, after: step.after })) {
      twins.hide(key, warm.name, step.after);
      continue;
    }
    const after = isChild(table) ? settleTwins(twins, step, shown) : step.after;
    const change = { before: shown, after, entry };
    lines.push(...historyOf({ workspace: warm.workspace, document: warm.name, id }, table, change));
    now.set(text, after);
    last.set(text, step);
  }
  const changed = [...last].filter(([text]) => !sameRow(before.get(text), now.get(text)));
  const states = changed.map(([text, step]): RowState & { step: RowStep } => ({
    ...keyOf(step),
    row: now.get(text),
    isNew: !before.has(text),
    step,
  }));
  await twins.write(client);
  if (careful) {
    for (const state of states) await attempt(client, notes, state.step, () => report.write(client, [state]));
    for (const line of lines) {
      const step = last.get(rowKeyText(line))!;
      await attempt(client, notes, { ...step, entry: line.entry }, () => writeHistory(client, [line]));
    }
  } else {
    await report.write(client, states);
    await writeHistory(client, lines);
  }
  return [...last].map(([text, step]) => ({
    ...keyOf(step),
    cameOrWent: (before.get(text) === undefined) !== (now.get(text) === undefined),
  }));
}

/** What the report shows once this month's row is as the step left it, and which row waits. */
function settleTwins(twins: TwinRows, step: RowStep, shown: ReportRow | undefined): ReportRow | undefined {
  const { warm, table, id, after } = step;
  const key = keyOf(step);
  twins.hide(key, warm.name, undefined);
  if (after === undefined) return twins.takeFirst(key);
  const owner = shown && ownerOf(table, id, shown);
  if (owner !== undefined && owner !== warm.name) twins.hide(key, owner, shown);
  return after;
}

/**
 * Rows that a step takes away, or that belong to another month, are locked and read again, `before` included: the
 * consumer of the other month must not decide by what is just changing. All others have one writer.
 */
async function lockTwins(
  client: PoolClient,
  steps: readonly RowStep[],
  before: Map<string, ReportRow>,
  report: Report,
): Promise<TwinRows> {
  const twins = new TwinRows();
  const contested = steps.filter(({ warm, table, id, after }, index) => {
    const row = before.get(rowKeyText(keyOf(steps[index]!)));
    if (!isChild(table)) return false;
    return after === undefined || (row !== undefined && ownerOf(table, id, row) !== warm.name);
  });
  if (contested.length === 0) return twins;
  const keys = uniqueKeys(contested.map(keyOf));
  const locked = await report.lock(client, keys);
  for (const key of keys) {
    const row = locked.get(rowKeyText(key));
    if (row === undefined) before.delete(rowKeyText(key));
    else before.set(rowKeyText(key), row);
  }
  await twins.read(client, keys);
  return twins;
}

/** What Postgres refuses for its value is set aside; anything else is an outage and thrown. */
async function attempt(
  client: PoolClient,
  notes: QuarantineNote[],
  { warm, entry, table, id }: RowStep,
  run: () => Promise<void>,
): Promise<void> {
  await client.query('savepoint one_row');
  try {
    await run();
    await client.query('release savepoint one_row');
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !/^(22|23|54)/.test(code)) throw error;
    await client.query('rollback to savepoint one_row');
    notes.push({
      workspace: warm.workspace,
      entry,
      reason: 'unstorable',
      detail: `Postgres refuses row ${id} of ${table.name} with ${code}`,
    });
  }
}

function keyOf({ warm, table, id }: RowStep): RowKey {
  return { workspace: warm.workspace, table: table.name, id };
}

function uniqueKeys(keys: readonly RowKey[]): RowKey[] {
  return [...new Map(keys.map((key) => [rowKeyText(key), key])).values()];
}
