/**
 * Undo and redo of this replica's own writes: each is a new commit that puts the cells back which the undone commit
 * changed. It refuses when one of them was changed again since, by whomever: nobody's later write is touched [UNDO-1].
 * The latest steps outlive a reload, among the notes of the store [UNDO-3].
 */
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlRow } from '../../shared/mirror/sql.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { Statement, UndoResult } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import type { OutboxEntry, UndoNote, UndoStep } from './store/store.ts';
import type { Writer } from './writer.ts';

/** Steps kept; a person undoes the last few. */
const MAX_STEPS = 100;
/** A bulk import is undone by its own means, not from memory. */
const MAX_ROWS_PER_STEP = 2_000;

/** What is kept over a restart, of both directions: the latest steps that come to so many rows. */
const MAX_KEPT_ROWS = 300;

export class UndoStack {
  readonly #core: Core;
  readonly #writer: Writer;
  readonly #done: UndoStep[] = [];
  #undone: UndoStep[] = [];
  /** What the commit being made right now is for. */
  #doing: 'write' | 'undo' | 'redo' = 'write';

  /** Called when the steps are others. */
  onChanged: () => void = () => {};

  /** `kept`: what `note` gave in an earlier life. */
  constructor(core: Core, writer: Writer, kept: UndoNote | undefined) {
    this.#core = core;
    this.#writer = writer;
    if (kept?.schemaVersion === core.schema.version) {
      this.#done.push(...kept.done);
      this.#undone.push(...kept.undone);
    }
    writer.onCommit = (entry, changes) => this.#made(entry, changes);
  }

  note(): UndoNote {
    let rows = 0;
    const latest = (steps: readonly UndoStep[]) => {
      const kept: UndoStep[] = [];
      for (const step of [...steps].reverse()) {
        rows += step.rows.length;
        if (rows > MAX_KEPT_ROWS) break;
        kept.unshift(step);
      }
      return kept;
    };
    return {
      schemaVersion: this.#core.schema.version,
      done: latest(this.#done),
      undone: latest(this.#undone),
    };
  }

  /** The last step, or the one that `commit` made, whatever was done after it [UNDO-4]. */
  async undo(commit?: string): Promise<UndoResult> {
    const step = commit === undefined ? this.#done.at(-1) : this.#done.find((made) => made.commit === commit);
    if (!step) return { done: false, because: 'nothing-to-undo' };
    const result = await this.#reverse(step, 'undo');
    return result;
  }

  async redo(): Promise<UndoResult> {
    const step = this.#undone.at(-1);
    if (!step) return { done: false, because: 'nothing-to-redo' };
    return this.#reverse(step, 'redo');
  }

  /** What the steps hold must not outlive the right to read it. */
  clear(): void {
    this.#done.length = 0;
    this.#undone = [];
    this.onChanged();
  }

  #made(entry: OutboxEntry, changes: readonly RowChange[]): void {
    if (this.#doing !== 'write' || changes.length > MAX_ROWS_PER_STEP) return;
    this.#undone = [];
    this.#push(this.#done, stepOf(entry.commit.id, entry.commit.label, changes));
  }

  async #reverse(step: UndoStep, doing: 'undo' | 'redo'): Promise<UndoResult> {
    const blocked = this.#blockedBy(step);
    if (blocked !== undefined) return { done: false, because: blocked };
    const [from, to] = doing === 'undo' ? [this.#done, this.#undone] : [this.#undone, this.#done];
    this.#doing = doing;
    try {
      const { commit } = await this.#writer.transaction(this.#statementsOf(step), {
        label: `${doing}:${step.label}`,
      });
      from.splice(from.indexOf(step), 1);
      this.#push(to, {
        ...(commit === undefined ? {} : { commit }),
        label: step.label,
        rows: step.rows.map(({ table, id, before, after }) => ({ table, id, before: after, after: before })),
      });
      return commit === undefined
        ? { done: false, because: 'nothing-changed' }
        : { done: true, commit, label: step.label };
    } catch (error) {
      return { done: false, because: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#doing = 'write';
    }
  }

  /** Why the step cannot be taken back: the first row that is no longer as the step left it. */
  #blockedBy(step: UndoStep): string | undefined {
    for (const { table, id, before, after } of step.rows) {
      if (this.#tableClass(table) === 'append-only')
        return `rows of ${table} are only added; write a correction`;
      const now = this.#core.sql.rows(`select * from "${table}" where id = ?`, [id])[0];
      if ((now === undefined) !== (after === undefined)) return `${table} ${id} was changed since`;
      if (!now || !after) continue;
      const cells = before ? changedCells(before, after) : Object.keys(after);
      if (cells.some((cell) => !same(now[cell], after[cell]))) return `${table} ${id} was changed since`;
    }
    return undefined;
  }

  #statementsOf(step: UndoStep): Statement[] {
    // Children before parents on the way out, parents before children on the way in: the reverse of their making.
    return [...step.rows].reverse().flatMap(({ table, id, before, after }): Statement[] => {
      if (!before) return [{ sql: `delete from "${table}" where id = ?`, params: [id] }];
      if (!after) {
        const cells = Object.keys(before);
        return [
          {
            sql: `insert into "${table}" (${cells.map(quoted).join(', ')}) values (${cells.map(() => '?').join(', ')})`,
            params: cells.map((cell) => before[cell]!),
          },
        ];
      }
      const cells = changedCells(before, after);
      if (cells.length === 0) return [];
      return [
        {
          sql: `update "${table}" set ${cells.map((cell) => `${quoted(cell)} = ?`).join(', ')} where id = ?`,
          params: [...cells.map((cell) => before[cell]!), id],
        },
      ];
    });
  }

  #tableClass(table: string): string | undefined {
    return this.#core.schema.tables.find(({ name }) => name === table)?.class;
  }

  #push(to: UndoStep[], step: UndoStep): void {
    to.push(step);
    this.onChanged();
    if (to.length > MAX_STEPS) to.shift();
  }
}

function stepOf(commit: string, label: string, changes: readonly RowChange[]): UndoStep {
  // Read now: a change gives its cells lazily, and the document may leave memory.
  return {
    commit,
    label,
    rows: changes.map(({ table, id, before, after }) => ({ table, id, before, after })),
  };
}

function changedCells(before: SqlRow, after: SqlRow): string[] {
  return Object.keys(after).filter((cell) => !same(before[cell], after[cell]));
}

function same(a: CellValue | undefined, b: CellValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  return a === b;
}

function quoted(name: string): string {
  return `"${name}"`;
}
