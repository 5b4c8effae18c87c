/**
 * Undo and redo of this replica's own writes, since it was opened: each is a new commit that puts the cells back
 * which the undone commit changed. It refuses when one of them was changed again since, by whomever: nobody's later
 * write is touched [UNDO-1].
 */
import type { RowChange } from '../../shared/mirror/row-change.ts';
import type { SqlRow } from '../../shared/mirror/sql.ts';
import type { CellValue } from '../../shared/schema/table.ts';
import type { Statement, UndoResult } from '../client/engine-messages.ts';
import type { Core } from './core.ts';
import type { OutboxEntry } from './store/store.ts';
import type { Writer } from './writer.ts';

/** Steps kept; a person undoes the last few. */
const MAX_STEPS = 100;
/** A bulk import is undone by its own means, not from memory. */
const MAX_ROWS_PER_STEP = 2_000;

interface Step {
  readonly label: string;
  readonly rows: readonly {
    readonly table: string;
    readonly id: string;
    readonly before: SqlRow | undefined;
    readonly after: SqlRow | undefined;
  }[];
}

export class UndoStack {
  readonly #core: Core;
  readonly #writer: Writer;
  readonly #done: Step[] = [];
  #undone: Step[] = [];
  /** What the commit being made right now is for. */
  #doing: 'write' | 'undo' | 'redo' = 'write';

  constructor(core: Core, writer: Writer) {
    this.#core = core;
    this.#writer = writer;
    writer.onCommit = (entry, changes) => this.#made(entry, changes);
  }

  async undo(): Promise<UndoResult> {
    const step = this.#done.at(-1);
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
  }

  #made(entry: OutboxEntry, changes: readonly RowChange[]): void {
    if (this.#doing !== 'write' || changes.length > MAX_ROWS_PER_STEP) return;
    this.#undone = [];
    this.#push(this.#done, stepOf(entry.commit.label, changes));
  }

  async #reverse(step: Step, doing: 'undo' | 'redo'): Promise<UndoResult> {
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
  #blockedBy(step: Step): string | undefined {
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

  #statementsOf(step: Step): Statement[] {
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

  #push(to: Step[], step: Step): void {
    to.push(step);
    if (to.length > MAX_STEPS) to.shift();
  }
}

function stepOf(label: string, changes: readonly RowChange[]): Step {
  // Read now: a change gives its cells lazily, and the document may leave memory.
  return {
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
