/**
 * One batch, inside its transaction: applies the entries to the documents in memory, and writes what changed in
 * their rows, who changed it, the conflicts, what was set aside, and the cursors. All of it commits or none: that
 * is what makes it exactly once [MAT-1].
 */
import type { PoolClient } from 'pg';
import type { Touched } from '../../shared/registers/document-rows.ts';
import { storableText } from '../../shared/schema/storable-text.ts';
import type { Schema, Table } from '../../shared/schema/table.ts';
import type { BatchPart } from './batch.ts';
import type { Breath } from './breath.ts';
import { writeConflicts } from './conflicts.ts';
import type { LogEntry } from './log-entry.ts';
import { type QuarantineNote, setAside, settleWaiting } from './quarantine.ts';
import type { Report } from './report.ts';
import { type ReportRow, reportRowOf } from './report-row.ts';
import { ownerOf } from './row-owner.ts';
import type { BreachRow, Violations } from './violations.ts';
import type { WarmDocument } from './warm-document.ts';
import { isReported, type WarmDocuments } from './warm-documents.ts';
import { type RowStep, writeRows } from './write-rows.ts';

export interface AdvanceContext {
  readonly schema: Schema;
  readonly report: Report;
  readonly violations: Violations;
  readonly documents: WarmDocuments;
  readonly breath: Breath;
  /** Row by row, setting aside those that Postgres refuses: for a batch that failed as a whole. */
  readonly careful: boolean;
}

export interface Advanced {
  readonly updates: number;
  readonly documents: readonly number[];
  /** When the oldest update of the batch was stored; undefined when there was none. */
  readonly oldestStoredAtMs: number | undefined;
}

/** Somebody else settled an update that waits in this memory: open the documents afresh and do the batch again. */
export class StaleMemoryError extends Error {
  override name = 'StaleMemoryError';
}

export async function advance(
  client: PoolClient,
  parts: readonly BatchPart[],
  context: AdvanceContext,
): Promise<Advanced> {
  const steps: RowStep[] = [];
  const notes: QuarantineNote[] = [];
  const settled: LogEntry[] = [];
  const touched = new Map<WarmDocument, Map<string, Set<string>>>();
  for (const { claim, entries } of parts) {
    // A document of no family has nothing to write; its cursor moves along.
    if (entries.length === 0 || !isReported(context.schema, claim.name)) continue;
    const warm = await context.documents.open(client, claim);
    const rows = new Map<string, Set<string>>();
    touched.set(warm, rows);
    for (const entry of entries) {
      applyEntry(warm, entry, { schema: context.schema, steps, notes, settled, touched: rows });
      await context.breath.take();
    }
  }
  if (!(await settleWaiting(client, settled))) {
    throw new StaleMemoryError();
  }
  const { report, careful } = context;
  const rows = await writeRows(client, steps, { report, careful, notes });
  await writeConflicts(client, touched);
  await context.violations.settle(client, rows, breachesOf(touched));
  await setAside(client, notes);
  return moveCursors(client, parts);
}

function applyEntry(
  warm: WarmDocument,
  entry: LogEntry,
  into: {
    readonly schema: Schema;
    readonly steps: RowStep[];
    readonly notes: QuarantineNote[];
    readonly settled: LogEntry[];
    readonly touched: Map<string, Set<string>>;
  },
): void {
  const outcome = warm.apply(entry, (step) => {
    if (step.entry !== entry) into.settled.push(step.entry);
    collectSteps(warm, step.entry, step.touched, into);
  });
  const { workspace } = warm;
  if (outcome.kind === 'waiting') {
    into.notes.push({
      workspace,
      entry,
      reason: 'gap',
      detail: 'an update that it depends on has not arrived',
    });
    return;
  }
  if (outcome.kind === 'refused') {
    into.notes.push({ workspace, entry, reason: outcome.reason, detail: outcome.detail });
    return;
  }
  for (const { entry: late, reason, detail } of outcome.refusedLate) {
    into.notes.push({ workspace, entry: late, reason, detail });
  }
}

function collectSteps(
  warm: WarmDocument,
  entry: LogEntry,
  touched: Touched,
  into: { readonly schema: Schema; readonly steps: RowStep[]; readonly touched: Map<string, Set<string>> },
): void {
  for (const [name, ids] of touched) {
    const table = into.schema.tables.find((one) => one.name === name);
    if (!table) continue;
    let all = into.touched.get(name);
    if (!all) {
      all = new Set();
      into.touched.set(name, all);
    }
    for (const id of ids) {
      all.add(id);
      into.steps.push({ warm, entry, table, id: storableText(id), after: shownRow(warm, table, id) });
    }
  }
}

/** The row as this document shows it; undefined when it is deleted, or belongs to another document. */
export function shownRow(warm: WarmDocument, table: Table, id: string): ReportRow | undefined {
  const cells = warm.rows.readCells(table.name, id);
  const row = cells && reportRowOf(table, cells);
  return row && ownerOf(table, id, row) === warm.name ? row : undefined;
}

export function breachesOf(
  touched: ReadonlyMap<WarmDocument, ReadonlyMap<string, ReadonlySet<string>>>,
): BreachRow[] {
  const breaches: BreachRow[] = [];
  for (const [warm, tables] of touched) {
    for (const [table, ids] of tables) {
      for (const id of ids) {
        for (const { rule, column, device, hlc } of warm.rows.breaches(table, id)) {
          breaches.push({
            workspace: warm.workspace,
            table,
            id: storableText(id),
            kind: rule,
            column,
            device,
            hlc,
          });
        }
      }
    }
  }
  return breaches;
}

async function moveCursors(client: PoolClient, parts: readonly BatchPart[]): Promise<Advanced> {
  const moves: [document: number, epoch: number, seq: number][] = [];
  let updates = 0;
  let oldestStoredAtMs: number | undefined;
  for (const { claim, entries, exhausted } of parts) {
    const last = entries.at(-1);
    if (last) {
      moves.push([claim.document, claim.epoch, last.seq]);
      updates += entries.length;
      const storedAtMs = entries[0]!.storedAtMs;
      if (oldestStoredAtMs === undefined || storedAtMs < oldestStoredAtMs) oldestStoredAtMs = storedAtMs;
    } else if (exhausted && claim.liveEpoch > claim.epoch) {
      // The next life starts as the same rows: seq 1 is its snapshot (epoch.ts).
      moves.push([claim.document, claim.epoch + 1, 1]);
    }
  }
  if (moves.length > 0) {
    await client.query({
      name: 'move cursors',
      text: `update espejo.report_cursor c
                set epoch = m.epoch, seq = m.seq, updated_at = clock_timestamp()
               from unnest($1::int[], $2::int[], $3::int[]) as m (document, epoch, seq)
              where c.document = m.document`,
      values: [0, 1, 2].map((at) => moves.map((move) => move[at])),
    });
  }
  return { updates, documents: moves.map(([document]) => document), oldestStoredAtMs };
}
