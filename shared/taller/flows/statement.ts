/**
 * What a flow gives to the replica: plain SQL statements, all of them one transaction and so one commit.
 * A flow reads nothing; what it needs to know of present rows is in its input.
 */
import { newId } from '../../base/ids.ts';
import type { CellValue } from '../../schema/table.ts';

export interface Statement {
  readonly sql: string;
  readonly params: readonly CellValue[];
}

/** Who does it, where and when. Tests and the demo workspace pass their own clock and ids. */
export interface Actor {
  /** users.id */
  readonly user: string;
  readonly device: string;
  readonly nowMs: number;
  /** A UUIDv7 at that time; `newId` when absent. */
  readonly newId?: (atMs: number) => string;
}

export function idFor(actor: Actor, atMs: number = actor.nowMs): string {
  return (actor.newId ?? newId)(atMs);
}

/** A cell that SQL works out. */
export interface Expression {
  readonly expression: string;
  readonly params: readonly CellValue[];
}

type Cells = Readonly<Record<string, CellValue | Expression | undefined>>;

/** The acting user as a reference; null while the workshop has no row for the account (first minutes of a new one). */
export function knownUser(actor: Actor): Expression {
  return { expression: '(select id from users where id = ?)', params: [actor.user] };
}

/** `insert into t (id, a) values (?, ?)`; cells that are undefined are left to their defaults. */
export function insert(table: string, id: string, cells: Cells): Statement {
  const given = givenCells({ id, ...cells });
  return {
    sql: `insert into ${table} (${given.map(({ column }) => column).join(', ')}) values (${given.map(({ value }) => value).join(', ')})`,
    params: given.flatMap(({ params }) => params),
  };
}

/** `update t set a = ? where id = ?`; undefined cells are left alone. Undefined when nothing is left to set. */
export function update(table: string, id: string, cells: Cells): Statement | undefined {
  const given = givenCells(cells);
  if (given.length === 0) return undefined;
  return {
    sql: `update ${table} set ${given.map(({ column, value }) => `${column} = ${value}`).join(', ')} where id = ?`,
    params: [...given.flatMap(({ params }) => params), id],
  };
}

function givenCells(cells: Cells) {
  return Object.entries(cells).flatMap(([name, cell]) => {
    if (cell === undefined) return [];
    const column = `"${name}"`;
    if (cell !== null && typeof cell === 'object' && 'expression' in cell)
      return [{ column, value: cell.expression, params: cell.params }];
    return [{ column, value: '?', params: [cell] }];
  });
}

export function statements(...parts: readonly (Statement | readonly Statement[] | undefined)[]): Statement[] {
  return parts.flatMap((part) => (part === undefined ? [] : 'sql' in part ? [part] : [...part]));
}
